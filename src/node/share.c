// Own tracks → contributions → release → streams. This is the only way out of the nation.
#include <string.h>

#include "base/mat.h"
#include "core.h"

static wf_priority priority_of(const wf_contribution *c) {
  return c->kind == WF_CONTRIBUTION_DETECTION || c->kind == WF_CONTRIBUTION_LAUNCH ? WF_PRIORITY_LAUNCH
                                                                                   : WF_PRIORITY_CONTRIBUTION;
}

void node_publish(wf_node *node, uint32_t share_index, uint32_t stream, wf_priority priority,
                  const wf_record_body *body, const detail *own) {
  pending p = {
      .stream = stream, .share = (uint8_t)share_index, .priority = priority, .has_detail = own != NULL, .body = *body};
  if (own != NULL) p.detail = *own;
  if (wf_ring_push(&node->pending, &p) != WF_OK)
    node_alarm(node, WF_ALARM_OVERLOAD, "more statements in one step than the queue holds (%d)", PENDING_MAX);
}

// A contribution nobody else has (so far) still serves the nation's own picture, under a name of its own.
static void keep_private(wf_node *node, const wf_contribution *c) {
  wf_contribution own = *c;
  const uint32_t stream = wf_contribution_stream(node->config.exchange.writer, WF_STREAM_PRIVATE);
  own.id = (wf_contribution_id){node->config.exchange.nation, stream, wf_exchange_epoch(node->exchange),
                                ++node->private_sequence};
  own.publish_time = node->now.wall;
  wf_picture_insert(node->national, &own);
}

// ---- Judging ------------------------------------------------------------------------------------------------------
static wf_status state_at(void *tracker, uint64_t object, wf_time at, double state[6], double covariance[36]) {
  return wf_tracker_predict(tracker, object, at, state, covariance);
}

static wf_guard_object object_of(const wf_node *node, const wf_track *t) {
  return (wf_guard_object){t->id,          t->phase,      t->sources, t->ln_beta, t->ln_beta_sigma,
                           t->last_update, node->tracker, state_at};
}

// What the policy may need to know beyond the statement itself: which own sensors fed the object, and where it is.
static wf_release_context context_of(const wf_node *node, const share *s, const wf_contribution *c,
                                     const wf_guard_object *object) {
  const wf_track *track = wf_tracker_find(node->tracker, c->object);
  wf_release_context context = {.feed_known = track != NULL, .guard = s->guard, .now = node->now.wall};
  context.object = object;
  context.fed_by = wf_tracker_fed_by(node->tracker, c->object, &context.fed_by_others);
  if (track == NULL) return context;
  context.place_known = true;
  wf_geo_lla_from_ecef(track->state, &context.place);
  context.launch_known = track->launch.valid;
  context.launch = (wf_lla){track->launch.area.lat_rad, track->launch.area.lon_rad, 0.0};
  return context;
}

static void note(wf_node *node, const share *s, const wf_contribution *c, const wf_release_verdict *verdict) {
  wf_release_note n = {.at = node->now.wall,
                       .valid_time = c->valid_time,
                       .audience = s->audience,
                       .object = c->object,
                       .policy = node->config.policy.version,
                       .kind = wf_release_kind_of(c)};
  n.outcome = verdict->allowed ? WF_RELEASE_TOLD : WF_RELEASE_WITHHELD;
  if (verdict->rule < node->config.policy.rule_count)
    memcpy(n.rule, node->config.policy.rule[verdict->rule].name, sizeof n.rule);
  memcpy(n.why, verdict->why, sizeof n.why);
  node->counters.released += verdict->allowed;
  node->counters.withheld += !verdict->allowed;
  if (node->notes.count == node->notes.capacity) node->counters.audit_lost++;
  wf_ring_push_evict(&node->notes, &n);
}

static bool judge(wf_node *node, const share *s, const wf_release_context *context, wf_contribution *c,
                  double *delay_s) {
  const wf_contribution before = *c;
  wf_release_verdict verdict;
  wf_release_judge_in(&node->config.policy, &s->audience, node->config.exchange.nation, context, c, &verdict);
  if (!verdict.held) note(node, s, verdict.allowed ? c : &before, &verdict);
  *delay_s = verdict.delay_s;
  return verdict.allowed;
}

