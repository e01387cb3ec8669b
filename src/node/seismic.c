// Seismic events: an agency's statement, told on with what may be said of it. Nothing here is tracked or warned of;
// what may have been an explosion is proposed as information.
#include <string.h>

#include "sensor/quakeml.h"
#include "told.h"

#define INFORM_WITHIN_S 3600.0
#define UNSTATED_M 20e3  // how well its place is known when the agency does not say
#define CHI_95 2.4477468306808166

static wf_seismic_view *find(told_state *t, const char *id, wf_nation origin) {
  for (uint32_t i = 0; i < t->seismic_count; i++)
    if (strcmp(t->seismic[i].event.id, id) == 0 && wf_nation_compare(t->seismic[i].origin, origin) == 0)
      return &t->seismic[i];
  return NULL;
}

// Full: the one of the earliest origin time gives way; NULL when the new one is earlier than all.
static wf_seismic_view *room(told_state *t, wf_time at) {
  if (t->seismic_count < WF_NODE_SEISMIC_MAX) return &t->seismic[t->seismic_count++];
  wf_seismic_view *oldest = &t->seismic[0];
  for (uint32_t i = 1; i < t->seismic_count; i++)
    if (t->seismic[i].event.time.ns < oldest->event.time.ns) oldest = &t->seismic[i];
  return oldest->event.time.ns < at.ns ? oldest : NULL;
}

// Newest origin time first.
static void sort(told_state *t) {
  for (uint32_t i = 1; i < t->seismic_count; i++)
    for (uint32_t k = i; k > 0 && t->seismic[k - 1].event.time.ns < t->seismic[k].event.time.ns; k--) {
      const wf_seismic_view swap = t->seismic[k];
      t->seismic[k] = t->seismic[k - 1];
      t->seismic[k - 1] = swap;
    }
}

static uint64_t name_of(const char *id) {
  uint64_t name = 0;
  for (; *id != '\0'; id++) name = wf_mix64(name ^ (uint64_t)(unsigned char)*id);
  return name != 0 ? name : 1;
}

// The same event is one, whoever tells it; what is older than an hour is history.
static void inform(wf_node *node, const wf_seismic_event *e, const wf_seismic_assessment *assessment) {
  if (!e->has_place || !e->has_time || wf_time_diff_s(node->now.wall, e->time) > INFORM_WITHIN_S) return;
  const double radius_m = e->horizontal_sigma_m > 0 ? CHI_95 * e->horizontal_sigma_m : UNSTATED_M;
  wf_bulletin b = {.kind = WF_BULLETIN_SEISMIC,
                   .possible_explosion = assessment->verdict == WF_SEISMIC_POSSIBLE_EXPLOSION,
                   .has_magnitude = e->has_magnitude,
                   .has_depth = e->has_depth && !e->depth_doubtful,
                   .magnitude = e->magnitude,
                   .depth_m = e->depth_m,
                   .from = e->time,
                   .to = e->time,
                   .place = {e->lat_rad, e->lon_rad, radius_m, radius_m, 0}};
  memcpy(b.origin, e->agency, strnlen(e->agency, sizeof b.origin - 1));
  (void)wf_warn_inform(node->warn, node->now.wall, name_of(e->id), &b);
  node->dirty = true;  // so that what is new is said
}

static void keep(wf_node *node, wf_nation origin, wf_time heard, const wf_seismic_event *event,
                 const wf_seismic_assessment *assessment) {
  wf_seismic_view *v = find(node->told, event->id, origin);
  if (v == NULL) v = room(node->told, event->time);
  if (v == NULL) return;
  *v = (wf_seismic_view){origin, heard, *event, *assessment};
  inform(node, event, assessment);
  sort(node->told);
}

// What a record would carry of it, field by field: angles travel in degrees, so not to the last bit.
static bool same(const wf_seismic_event *a, const wf_seismic_event *b) {
  const double x[] = {a->lat_rad * 1e6, a->lon_rad * 1e6, a->depth_m, a->magnitude},
               y[] = {b->lat_rad * 1e6, b->lon_rad * 1e6, b->depth_m, b->magnitude};
  for (int i = 0; i < 4; i++)
    if (!(x[i] - y[i] < 1e-3 && y[i] - x[i] < 1e-3)) return false;
  return a->time.ns == b->time.ns && a->has_depth == b->has_depth && a->has_magnitude == b->has_magnitude &&
         strcmp(a->type, b->type) == 0 && strcmp(a->agency, b->agency) == 0 &&
         strcmp(a->magnitude_type, b->magnitude_type) == 0;
}

static bool may_tell(const wf_node *node, const wf_audience *audience) {
  wf_release_verdict verdict;
  wf_release_judge_kind(&node->config.policy, audience, node->config.exchange.nation, WF_RELEASE_SEISMIC, &verdict);
  return verdict.allowed;
}

void node_take_seismic(wf_node *node, const wf_seismic_event *event) {
  const wf_nation own = node->config.exchange.nation;
  const wf_seismic_view *known = find(node->told, event->id, own);
  if (wf_time_diff_s(event->time, node->now.wall) > 2.0) {
    node_told_reject(node, WF_TOLD_AHEAD, event->id);
    return;
  }
  if (known != NULL && same(&known->event, event)) return;  // polled again
  wf_record_body body = {.kind = WF_BODY_SEISMIC, .valid_time = event->time};
  body.seismic.event = *event;
  wf_seismic_assess(event, &body.seismic.assessment);
  node->told->counts.seismic++;
  keep(node, own, node->now.wall, event, &body.seismic.assessment);
  for (uint32_t i = 0; i < node->share_count; i++)
    if (may_tell(node, &node->shares[i].audience))
      node_publish(node, i, node->shares[i].alerts, WF_PRIORITY_CONTRIBUTION, &body, NULL);
}

void node_merge_seismic(wf_node *node, const wf_exchange_effect *record, const wf_record_body *body) {
  keep(node, record->row.stream.origin, record->publish_time, &body->seismic.event, &body->seismic.assessment);
}

size_t wf_node_seismic(const wf_node *node, const wf_seismic_view **out, size_t cap) {
  const size_t n = node->told->seismic_count < cap ? node->told->seismic_count : cap;
  for (size_t i = 0; i < n; i++) out[i] = &node->told->seismic[i];
  return n;
}
