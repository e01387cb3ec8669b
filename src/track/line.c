// New objects from an infrared line of sight alone: somewhere along the line between the ground and 80 km, climbing
// under thrust. The covariance is as long as that; a second satellite or a radar cuts it down by ordinary updates.
#include <math.h>
#include <string.h>

#include "internal.h"

#define TOP_M 80e3
#define USUAL_HEIGHT_M 20e3  // a burn is first seen above cloud, rarely much later
#define USUAL_HEIGHT_SIGMA_M 15e3
#define CLIMB_M_S 600.0
#define CLIMB_SIGMA_M_S 400.0
#define LEVEL_SIGMA_M_S 700.0
#define THRUST_M_S2 22.0
#define THRUST_SIGMA_M_S2 12.0
#define THRUST_LEVEL_M_S2 20.0
#define KNOWN_M 30e3  // a track that is vaguer may be anything
#define ALIGNED 0.9   // thrust and velocity point the same way: correlation of their level parts

// Distances along the line to the ellipsoid raised by height_m; false when it passes by.
static bool cut(const double from[3], const double unit[3], double height_m, double *near_m, double *far_m) {
  const double a = WF_WGS84_A_M + height_m, k = a / (WF_WGS84_B_M + height_m);
  const double o[3] = {from[0], from[1], from[2] * k}, u[3] = {unit[0], unit[1], unit[2] * k};
  const double uu = wf_vec_dot(u, u), ou = wf_vec_dot(o, u), oo = wf_vec_dot(o, o);
  const double d = ou * ou - uu * (oo - a * a);
  if (d < 0.0) return false;
  *near_m = (-ou - wf_sqrt(d)) / uu;
  *far_m = (-ou + wf_sqrt(d)) / uu;
  return *near_m > 0.0;
}

// Where on the line it may be: from the top of the layer down to the ground, or through the layer past the limb.
static bool segment(const wf_plot *plot, double *first_m, double *last_m) {
  double ground, unused;
  if (!cut(plot->los.origin_ecef_m, plot->los.unit_ecef, TOP_M, first_m, last_m)) return false;
  if (cut(plot->los.origin_ecef_m, plot->los.unit_ecef, 0.0, &ground, &unused)) *last_m = ground;
  return true;
}

static void set_prior(const wf_view *view, const wf_plot *plot, double first_m, double last_m, wf_filter *f) {
  const double *u = plot->los.unit_ecef;
  const double length = last_m - first_m, per_height = length / TOP_M;
  const double place = last_m - USUAL_HEIGHT_M * per_height, spread = USUAL_HEIGHT_SIGMA_M * per_height;
  const double along = spread * spread, across = place * place * view->variance[0];
  double up[3];
  *f = (wf_filter){.model = WF_MODEL_BOOST, .size = 9};
  for (int i = 0; i < 3; i++) f->x[i] = plot->los.origin_ecef_m[i] + place * u[i];
  (void)wf_track_height(f->x, up);
  for (int i = 0; i < 3; i++) {
    f->x[3 + i] = CLIMB_M_S * up[i];
    f->x[6 + i] = THRUST_M_S2 * up[i];
    for (int j = 0; j < 3; j++) {
      const double one = i == j ? 1.0 : 0.0, uu = u[i] * u[j], vv = up[i] * up[j], level = one - vv;
      const double cross = ALIGNED * LEVEL_SIGMA_M_S * THRUST_LEVEL_M_S2 * level;
      f->p[9 * i + j] = along * uu + across * (one - uu);
      f->p[9 * (3 + i) + 3 + j] = CLIMB_SIGMA_M_S * CLIMB_SIGMA_M_S * vv + LEVEL_SIGMA_M_S * LEVEL_SIGMA_M_S * level;
      f->p[9 * (6 + i) + 6 + j] =
          THRUST_SIGMA_M_S2 * THRUST_SIGMA_M_S2 * vv + THRUST_LEVEL_M_S2 * THRUST_LEVEL_M_S2 * level;
      f->p[9 * (3 + i) + 6 + j] = f->p[9 * (6 + i) + 3 + j] = cross;
    }
  }
}

static void pend_line(object *o, const wf_view *view, const wf_plot *plot) {
  wf_expected e;
  double r[WF_VIEW_DIM];
  wf_tracklet tracklet;
  wf_view_at(view, o->slot[SLOT_BOOST].x, &e);
  wf_view_residual(&e, plot, r);
  wf_increment_of_plot(&e, e.variance, r, o->slot[SLOT_BOOST].x, &tracklet);
  wf_track_note_pending(o, plot->time, WF_SOURCE_INFRARED, &tracklet);
}

// A flame where something known is coasting: its next stage has lit, long after the last. The likeliest such track.
static object *lit_again(wf_tracker *t, const wf_view *view, const wf_plot *plot) {
  object *best = NULL;
  double least = t->gate[2];
  for (uint32_t i = 0; i < t->objects; i++) {
    object *o = &t->object[i];
    if (!o->used || o->seen || !o->eligible || !wf_track_is_firm(o) || wf_track_is_gone(o)) continue;
    const int lead = wf_track_best_slot(o);
    if ((lead != SLOT_COAST && lead != SLOT_BURNT) || wf_track_has(o, SLOT_BOOST)) continue;
    wf_expected e;
    double r[WF_VIEW_DIM];
    const wf_filter *f = &o->slot[lead];
    if (f->p[0] + f->p[f->size + 1] + f->p[2 * (f->size + 1)] > KNOWN_M * KNOWN_M) continue;
    if (wf_view_expect(view, f, &e) != WF_OK) continue;
    wf_view_residual(&e, plot, r);
    const double chi2 = wf_filter_chi2(e.dim, e.s_chol, r);
    if (chi2 >= least) continue;
    least = chi2;
    best = o;
  }
  return best;
}

static void light(wf_tracker *t, object *o, const wf_plot *plot, uint32_t plot_id) {
  static const double even[SLOTS] = {0};
  const rivals none = {.own = 1.0};
  wf_track_update(t, o, plot, plot_id, even, &none);
}

void wf_track_initiate_lines(wf_tracker *t, const group *g) {
  const watcher *w = &t->watcher[g->sensor];
  for (uint32_t k = 0; k < g->count; k++) {
    const wf_plot *plot = &g->plot[k];
    double first_m, last_m;
    if (t->taken[k] || !segment(plot, &first_m, &last_m)) continue;
    wf_view view;
    wf_track_look(w, plot, &view);
    object *known = lit_again(t, &view, plot);
    if (known != NULL) {
      light(t, known, plot, t->plot_id[k]);
      continue;
    }
    object *o = wf_track_new_object(t, plot->time);
    if (o == NULL) return;
    set_prior(&view, plot, first_m, last_m, &o->slot[SLOT_BOOST]);
    o->active = 1u << SLOT_BOOST;
    o->weight[SLOT_BOOST] = 1.0;
    o->llr = wf_log(NEW_PER_SCAN / w->volume / w->clutter_density);
    o->seen = true;
    o->pub.plots = 1;
    o->pub.sources = WF_SOURCE_INFRARED;
    o->pub.first_detection = o->pub.last_update = plot->time;
    o->pub.last_sensor = g->sensor;
    wf_track_credit(o, g->sensor, plot->time);
    pend_line(o, &view, plot);
    wf_track_phase(t, o);
    t->stats.initiated++;
  }
}