// ---- Telling ------------------------------------------------------------------------------------------------------
// raw: what the national picture takes in its place, when it is heard back; NULL: nothing, it has it already.
static void tell(wf_node *node, uint32_t index, const wf_contribution *c, const wf_contribution *raw) {
  const share *s = &node->shares[index];
  const wf_record_body body = {.kind = WF_BODY_CONTRIBUTION, .contribution = *c, .valid_time = c->valid_time};
  detail own = {c->valid_time, raw != NULL, raw != NULL ? *raw : *c};
  // What names an object must be the same in all pictures.
  if (c->kind != WF_CONTRIBUTION_TRACKLET) own.contribution.valid_time = c->valid_time;
  if (c->kind == WF_CONTRIBUTION_DETECTION) own.contribution = *c;
  node_publish(node, index, c->kind == WF_CONTRIBUTION_DETECTION ? s->alerts : s->contributions, priority_of(c), &body,
               &own);
}

// False: it waits, so the nation takes it now.
static bool tell_now_or_later(wf_node *node, uint32_t index, double delay_s, const wf_contribution *c,
                              const wf_contribution *raw) {
  if (!(delay_s > 0.0)) {
    tell(node, index, c, raw);
    return true;
  }
  const delayed d = {wf_time_add_s(node->now.wall, delay_s), *c};
  if (wf_ring_push(&node->shares[index].delayed, &d) != WF_OK)
    node_alarm(node, WF_ALARM_OVERLOAD, "more delayed statements than the queue holds (%d)", DELAYED_MAX);
  return false;
}

static bool any_due(const wf_node *node, const wf_ring *waiting) {
  for (size_t k = 0; k < waiting->count; k++) {
    const delayed *d = wf_ring_at(waiting, k);
    if (!wf_time_before(node->now.wall, d->due)) return true;
  }
  return false;
}

static void tell_delayed(wf_node *node) {
  for (uint32_t i = 0; i < node->share_count; i++) {
    wf_ring *waiting = &node->shares[i].delayed;
    if (!any_due(node, waiting)) continue;
    for (size_t left = waiting->count; left > 0; left--) {
      delayed d;
      if (wf_ring_pop(waiting, &d) != WF_OK) break;
      if (wf_time_before(node->now.wall, d.due))
        (void)wf_ring_push(waiting, &d);
      else
        tell(node, i, &d.contribution, d.contribution.kind == WF_CONTRIBUTION_DETECTION ? &d.contribution : NULL);
    }
  }
}

static bool any_told_later(const wf_node *node) {
  for (uint32_t i = 0; i < node->config.policy.rule_count; i++)
    if (node->config.policy.rule[i].guard_sigma_m > 0.0 || node->config.policy.rule[i].delay_s > 0.0) return true;
  return false;
}

// An object's name follows from what is earliest about it, and has to be the same at every node. With a guard or
// a delay, what partners hear of an object begins later than what the nation knows of it; so the detection, which all
// hear, is stated for the second before its first plot.
static void state_first(const wf_node *node, wf_contribution *c) {
  const int64_t ns = c->detection.first_detection.ns - 1;
  const wf_time at = {ns - ns % WF_NS_PER_S};
  double state[6], covariance[36];
  if (c->detection.first_detection.ns <= 0 || c->detection.first_detection.ns > c->valid_time.ns) return;
  if (c->detection.has_place && state_at(node->tracker, c->object, at, state, covariance) == WF_OK) {
    double p[9];
    for (int i = 0; i < 9; i++) p[i] = covariance[6 * (i / 3) + i % 3];
    memcpy(c->detection.pos_ecef_m, state, sizeof c->detection.pos_ecef_m);
    wf_mat_pack_upper(3, p, c->detection.covariance_m2);
  }
  c->valid_time = at;
}

