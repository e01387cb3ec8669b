// New objects from radar plots that nothing explains: pairs of plots a scan or two apart that a thing with a physical
// speed could have made become tentative tracks; several may share a plot, the first to be confirmed takes it.
#include <math.h>
#include <string.h>

#include "internal.h"

#define PAIR_SCANS 2.3   // a pair may be this many scan periods apart
#define PAIR_SPAN_S 8.0  // … while the period is not known
#define PAIRS_PER_PLOT 4
#define FAST_MOST_M_S 30e3  // beyond, two plots have nothing to do with each other
#define FAST_BEND_M_S2 200.0
#define FAST_BY_CHANCE 1e-6
#define LLR_OF_PAIR (-12.0)         // of the likelihood ratio with the prior of new objects, below which it is no pair
#define BALLISTIC_SPEED_M_S 3000.0  // 1-sigma per axis: anything from artillery to an intercontinental flight
#define AIR_LEVEL_M_S 220.0
#define AIR_CLIMB_M_S 25.0
#define AIR_CEILING_M 30e3
#define BOOST_CEILING_M 300e3
#define THRUST_M_S2 20.0
#define THRUST_SIGMA_M_S2 15.0

typedef struct pair {
  const start *old;
  uint32_t plot;
  double llr, air_share, dt_s;
} pair;

// ln N(v; 0, C) with C = level² (I − u uᵀ) + climb² u uᵀ + noise.
static double log_prior(const double v[3], const double up[3], double level, double climb, const double noise[9]) {
  double c[9], l[9];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      const double uu = up[i] * up[j];
      c[3 * i + j] = noise[3 * i + j] + level * level * ((i == j ? 1.0 : 0.0) - uu) + climb * climb * uu;
    }
  if (wf_mat_cholesky(3, c, l) != WF_OK) return -1e9;
  return -0.5 * (3.0 * wf_log(2.0 * WF_PI) + wf_mat_log_det_cholesky(3, l) + wf_filter_chi2(3, l, v));
}

// The likelihood that one object made both, against two false plots, by classes of speed.
static bool weigh_pair(const wf_tracker *t, const group *g, const start *old, uint32_t k, const double pos[3],
                       const double covariance[9], pair *out) {
  const wf_plot *plot = &g->plot[k];
  const double dt = wf_time_diff_s(plot->time, old->plot.time);
  double v[3], noise[9], up[3];
  wf_vec_sub(pos, old->pos, v);
  for (int i = 0; i < 3; i++) v[i] /= dt;
  for (int i = 0; i < 9; i++) noise[i] = (covariance[i] + old->covariance[i]) / (dt * dt);
  const double height = wf_track_height(pos, up);
  const double ballistic = log_prior(v, up, BALLISTIC_SPEED_M_S, BALLISTIC_SPEED_M_S, noise);
  const double air = height < AIR_CEILING_M ? log_prior(v, up, AIR_LEVEL_M_S, AIR_CLIMB_M_S, noise) : -1e9;
  const double top = ballistic > air ? ballistic : air;
  const double pb = wf_exp(ballistic - top), pa = air > -1e8 ? wf_exp(air - top) : 0.0;
  const double log_v = top + wf_log(0.5 * (pa + pb));
  // Densities per m³: of the second plot given the first, and of clutter there (d rae / d xyz = 1 / (r² cos el)).
  const watcher *w = &t->watcher[g->sensor];
  const double r = plot->radar.range_m, cos_el = wf_cos(plot->radar.el_rad);
  const double clutter = w->clutter_density / (r * r * (cos_el > 0.02 ? cos_el : 0.02));
  const double fresh = NEW_PER_SCAN / w->volume / w->clutter_density;
  const double pd = wf_track_detection_probability(w, SLOT_COAST);
  *out = (pair){.old = old, .plot = k, .dt_s = dt, .air_share = pa / (pa + pb)};
  out->llr = wf_log(pd * fresh) + wf_log(pd) + log_v - 3.0 * wf_log(dt) - wf_log(clutter);
  return out->llr > LLR_OF_PAIR;
}

