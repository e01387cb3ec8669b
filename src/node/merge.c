// Records of the streams, own and partners' → pictures. What is said is checked again here: the sender is not trusted.
#include "base/plant.h"
#include "core.h"

static share *share_of(wf_node *node, const wf_audience *audience) {
  for (uint32_t i = 0; i < node->share_count; i++)
    if (wf_audience_equal(&node->shares[i].audience, audience)) return &node->shares[i];
  return NULL;
}

static bool is_of(const detail *d, const wf_contribution *told) {
  return d->contribution.kind == told->kind && d->contribution.object == told->object &&
         d->stated.ns == told->valid_time.ns;
}

// What belongs to an own record that comes back from the exchange. False after a restart: nobody remembers.
static bool take_detail(share *s, const wf_contribution *told, detail *out) {
  for (size_t i = 0; s != NULL && i < s->details.count; i++) {
    if (!is_of(wf_ring_at(&s->details, i), told)) continue;
    do wf_ring_pop(&s->details, out);
    while (!is_of(out, told));
    out->contribution.id = told->id;
    out->contribution.publish_time = told->publish_time;
    return true;
  }
  return false;
}

static void insert(wf_node *node, wf_picture *picture, const wf_contribution *c) {
  switch (wf_picture_insert(picture, c)) {
    case WF_OK:
      for (uint32_t i = 0; i < node->share_count; i++)
        if (node->shares[i].common == picture && c->valid_time.ns <= node->shares[i].digest.at.ns)
          node->shares[i].digest_stale = true;
      break;
    case WF_EEXIST:
      node->counters.records_twice++;
      break;
    case WF_ETIME:
      node->counters.records_too_late++;
      break;
    case WF_EFULL:
      node_alarm(node, WF_ALARM_OVERLOAD, "the picture is full");
      break;
    default:
      node->counters.records_refused++;
      break;
  }
}

// The picture orders contributions by stream too, so the number must be the same at every node: it comes from the
// stream's own name, not from the order in which this node met it.
static uint32_t stream_key(const wf_stream_name *name) {
  return wf_contribution_stream(name->writer, (uint32_t)name->stream_class);
}

static wf_contribution_id id_of(const wf_exchange_effect *record) {
  return (wf_contribution_id){record->row.stream.origin, stream_key(&record->row.stream), record->epoch,
                              record->sequence};
}

// The national picture is over all audiences' streams; their numbers must not meet.
static uint32_t number_of(const wf_node *node, const share *s) {
  return s != NULL ? (uint32_t)(s - node->shares) : SHARES_MAX;
}

static wf_contribution_id national_id(const wf_node *node, const share *s, wf_contribution_id id) {
  id.stream |= number_of(node, s) << 16;
  return id;
}

static bool is_guarded(const wf_node *node, const share *s) {
  const wf_release_rule *rule =
      s != NULL ? wf_release_rule_for(&node->config.policy, &s->audience, WF_RELEASE_TRACKLET) : NULL;
  return rule != NULL && (rule->guard_sigma_m > 0.0 || rule->delay_s > 0.0);
}

// What the national picture takes of a record: of an own one the detailed version, unless it has that already.
static bool for_the_nation(wf_node *node, const wf_exchange_effect *record, share *s, const wf_contribution *c,
                           wf_contribution *out) {
  *out = *c;
  if (record->own) {
    detail d;
    if (take_detail(s, c, &d)) {
      *out = d.contribution;
      return d.national;
    }
    if (record->epoch == wf_exchange_epoch(node->exchange) && is_guarded(node, s)) return false;
  } else if (s != NULL && c->kind == WF_CONTRIBUTION_TRACKLET &&
             node_told_narrower(&node->heard, c, s->audience.count)) {
    return false;
  }
  return !node_heard_elsewhere(&node->heard, c, number_of(node, s));
}

static void merge_contribution(wf_node *node, const wf_exchange_effect *record, wf_contribution *c) {
  share *s = share_of(node, &record->row.stream.audience);
  wf_contribution own;
  c->id = id_of(record);
  c->publish_time = record->publish_time;
  if (s != NULL) insert(node, s->common, c);
  node->dirty = true;
  if (!for_the_nation(node, record, s, c, &own)) return;
  own.id = national_id(node, s, own.id);
  insert(node, node->national, &own);
}

static void retract(wf_node *node, const wf_exchange_effect *record) {
  const share *s = share_of(node, &record->row.stream.audience);
  const wf_contribution_id id = id_of(record);
  if (s != NULL) wf_picture_remove(s->common, &id);
  const wf_contribution_id national = national_id(node, s, id);
  wf_picture_remove(node->national, &national);
  node->counters.records_retracted++;
  node->dirty = true;
}

void node_merge(wf_node *node, const wf_exchange_effect *record) {
  if (record->kind == WF_XE_ASIDE) {  // kept and shown by the exchange's alarm, outside the picture
    node->counters.records_aside++;
    return;
  }
  if (record->kind == WF_XE_RETRACT) {
    retract(node, record);
    return;
  }
  wf_record_body body;
  char reason[WF_REASON_SIZE] = "";
  node->counters.records_in++;
  if (wf_wire_decode_record(record->bytes, &body, reason) != WF_OK) {
    node->counters.records_refused++;
    node_alarm(node, WF_ALARM_REFUSED_INPUT, "record %llu of %s refused: %s", (unsigned long long)record->sequence,
               record->row.stream.origin.code, reason);
    return;
  }
  if (wf_planted(WF_PLANT_REFUSE_LATE_ARRIVAL) && wf_time_diff_s(node->now.wall, record->valid_time) > 10.0) return;
  if (body.kind == WF_BODY_CONTRIBUTION) {
    body.contribution.valid_time = record->valid_time;
    merge_contribution(node, record, &body.contribution);
    node_value_restored(node, record->publish_time);
  }
  if (body.kind == WF_BODY_SEISMIC) node_merge_seismic(node, record, &body);
  if (body.kind == WF_BODY_PRODUCT && record->own) node_recall(node, &body.product);
  if (body.kind == WF_BODY_DIGEST && !record->own) {
    wf_picture_digest theirs = {.at = body.digest.at, .algorithm = body.digest.algorithm};
    for (int i = 0; i < WF_DIGEST_SIZE; i++) {
      theirs.record_set[i] = body.digest.record_set[i];
      theirs.picture[i] = body.digest.picture[i];
    }
    theirs.parameters = body.digest.parameters;
    theirs.track_count = body.digest.track_count;
    for (uint32_t i = 0; i < body.digest.track_count; i++)
      theirs.track[i] = (wf_picture_track_hash){body.digest.track[2 * i], body.digest.track[2 * i + 1]};
    node_compare_digest(node, record->row.stream.origin, &record->row.stream.audience, &theirs);
  }
}
