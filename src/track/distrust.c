// Sensors that are not what they are said to be, judged by what the others see of the same tracks:
//   noisy      its plots lie beside tracks that others go on seeing, far outside its stated sigmas. They are taken by
//   what
//              they are seen to be from then on.
//   misplaced  all it sees has a twin that others see and it does not: the same motion, elsewhere. Of two sensors it
//   cannot
//              be said which; a third that agrees with one of them tells.
// One that is alone is believed.
#include <math.h>

#include "internal.h"

#define NEAR_SIGMAS 40.0  // per component, of the stated noise: further off a plot is somebody else's
#define NEAR_MEMORY 0.97  // thirty looks
#define NEAR_SHARE 0.6    // of the looks at tracks that others see
#define NEAR_LOOKS 12.0
#define OTHERS_SAW_S 6.0
#define EXAMINE_EVERY_S 5.0
#define TOGETHER_S 60.0  // that long ago it shared a track with somebody
#define TWIN_PLOTS 10
#define TWIN_M_S 15.0
#define TWIN_SIGMAS 3.0
#define TWIN_TIMES 4  // examinations in a row

const char *wf_sensor_doubt_name(wf_sensor_doubt doubt) {
  static const char *const name[] = {"trusted", "noisier than stated", "not where it is said to be"};
  return (unsigned)doubt < sizeof name / sizeof *name ? name[doubt] : "unknown";
}

static uint64_t bit(uint16_t sensor) {
  return sensor < 64 ? UINT64_C(1) << sensor : 0;
}

static bool is_settled(const object *o) {
  return o->used && wf_track_is_firm(o) && !wf_track_is_gone(o) && (o->active & (o->active - 1)) == 0 &&
         o->pub.plots >= TWIN_PLOTS;
}

// The nearest plot that nobody took, in χ² of the stated noise and the track's own.
static double nearest_left(const wf_tracker *t, const group *g, const object *o) {
  wf_expected e;
  double least = 1e300;
  if (wf_view_expect(&g->view, &o->slot[wf_track_best_slot(o)], &e) != WF_OK) return least;
  for (uint32_t k = 0; k < g->count; k++) {
    double r[WF_VIEW_DIM];
    if (t->taken[k] || fabs(g->plot[k].radar.range_m - e.z[0]) > NEAR_SIGMAS * e.sigma[0]) continue;
    wf_view_residual(&e, &g->plot[k], r);
    const double chi2 = wf_filter_chi2(e.dim, e.s_chol, r);
    if (chi2 < least) least = chi2;
  }
  return least / e.dim;
}

// Before new tracks are made of what is left.
void wf_track_distrust_look(wf_tracker *t, const group *g) {
  watcher *w = &t->watcher[g->sensor];
  if (t->watchers < 2 || g->view.kind != WF_PLOT_RADAR || bit(g->sensor) == 0) return;
  for (uint32_t i = 0; i < t->objects; i++) {
    object *o = &t->object[i];
    if (!is_settled(o) || !o->eligible || (o->fed_by & ~bit(g->sensor)) == 0) continue;
    if (o->seen) {
      w->beside *= NEAR_MEMORY;
      w->judged = NEAR_MEMORY * w->judged + 1.0;
      continue;
    }
    if (wf_time_diff_s(g->time, o->pub.last_update) > OTHERS_SAW_S) continue;
    const double chi2 = nearest_left(t, g, o);
    if (chi2 > NEAR_SIGMAS * NEAR_SIGMAS) continue;
    w->beside = NEAR_MEMORY * w->beside + 1.0;
    w->judged = NEAR_MEMORY * w->judged + 1.0;
    w->beside_chi2 = w->beside_chi2 == 0.0 ? chi2 : NEAR_MEMORY * w->beside_chi2 + (1.0 - NEAR_MEMORY) * chi2;
  }
  if (w->judged < NEAR_LOOKS || w->beside < NEAR_SHARE * w->judged) return;
  for (int i = 0; i < 3; i++) w->variance[i] *= w->beside_chi2;
  w->noise_factor *= wf_sqrt(w->beside_chi2);
  w->doubt = WF_SENSOR_NOISY;
  w->beside = w->judged = w->beside_chi2 = 0.0;
}

static bool same_motion(const object *a, const object *b) {
  double apart2 = 0.0, variance = 0.0;
  for (int i = 3; i < 6; i++) {
    apart2 += (a->pub.state[i] - b->pub.state[i]) * (a->pub.state[i] - b->pub.state[i]);
    variance += a->pub.covariance[7 * i] + b->pub.covariance[7 * i];
  }
  return wf_sqrt(apart2) < TWIN_M_S + TWIN_SIGMAS * wf_sqrt(variance);
}

static bool has_twin(const wf_tracker *t, const object *own, uint64_t mine) {
  for (uint32_t i = 0; i < t->objects; i++) {
    const object *o = &t->object[i];
    if (is_settled(o) && (o->fed_by & mine) == 0 && o->time.ns == own->time.ns && same_motion(own, o)) return true;
  }
  return false;
}

// Whether it shares a track with anybody, and if not, whether all that it sees alone has a twin.
static bool sees_twins(const wf_tracker *t, uint16_t sensor) {
  const uint64_t mine = bit(sensor);
  int alone = 0, twins = 0;
  for (uint32_t i = 0; i < t->objects; i++) {
    const object *o = &t->object[i];
    if (!is_settled(o) || (o->fed_by & mine) == 0) continue;
    if ((o->fed_by & ~mine) != 0 && wf_time_diff_s(t->now, o->pub.last_update) < TOGETHER_S) return false;
    if (o->fed_by != mine) continue;
    alone++;
    twins += has_twin(t, o, mine);
  }
  return alone > 0 && twins == alone;
}

void wf_track_distrust_place(wf_tracker *t, uint16_t sensor) {
  watcher *w = &t->watcher[sensor];
  if (t->watchers < 2 || bit(sensor) == 0 || wf_time_diff_s(t->now, w->examined) < EXAMINE_EVERY_S) return;
  w->examined = t->now;
  const bool twins = sees_twins(t, sensor);
  w->twins = !twins ? 0 : w->twins < TWIN_TIMES ? w->twins + 1 : w->twins;
  if (w->twins == TWIN_TIMES) w->doubt = WF_SENSOR_MISPLACED;
  if (w->twins == 0 && w->doubt == WF_SENSOR_MISPLACED) w->doubt = WF_SENSOR_TRUSTED;
}

wf_sensor_doubt wf_tracker_sensor_doubt(const wf_tracker *t, uint16_t sensor, double *noise_factor) {
  if (sensor >= t->watchers) return WF_SENSOR_TRUSTED;
  if (noise_factor != NULL) *noise_factor = t->watcher[sensor].noise_factor;
  return (wf_sensor_doubt)t->watcher[sensor].doubt;
}