static void keep_best(pair *best, uint32_t *count, const pair *p) {
  uint32_t at = *count;
  while (at > 0 && best[at - 1].llr < p->llr) at--;
  if (at == PAIRS_PER_PLOT) return;
  const uint32_t last = *count < PAIRS_PER_PLOT ? *count : PAIRS_PER_PLOT - 1;
  for (uint32_t i = last; i > at; i--) best[i] = best[i - 1];
  best[at] = *p;
  if (*count < PAIRS_PER_PLOT) ++*count;
}

// The slots a young track gets: what its height and speed leave possible.
static void share_weights(object *o, double air_share, double height_m) {
  const double boost = height_m > BOOST_CEILING_M ? 0.0 : height_m > 120e3 ? 0.1 : height_m > 60e3 ? 0.4 : 0.7;
  o->weight[SLOT_AIR] = air_share;
  o->weight[SLOT_BOOST] = (1.0 - air_share) * boost;
  o->weight[SLOT_COAST] = (1.0 - air_share) * (1.0 - boost);
  o->active = 0;
  for (int s = 0; s < SLOTS; s++)
    if (o->weight[s] > WEIGHT_MIN) o->active |= (uint8_t)(1u << s);
  wf_track_normalise(o);
}

static void batch_items(const wf_tracker *t, const object *o, wf_batch_item item[START_PLOTS]) {
  for (int k = 0; k < o->start_count; k++) {
    item[k].plot = o->start[k];
    wf_track_look(&t->watcher[o->start[k].sensor], &o->start[k], &item[k].view);
  }
}

// Velocity prior of a two-plot fit as information about (position, velocity).
static void velocity_information(const double up[3], double level, double climb, double information[36]) {
  memset(information, 0, 36 * sizeof *information);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      const double uu = up[i] * up[j];
      information[6 * (3 + i) + 3 + j] = ((i == j ? 1.0 : 0.0) - uu) / (level * level) + uu / (climb * climb);
    }
}

static bool fit_pair(object *o, int slot, const wf_batch_item *item, const double guess[6], const double up[3]) {
  const bool air = slot == SLOT_AIR;
  double information[36], mean[6] = {0};
  wf_batch_result result;
  wf_filter *f = &o->slot[slot];
  *f = (wf_filter){.model = air ? WF_MODEL_AIR : WF_MODEL_COAST, .size = 6};
  memcpy(f->x, guess, 6 * sizeof *guess);
  velocity_information(up, air ? AIR_LEVEL_M_S : BALLISTIC_SPEED_M_S, air ? AIR_CLIMB_M_S : BALLISTIC_SPEED_M_S,
                       information);
  return wf_batch_fit(item, 2, item[1].plot.time, mean, information, f, &result) == WF_OK;
}

// A boost hypothesis: from the first plot with the pair's velocity as a hint of direction only, then the second.
static void boost_from_pair(wf_tracker *t, object *o, const wf_batch_item *item, const start *old, const double v[3]) {
  wf_filter *f = &o->slot[SLOT_BOOST];
  *f = (wf_filter){.model = WF_MODEL_BOOST, .size = 9};
  const double speed = wf_vec_norm(v);
  for (int i = 0; i < 3; i++) {
    f->x[i] = old->pos[i];
    f->x[3 + i] = v[i];
    f->x[6 + i] = speed > 1.0 ? THRUST_M_S2 * v[i] / speed : 0.0;
    for (int j = 0; j < 3; j++) f->p[9 * i + j] = old->covariance[3 * i + j];
    f->p[10 * (3 + i)] = BALLISTIC_SPEED_M_S * BALLISTIC_SPEED_M_S;
    f->p[10 * (6 + i)] = THRUST_SIGMA_M_S2 * THRUST_SIGMA_M_S2;
  }
  wf_filter_predict(f, &t->noise, wf_time_diff_s(item[1].plot.time, item[0].plot.time), NULL);
  if (isnan(wf_view_update_iterated(&item[1].view, &item[1].plot, 4, f))) wf_track_slot_off(o, SLOT_BOOST);
}