static void share_one(wf_node *node, wf_contribution *c) {
  bool told = false;
  if (c->kind == WF_CONTRIBUTION_DETECTION && any_told_later(node)) state_first(node, c);
  const wf_track *track = wf_tracker_find(node->tracker, c->object);
  const wf_guard_object object = track != NULL ? object_of(node, track) : (wf_guard_object){0};
  for (uint32_t i = 0; i < node->share_count; i++) {
    wf_contribution released = *c;
    double delay_s;
    const wf_release_context context = context_of(node, &node->shares[i], c, track != NULL ? &object : NULL);
    if (!judge(node, &node->shares[i], &context, &released, &delay_s)) continue;
    // The detailed version goes into the national picture once, with the first audience that hears of it at once.
    if (tell_now_or_later(node, i, delay_s, &released, told ? NULL : c)) told = true;
  }
  if (!told) keep_private(node, c);
}

void node_share_told(wf_node *node, uint16_t sensor, const wf_contribution *c, const double pos_ecef_m[3]) {
  bool told = false;
  for (uint32_t i = 0; i < node->share_count; i++) {
    wf_contribution released = *c;
    double delay_s;
    wf_release_context context = {.feed_known = true, .guard = node->shares[i].guard, .now = node->now.wall};
    if (sensor < 64) context.fed_by = UINT64_C(1) << sensor;
    context.fed_by_others = sensor >= 64;
    context.place_known = true;
    wf_geo_lla_from_ecef(pos_ecef_m, &context.place);
    context.launch_known = c->kind == WF_CONTRIBUTION_LAUNCH;
    if (context.launch_known) context.launch = (wf_lla){c->launch.area.lat_rad, c->launch.area.lon_rad, 0.0};
    if (!judge(node, &node->shares[i], &context, &released, &delay_s)) continue;
    if (tell_now_or_later(node, i, delay_s, &released, told ? NULL : c)) told = true;
  }
  if (!told) keep_private(node, c);
  node->dirty = true;
}

// ---- What the guard tells in place of the tracker's own increments ------------------------------------------------
static void share_guarded(wf_node *node, uint32_t index, const wf_release_rule *rule) {
  const share *s = &node->shares[index];
  const wf_guard_level level = wf_release_guard_of(rule);
  if (!wf_guard_turn(s->guard, &level, node->now.wall)) return;
  for (size_t i = 0; i < wf_tracker_count(node->tracker); i++) {
    const wf_track *t = wf_tracker_at(node->tracker, i);
    if (!wf_guard_wants(t->life)) continue;
    const wf_guard_object object = object_of(node, t);
    wf_contribution c;
    if (!wf_guard_due(s->guard, &level, &object, node->now.wall, &c)) continue;
    wf_release_context context = context_of(node, s, &c, &object);
    context.guarded = true;
    double delay_s;
    if (judge(node, s, &context, &c, &delay_s)) (void)tell_now_or_later(node, index, delay_s, &c, NULL);
  }
}

void node_share_guarded(wf_node *node) {
  for (uint32_t i = 0; i < node->share_count; i++) {
    const wf_release_rule *rule =
        wf_release_rule_for(&node->config.policy, &node->shares[i].audience, WF_RELEASE_TRACKLET);
    if (rule != NULL && rule->guard_sigma_m > 0.0) share_guarded(node, i, rule);
  }
}

void node_share(wf_node *node) {
  node_share_guarded(node);
  tell_delayed(node);
  const size_t count = wf_tracker_contributions(node->tracker, node->now.wall, node->fresh, node->fresh_cap);
  for (size_t i = 0; i < count; i++) share_one(node, &node->fresh[i]);
  if (count > 0) node->dirty = true;
}

bool node_publish_next(wf_node *node) {
  pending p;
  if (wf_ring_pop(&node->pending, &p) != WF_OK) return false;
  size_t length = 0;
  if (wf_wire_encode_record(&p.body, node->record, sizeof node->record, &length) != WF_OK) {
    node_alarm(node, WF_ALARM_OVERLOAD, "a statement does not fit a record of %d bytes", RECORD_BYTES_MAX);
    return true;
  }
  if (p.has_detail) wf_ring_push_evict(&node->shares[p.share].details, &p.detail);
  const wf_exchange_input input = {
      .kind = WF_XI_PUBLISH, .stream = p.stream, .priority = p.priority, .bytes = {node->record, length}};
  if (wf_exchange_step(node->exchange, node->now, &input) != WF_OK)
    node_alarm(node, WF_ALARM_OVERLOAD, "the exchange refused an own statement");
  return true;
}
