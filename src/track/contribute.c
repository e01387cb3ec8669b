// What is told to partners, from own sensors only: detections at once, increments as fast as they carry information,
// launch estimates and changes of life or phase.
#include <string.h>

#include "internal.h"
#include "motion/impact.h"

// trace(P Y): 6 = doubles what was known. What is not yet told makes the shared impact area larger than the sender's
// own; it must stay below 1.05 times. If all of the gain g lies in the area's two dimensions, it is (1 + g/2), in one
// √(1 + g).
#define GAIN_WORTH_SENDING 0.09
#define SEND_EVERY_S 0.9     // not faster than this
#define SEND_AT_LEAST_S 8.0  // not slower either, while there is anything
#define LAUNCH_EVERY_S 10.0
#define LAUNCHES_PER_CALL 4  // each takes milliseconds: a raid's are spread over calls
#define LAUNCH_WORTH 0.6     // of the velocity's variance: above it a new estimate is the old one again
#define LAUNCH_WIDER 1.3
#define LAUNCH_UNTIL_S 90.0  // later plots tell a launch point nothing new

typedef struct outbox {
  wf_contribution *out;
  size_t count, cap;
  int launches;  // solved in this call
} outbox;

static wf_contribution *put(outbox *box, const object *o, wf_contribution_kind kind, wf_time valid) {
  if (box->count == box->cap) return NULL;
  wf_contribution *c = &box->out[box->count++];
  memset(c, 0, sizeof *c);
  c->kind = (uint8_t)kind;
  c->sources = o->pub.sources;
  c->object = o->pub.id;
  c->valid_time = valid;
  return c;
}

static void put_detection(outbox *box, object *o) {
  wf_contribution *c = put(box, o, WF_CONTRIBUTION_DETECTION, o->time);
  if (c == NULL) return;
  o->owes_detection = false;
  c->detection.has_place = 1;
  c->detection.first_detection = o->pub.first_detection;
  double p[9];
  for (int i = 0; i < 3; i++) {
    c->detection.pos_ecef_m[i] = o->pub.state[i];
    for (int j = 0; j < 3; j++) p[3 * i + j] = o->pub.covariance[6 * i + j];
  }
  wf_mat_pack_upper(3, p, c->detection.covariance_m2);
}

// Whether it is too soon after the last statement: more of the same moment may come.
static bool waits(const object *o, wf_time now) {
  const double since_s = wf_time_diff_s(now, o->said_at);
  return o->said_at.ns != 0 && since_s >= 0.0 && since_s < WF_SAY_EVERY_S;
}

static void put_pending(outbox *box, object *o, wf_time now) {
  int sent = 0;
  if (o->pending_count == 0 || waits(o, now)) return;
  for (; sent < o->pending_count; sent++) {
    wf_contribution *c = put(box, o, WF_CONTRIBUTION_TRACKLET, o->pending[sent].time);
    if (c == NULL) break;
    c->sources = o->pending[sent].sources;
    c->tracklet = o->pending[sent].tracklet;
    if (c->tracklet.position_only) c->tracklet.phase = o->pub.phase;
    c->tracklet.ln_beta = o->pub.ln_beta;
    c->tracklet.ln_beta_sigma = o->pub.ln_beta_sigma;
    o->said_at = now;
  }
  memmove(o->pending, o->pending + sent, (size_t)(o->pending_count - sent) * sizeof o->pending[0]);
  o->pending_count = (uint8_t)(o->pending_count - sent);
}

// Plots with a common registration error, or of which it is not sure whose they are, are no independent increments:
// their sum would know more than the track does. Such a track is told whole.
static bool form_increment(const wf_tracker *t, object *o, wf_tracklet *out) {
  if (!wf_track_is_biased(t, o) && !o->blurred) {
    if (wf_increment_take(&o->increment, o->slot[wf_track_best_slot(o)].x, out) != WF_OK) return false;
    wf_track_lean(t, o, out);
    return true;
  }
  if (!wf_track_whole(t, o, out)) return false;
  o->blurred = false;
  out->plots = o->increment.plots;
  return true;
}