static void pend_start(const wf_tracker *t, object *o, const wf_plot *plot, const double pos[3], const double v[3]) {
  wf_view view;
  wf_expected e;
  wf_tracklet tracklet;
  double state[6], r[WF_VIEW_DIM];
  memcpy(state, pos, 3 * sizeof *pos);
  memcpy(state + 3, v, 3 * sizeof *v);
  wf_track_look(&t->watcher[plot->sensor], plot, &view);
  wf_view_at(&view, state, &e);
  wf_view_residual(&e, plot, r);
  wf_increment_of_plot(&e, e.variance, r, state, &tracklet);
  wf_track_note_pending(o, plot->time, WF_SOURCE_RADAR, &tracklet);
}

static void start_track(wf_tracker *t, const group *g, const pair *p, const double pos[3]) {
  const wf_plot *plot = &g->plot[p->plot];
  object *o = wf_track_new_object(t, plot->time);
  if (o == NULL) return;
  o->start[0] = p->old->plot;
  o->start[1] = *plot;
  o->start_id[0] = p->old->id;
  o->start_id[1] = t->plot_id[p->plot];
  o->start_count = 2;
  o->starting = true;
  o->llr = p->llr;
  o->pub.plots = 2;
  o->pub.sources = WF_SOURCE_RADAR;
  o->pub.first_detection = p->old->plot.time;
  o->pub.last_update = plot->time;
  o->pub.last_sensor = plot->sensor;
  o->seen = true;
  double guess[6], v[3], up[3];
  wf_vec_sub(pos, p->old->pos, v);
  for (int i = 0; i < 3; i++) {
    v[i] /= p->dt_s;
    guess[i] = pos[i];
    guess[3 + i] = v[i];
  }
  share_weights(o, p->air_share, wf_track_height(pos, up));
  wf_batch_item item[START_PLOTS];
  batch_items(t, o, item);
  for (int s = 0; s < SLOTS; s++) {
    if (!wf_track_has(o, s)) continue;
    if (s == SLOT_BOOST)
      boost_from_pair(t, o, item, p->old, v);
    else if (!fit_pair(o, s, item, guess, up))
      wf_track_slot_off(o, s);
  }
  if (wf_track_has(o, SLOT_COAST)) wf_track_bias_refit(t, o, item);
  wf_track_normalise(o);
  if (o->active == 0) {
    wf_track_drop(t, o);
    return;
  }
  wf_track_past_add(t, o, p->old->look, p->old->at);
  wf_track_past_add(t, o, t->look_next - 1, p->plot);
  pend_start(t, o, &o->start[0], p->old->pos, v);
  pend_start(t, o, &o->start[1], pos, v);
  wf_track_credit(o, plot->sensor, plot->time);
  wf_track_phase(t, o);
  t->stats.initiated++;
}

// While a track is young every further plot refits all of them at once, without any prior.
void wf_track_refit(wf_tracker *t, object *o) {
  wf_batch_item item[START_PLOTS];
  batch_items(t, o, item);
  static const int slots[2] = {SLOT_COAST, SLOT_AIR};
  for (int k = 0; k < 2; k++) {
    if (!wf_track_has(o, slots[k]) || o->slot[slots[k]].size != 6) continue;
    wf_filter f = o->slot[slots[k]];
    wf_batch_result result;
    if (wf_batch_fit(item, o->start_count, o->time, NULL, NULL, &f, &result) != WF_OK) continue;
    o->slot[slots[k]] = f;
    if (slots[k] == SLOT_COAST) wf_track_bias_refit(t, o, item);
  }
  if (o->start_count == START_PLOTS) o->starting = false;
}

static void pairs_in_block(wf_tracker *t, const group *g, const block *b, uint32_t k, const double pos[3],
                           const double covariance[9], pair *best, uint32_t *count) {
  const wf_plot *plot = &g->plot[k];
  const double reach = SPEED_MAX_M_S * wf_time_diff_s(plot->time, b->time) + 300.0;
  uint32_t low = 0, high = b->count;
  while (low < high) {  // the block is sorted by range
    const uint32_t mid = (low + high) / 2;
    if (t->start[(b->first + mid) % t->starts_max].plot.radar.range_m < plot->radar.range_m - reach)
      low = mid + 1;
    else
      high = mid;
  }
  for (; low < b->count; low++) {
    const start *old = &t->start[(b->first + low) % t->starts_max];
    if (old->plot.radar.range_m > plot->radar.range_m + reach) break;
    if (old->id == 0) continue;  // a confirmed track has it
    double d[3];
    wf_vec_sub(pos, old->pos, d);
    if (wf_vec_dot(d, d) > reach * reach) continue;
    pair p;
    if (weigh_pair(t, g, old, k, pos, covariance, &p)) keep_best(best, count, &p);
  }
}

static bool block_is_alive(const wf_tracker *t, const block *b) {
  return b->count > 0 && t->start_next - b->first <= t->starts_max;  // not yet written over
}