static void put_increment(const wf_tracker *t, outbox *box, object *o) {
  if (!o->increment_valid || o->increment.plots == 0) return;
  const double waited_s = wf_time_diff_s(o->time, o->increment_epoch);
  const bool worth = wf_increment_gain(&o->increment, o->p_epoch) > GAIN_WORTH_SENDING && waited_s >= SEND_EVERY_S;
  if (!worth && waited_s < SEND_AT_LEAST_S) return;
  wf_tracklet tracklet;
  if (!form_increment(t, o, &tracklet)) return;
  wf_contribution *c = put(box, o, WF_CONTRIBUTION_TRACKLET, o->time);
  if (c == NULL) return;
  c->tracklet = tracklet;
  c->tracklet.phase = o->pub.phase;
  wf_track_restart_increment(t, o);
}

// Solved back from burnout, or from the boost as it is: the notional ascent then ends where the track is. What was told
// before stands when this is clearly wider: a second burn, far from the ground, knows less of it.
static bool estimate_launch(object *o) {
  wf_launch_estimate launch;
  if (wf_motion_launch_back(o->pub.state, o->pub.covariance, 0.0, &launch) != WF_OK) return false;
  wf_launch_area area = {.valid = true, .time = wf_time_add_s(o->time, launch.delay_s)};
  area.time_sigma_s = launch.delay_sigma_s;
  area.area.lat_rad = launch.lat_rad;
  area.area.lon_rad = launch.lon_rad;
  wf_motion_ellipse(launch.cov_en_m2, 5.991, &area.area.semi_major_95_m, &area.area.semi_minor_95_m,
                    &area.area.azimuth_rad);
  if (o->pub.launch.valid && area.area.semi_major_95_m > LAUNCH_WIDER * o->pub.launch.area.semi_major_95_m)
    return false;
  o->pub.launch = area;
  return true;
}

static double velocity_variance(const object *o) {
  return o->pub.covariance[21] + o->pub.covariance[28] + o->pub.covariance[35];
}

// Under thrust every few seconds tell something new; after it, only a velocity known better.
static bool worth_again(const object *o) {
  return wf_time_diff_s(o->time, o->last_launch) >= LAUNCH_EVERY_S &&
         wf_time_diff_s(o->time, o->pub.confirmed_at) < LAUNCH_UNTIL_S &&
         (o->pub.phase == WF_PHASE_BOOST || velocity_variance(o) < LAUNCH_WORTH * o->launch_variance);
}

static void put_launch(outbox *box, object *o) {
  const bool again = worth_again(o);
  const bool ballistic = o->pub.phase == WF_PHASE_BOOST || o->pub.phase == WF_PHASE_COAST;
  if (!ballistic || (!o->owes_launch && !again) || box->count == box->cap || box->launches == LAUNCHES_PER_CALL) return;
  box->launches++;
  o->owes_launch = false;
  o->last_launch = o->time;
  o->launch_variance = velocity_variance(o);
  if (!estimate_launch(o)) return;
  put(box, o, WF_CONTRIBUTION_LAUNCH, o->time)->launch = o->pub.launch;
}

// A change of phase is seen in a plot; that an object is lost or over is a statement of now.
static void put_status(outbox *box, object *o, wf_time now) {
  const bool stated_now = o->pub.life >= WF_LIFE_LOST && o->time.ns < now.ns;
  wf_contribution *c = put(box, o, WF_CONTRIBUTION_STATUS, stated_now ? now : o->time);
  if (c == NULL) return;
  o->owes_status = false;
  c->status.life = o->pub.life;
  c->status.phase = o->pub.phase;
  c->status.reason = o->pub.reason;
}

size_t wf_tracker_contributions(wf_tracker *t, wf_time now, wf_contribution *out, size_t cap) {
  outbox box = {.out = out, .cap = cap};
  for (uint32_t n = 0; n < t->objects && box.count < cap; n++) {
    object *o = &t->object[(t->contribute_from + n) % t->objects];
    if (!o->used || !wf_track_is_firm(o)) continue;
    if (o->owes_detection) put_detection(&box, o);
    put_pending(&box, o, now);
    put_increment(t, &box, o);
    put_launch(&box, o);
    if (o->owes_status) put_status(&box, o, now);
  }
  // With too little room, the next round begins elsewhere: nobody starves.
  if ((box.count == cap || box.launches == LAUNCHES_PER_CALL) && t->objects > 0)
    t->contribute_from = (t->contribute_from + 1) % t->objects;
  return box.count;
}