// First start of a block at or beyond a range.
static uint32_t first_beyond(const wf_tracker *t, const block *b, double range_m) {
  uint32_t low = 0, high = b->count;
  while (low < high) {
    const uint32_t mid = (low + high) / 2;
    if (t->start[(b->first + mid) % t->starts_max].plot.radar.range_m < range_m)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

// Range rate from an older plot, if only something faster than any flight could have made both; 0 if not.
static double too_fast(const start *old, const wf_plot *plot, const double pos[3], const double covariance[9],
                       double sigma_m) {
  const double dt_s = wf_time_diff_s(plot->time, old->plot.time),
               rate = (plot->radar.range_m - old->plot.radar.range_m) / dt_s;
  double d[3], loose2 = 0.0;
  if (fabs(rate) < SPEED_MAX_M_S + 5.0 * 1.4142 * sigma_m / dt_s || fabs(rate) > FAST_MOST_M_S) return 0.0;
  wf_vec_sub(pos, old->pos, d);
  for (int i = 0; i < 3; i++) loose2 += covariance[4 * i] + old->covariance[4 * i];
  return wf_vec_norm(d) < FAST_MOST_M_S * dt_s + 3.0 * wf_sqrt(loose2) ? rate : 0.0;
}

// Where the link before leads to, in range, azimuth and elevation: five sigma, and as much as a path at that speed
// bends. Where a false plot may well have fallen in there by chance, nothing is said.
static bool goes_on(const watcher *w, const wf_view *view, const start *old, const wf_plot *plot) {
  const double dt_s = wf_time_diff_s(plot->time, old->plot.time);
  const double off[3] = {plot->radar.range_m - old->plot.radar.range_m - old->rate[0] * dt_s,
                         wf_wrap_pi(plot->radar.az_rad - old->plot.radar.az_rad) - old->rate[1] * dt_s,
                         plot->radar.el_rad - old->plot.radar.el_rad - old->rate[2] * dt_s};
  double chance = w->clutter_density;
  for (int c = 0; c < 3; c++) {
    const double bend = c == 0 ? 0.5 * FAST_BEND_M_S2 * dt_s * dt_s : 0.0;
    const double sigma = wf_sqrt(view->variance[c]) * (1.5 + 1.5 * dt_s / old->link_s);
    if (fabs(off[c]) > 5.0 * sigma + bend) return false;
    chance *= 2.0 * (5.0 * sigma + bend);
  }
  return chance < FAST_BY_CHANCE;
}

// The third plot of one thing that is too fast: refused. What the plot makes of a link is noted in `now` for the next.
static bool is_implausible(const wf_tracker *t, const group *g, const double pos[3], const double covariance[9],
                           start *now) {
  const watcher *w = &t->watcher[g->sensor];
  const wf_plot *plot = &now->plot;
  const double span = w->period_s > 0.0 ? PAIR_SCANS * w->period_s : PAIR_SPAN_S;
  const double sigma_m = wf_sqrt(g->view.variance[0]);
  for (uint32_t n = 0; n < BLOCKS && n < t->block_next; n++) {
    const block *b = &t->block[(t->block_next - 1 - n) % BLOCKS];
    const double dt = wf_time_diff_s(plot->time, b->time), reach = FAST_MOST_M_S * dt;
    if (dt > span) break;
    if (b->sensor != g->sensor || dt < 0.05 || !block_is_alive(t, b)) continue;
    for (uint32_t i = first_beyond(t, b, plot->radar.range_m - reach); i < b->count; i++) {
      const start *old = &t->start[(b->first + i) % t->starts_max];
      if (old->plot.radar.range_m > plot->radar.range_m + reach) break;
      const double rate = old->id != 0 ? too_fast(old, plot, pos, covariance, sigma_m) : 0.0;
      if (rate == 0.0) continue;
      now->link_s = wf_time_diff_s(plot->time, old->plot.time);
      now->rate[0] = rate;
      now->rate[1] = wf_wrap_pi(plot->radar.az_rad - old->plot.radar.az_rad) / now->link_s;
      now->rate[2] = (plot->radar.el_rad - old->plot.radar.el_rad) / now->link_s;
      if (old->rate[0] != 0.0 && goes_on(w, &g->view, old, plot)) return true;
    }
  }
  return false;
}

static void pair_up(wf_tracker *t, const group *g, uint32_t k, const double pos[3], const double covariance[9]) {
  const watcher *w = &t->watcher[g->sensor];
  const double span = w->period_s > 0.0 ? PAIR_SCANS * w->period_s : PAIR_SPAN_S;
  pair best[PAIRS_PER_PLOT];
  uint32_t count = 0;
  for (uint32_t n = 0; n < BLOCKS && n < t->block_next; n++) {
    const block *b = &t->block[(t->block_next - 1 - n) % BLOCKS];
    const double dt = wf_time_diff_s(g->plot[k].time, b->time);
    if (dt > LATE_MAX_S) break;
    if (b->sensor != g->sensor || dt > span || dt < 0.05 || !block_is_alive(t, b)) continue;
    pairs_in_block(t, g, b, k, pos, covariance, best, &count);
  }
  for (uint32_t i = 0; i < count; i++) start_track(t, g, &best[i], pos);
}

void wf_track_initiate(wf_tracker *t, const group *g) {
  block *b = &t->block[t->block_next % BLOCKS];
  block fresh = {g->sensor, g->time, t->start_next, 0};
  for (uint32_t k = 0; k < g->count; k++) {
    if (t->taken[k]) continue;
    wf_view view;
    double pos[3], covariance[9];
    wf_track_look(&t->watcher[g->sensor], &g->plot[k], &view);
    wf_view_position(&view, &g->plot[k], pos, covariance);
    pair_up(t, g, k, pos, covariance);
    start now = {.plot = g->plot[k], .id = t->plot_id[k], .look = t->look_next - 1, .at = k};
    if (is_implausible(t, g, pos, covariance, &now) && t->refused_count < REFUSED)
      t->refused[t->refused_count++] = g->plot[k];
    start *s = &t->start[t->start_next++ % t->starts_max];
    *s = now;
    memcpy(s->pos, pos, sizeof pos);
    memcpy(s->covariance, covariance, sizeof covariance);
    fresh.count++;
  }
  if (fresh.count == 0) return;
  *b = fresh;
  t->block_next++;
}
