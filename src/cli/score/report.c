#include "report.h"

#include <math.h>

static json_t *number(double x) {
  return isfinite(x) ? json_real(x) : json_null();
}

static void put(json_t *object, const char *name, double x) {
  json_object_set_new(object, name, number(x));
}

static void put_count(json_t *object, const char *name, uint64_t n) {
  json_object_set_new(object, name, json_integer((json_int_t)n));
}

static double over(double sum, uint64_t n) {
  return n > 0 ? sum / (double)n : NAN;
}

static double root_mean(double squared, uint64_t n) {
  return wf_score_rmse(squared, n);
}

static json_t *run_object(const wf_score_result *r) {
  const wf_score_scene *s = r->scene;
  json_t *o = json_object();
  put_count(o, "scans", s->scans);
  put_count(o, "truths", s->truth.objects);
  put_count(o, "tracks", s->track.objects);
  put_count(o, "reports", s->track.rows);
  put_count(o, "reports_not_confirmed", s->tracks->not_confirmed);
  put(o, "cutoff_m", r->matches->cutoff_m);
  put(o, "from_age_s", r->from_age_s);
  return o;
}

static json_t *nees_object(const wf_score_errors *e) {
  const uint64_t n = e->all.with_covariance;
  if (n == 0) return json_null();
  json_t *o = json_object();
  double lower, upper;
  wf_score_nees_bounds(e->objects, &lower, &upper);
  put(o, "mean", over(e->all.nees, n));
  put_count(o, "dof", WF_SCORE_DOF);
  put(o, "lower_95", lower);
  put(o, "upper_95", upper);
  put_count(o, "objects", e->objects);
  put_count(o, "reports", n);
  put_count(o, "scans", e->scans_with);
  put_count(o, "scans_inside", e->scans_inside);
  put(o, "inside_fraction", over(e->scans_inside, e->scans_with));
  return o;
}

static json_t *gospa_object(const wf_score_result *r, const wf_score_gospa_mean *g) {
  json_t *o = json_object();
  put(o, "distance", g->distance_m);
  put(o, "localisation", g->localisation_m2);
  put(o, "missed", g->missed_m2);
  put(o, "false", g->false_m2);
  put(o, "n_missed", g->n_missed);
  put(o, "n_false", g->n_false);
  put(o, "cutoff_m", r->matches->cutoff_m);
  put_count(o, "p", 2);
  put_count(o, "alpha", 2);
  return o;
}

static json_t *ospa_object(const wf_score_result *r, const wf_score_gospa_mean *g) {
  json_t *o = json_object();
  put(o, "distance", g->ospa_m);
  put(o, "cutoff_m", r->matches->cutoff_m);
  put_count(o, "p", 2);
  return o;
}

static void put_siap(json_t *o, const wf_score_siap *s) {
  put(o, "completeness", s->completeness);
  put(o, "ambiguity", s->ambiguity);
  put(o, "spuriousness", s->spuriousness);
  put(o, "position_accuracy_m", s->position_accuracy_m);
  put(o, "velocity_accuracy_m_s", s->velocity_accuracy_m_s);
}

static json_t *siap_object(const wf_score_siap_run *s) {
  json_t *o = json_object();
  put_siap(o, &s->total);
  put(o, "rate_of_number_changes", s->rate_of_number_changes_per_s);
  put(o, "longest_track_segment", s->longest_track_segment);
  put_count(o, "associations", s->associations);
  return o;
}

static json_t *nearest_object(const wf_score_nearest *n) {
  json_t *o = json_object();
  put_siap(o, &n->siap);
  return o;
}

static json_t *assignment_object(const wf_score_result *r) {
  const wf_score_band *all = &r->assignment_errors->all;
  json_t *o = json_object();
  put(o, "rmse_position_m", wf_score_rmse(all->position_m2, all->reports));
  put(o, "rmse_velocity_m_s", wf_score_rmse(all->velocity_m2_s2, all->reports));
  put(o, "nees_mean", over(all->nees, all->with_covariance));
  put(o, "completeness", r->nearest->assigned_completeness);
  put_count(o, "number_changes", r->nearest->number_changes);
  return o;
}

static json_t *identity_object(const wf_score_identity *i) {
  json_t *o = json_object();
  json_object_set_new(o, "by", json_string(i->by_label ? "label" : "nearest"));
  if (!i->by_label) return o;
  put_count(o, "tracks_identified", i->identified);
  put_count(o, "tracks_unidentified", i->unidentified);
  put_count(o, "changes", i->changes);
  put(o, "completeness", i->completeness);
  put(o, "ambiguity", i->ambiguity);
  put(o, "window_s", WF_SCORE_IDENTITY_WINDOW_S);
  return o;
}

static json_t *band_object(const wf_score_band *b, bool bounded) {
  json_t *o = json_object();
  put(o, "from_s", b->from_s);
  put(o, "to_s", b->to_s);
  put_count(o, "reports", b->reports);
  put(o, "rmse_position_m", wf_score_rmse(b->position_m2, b->reports));
  put(o, "rmse_velocity_m_s", wf_score_rmse(b->velocity_m2_s2, b->reports));
  put(o, "nees_mean", over(b->nees, b->with_covariance));
  if (!bounded) return o;
  put_count(o, "reports_with_bound", b->with_bound);
  put(o, "bound_position_m", root_mean(b->bound_position_m2, b->with_bound));
  put(o, "bound_velocity_m_s", root_mean(b->bound_velocity_m2_s2, b->with_bound));
  put(o, "efficiency_position", wf_score_efficiency(b->bounded_position_m2, b->bound_position_m2));
  put(o, "efficiency_velocity", wf_score_efficiency(b->bounded_velocity_m2_s2, b->bound_velocity_m2_s2));
  return o;
}

static json_t *age_array(const wf_score_result *r) {
  json_t *array = json_array();
  for (int i = 0; i < WF_SCORE_BANDS; i++)
    json_array_append_new(array, band_object(&r->errors->band[i], r->bounds != NULL));
  return array;
}

// Root mean square over the truths of the bound at each one's last state with a bound.
static void put_final_bound(json_t *o, const wf_score_result *r) {
  const wf_score_side *truth = &r->scene->truth;
  double position = 0.0, velocity = 0.0;
  uint64_t objects = 0;
  for (size_t k = 0; k < truth->objects; k++)
    for (uint32_t i = truth->begin[k + 1]; i-- > truth->begin[k];) {
      const uint32_t row = truth->order[i];
      if (isnan(r->bounds->position_m2[row])) continue;
      position += r->bounds->position_m2[row];
      velocity += r->bounds->velocity_m2_s2[row];
      objects++;
      break;
    }
  put(o, "final_position_m", root_mean(position, objects));
  put(o, "final_velocity_m_s", root_mean(velocity, objects));
}

static json_t *bound_object(const wf_score_result *r) {
  if (r->bounds == NULL) return json_null();
  json_t *o = json_object();
  put_count(o, "objects_in_coast", r->bounds->objects_of[WF_SCORE_MOTION_COAST]);
  put_count(o, "objects_flying_straight", r->bounds->objects_of[WF_SCORE_MOTION_STRAIGHT]);
  put_count(o, "objects_without", r->bounds->objects_of[WF_SCORE_MOTION_NEITHER]);
  put_count(o, "states_without", r->bounds->rows_without);
  const wf_score_band *all = &r->errors->all;
  put(o, "position_m", root_mean(all->bound_position_m2, all->with_bound));
  put(o, "velocity_m_s", root_mean(all->bound_velocity_m2_s2, all->with_bound));
  put_final_bound(o, r);
  return o;
}

static json_t *efficiency_object(const wf_score_result *r) {
  if (r->bounds == NULL) return json_null();
  const wf_score_band *all = &r->errors->all;
  json_t *o = json_object();
  put(o, "position", wf_score_efficiency(all->bounded_position_m2, all->bound_position_m2));
  put(o, "velocity", wf_score_efficiency(all->bounded_velocity_m2_s2, all->bound_velocity_m2_s2));
  put_count(o, "reports", all->with_bound);
  return o;
}

static json_t *starts_object(const wf_score_starts *s) {
  if (s == NULL) return json_null();
  json_t *o = json_object();
  put_count(o, "objects_detected", s->objects);
  put_count(o, "objects_never_tracked", s->never);
  put(o, "mean_delay_s", s->mean_delay_s);
  put(o, "within_three_scans_fraction", over(s->within_three_scans, s->objects));
  return o;
}

static json_t *impact_item(const wf_score_scene *scene, const wf_score_impact *i) {
  json_t *o = json_object();
  put(o, "time_s", scene->scan[scene->track.scan[i->track_row]].time_s);
  json_object_set_new(o, "track", json_string(scene->tracks->name[scene->track.object[i->track_row]]));
  json_object_set_new(o, "truth", json_integer(scene->truth_id[i->truth]));
  put(o, "error_km", i->error_m * 1e-3);
  put(o, "time_error_s", i->time_error_s);
  put(o, "time_to_impact_s", i->ahead_s);
  const bool area = i->claim->semi_major_95_m > 0.0;
  put(o, "bound_km", sqrt(i->bound_m2) * 1e-3);
  put(o, "semi_major_95_m", area ? i->claim->semi_major_95_m : NAN);
  json_object_set_new(o, "inside_95", area ? json_boolean(i->inside_95) : json_null());
  return o;
}

static json_t *impact_array(const wf_score_result *r) {
  if (r->impacts == NULL) return json_null();
  json_t *array = json_array();
  for (size_t i = 0; i < r->impacts->count; i++)
    json_array_append_new(array, impact_item(r->scene, &r->impacts->impact[i]));
  return array;
}

static void put_bounded(json_t *o, const wf_score_impact_sum *sum) {
  put_count(o, "claims_with_bound", sum->claims);
  put(o, "bound_m", root_mean(sum->bound_m2, sum->claims));
  put(o, "efficiency", wf_score_efficiency(sum->squared_m2, sum->bound_m2));
}

static json_t *bounded_object(const wf_score_impact_sum *sum) {
  json_t *o = json_object();
  put_bounded(o, sum);
  return o;
}

static json_t *impact_summary(const wf_score_impacts *i) {
  if (i == NULL) return json_null();
  json_t *o = json_object();
  put_count(o, "claims", i->count);
  put(o, "median_error_km", i->median_m * 1e-3);
  put(o, "inside_95_fraction", over((double)i->inside, i->with_area));
  put_count(o, "objects", i->objects);
  put(o, "final_rms_error_m", i->final_rms_m);
  put(o, "final_median_error_m", i->final_median_m);
  put_bounded(o, &i->all);
  json_object_set_new(o, "final", bounded_object(&i->final));
  json_t *age = json_array();
  for (int b = 0; b < WF_SCORE_BANDS; b++) {
    json_t *band = bounded_object(&i->band[b]);
    put(band, "from_s", WF_SCORE_BAND_S[b]);
    put(band, "to_s", WF_SCORE_BAND_S[b + 1]);
    json_array_append_new(age, band);
  }
  json_object_set_new(o, "age", age);
  return o;
}

static json_t *scan_object(const wf_score_result *r, uint32_t scan) {
  const wf_score_scan *s = &r->scene->scan[scan];
  wf_score_gospa g;
  wf_score_siap siap;
  wf_score_gospa_scan(r->scene, r->matches, scan, &g);
  wf_score_siap_of(&r->siap->scan[scan], &siap);
  json_t *o = json_object(), *parts = json_object(), *attributes = json_object();
  put(o, "time_s", s->time_s);
  put_count(o, "truths", s->truth_end - s->truth_first);
  put_count(o, "tracks", s->track_end - s->track_first);
  put(parts, "distance", g.distance_m);
  put(parts, "localisation", g.localisation_m2);
  put(parts, "missed", g.missed_m2);
  put(parts, "false", g.false_m2);
  put_count(parts, "n_missed", g.n_missed);
  put_count(parts, "n_false", g.n_false);
  json_object_set_new(o, "gospa", parts);
  put(o, "ospa", wf_score_ospa_scan(r->scene, r->matches, scan));
  put_siap(attributes, &siap);
  json_object_set_new(o, "siap", attributes);
  const wf_score_scan_nees *nees = &r->errors->scan[scan];
  put(o, "nees", over(nees->sum, nees->reports));
  put_count(o, "nees_reports", nees->reports);
  return o;
}

static json_t *association_object(const wf_score_scene *scene, const wf_score_association *a) {
  json_t *o = json_object();
  json_object_set_new(o, "truth", json_integer(scene->truth_id[a->truth]));
  json_object_set_new(o, "track", json_string(scene->tracks->name[a->track]));
  put(o, "start_s", scene->scan[a->start_scan].time_s);
  put(o, "end_s", scene->scan[a->end_scan].time_s);
  return o;
}

static json_t *continuity_object(const wf_score_result *r, uint32_t truth) {
  const wf_score_continuity *c = &r->siap->continuity[truth];
  json_t *o = json_object();
  json_object_set_new(o, "truth", json_integer(r->scene->truth_id[truth]));
  put(o, "lifetime_s", c->lifetime_s);
  put(o, "time_tracked_s", c->time_tracked_s);
  put_count(o, "min_tracks_needed", c->min_tracks_needed);
  put(o, "longest_segment_s", c->longest_segment_s);
  return o;
}

static void put_details(json_t *report, const wf_score_result *r) {
  json_t *scans = json_array(), *associations = json_array(), *truths = json_array();
  for (uint32_t i = 0; i < r->scene->scans; i++) json_array_append_new(scans, scan_object(r, i));
  for (size_t i = 0; i < r->siap->associations; i++)
    json_array_append_new(associations, association_object(r->scene, &r->siap->association[i]));
  for (uint32_t k = 0; k < r->scene->truth.objects; k++) json_array_append_new(truths, continuity_object(r, k));
  json_object_set_new(report, "per_scan", scans);
  json_object_set_new(report, "associations", associations);
  json_object_set_new(report, "per_truth", truths);
}

json_t *wf_score_report(const wf_score_result *r) {
  wf_score_gospa_mean gospa;
  wf_score_gospa_run(r->scene, r->matches, &gospa);
  const wf_score_band *all = &r->errors->all;
  json_t *o = json_object();
  if (o == NULL) return NULL;
  json_object_set_new(o, "run", run_object(r));
  put(o, "rmse_position_m", wf_score_rmse(all->position_m2, all->reports));
  put(o, "rmse_velocity_m_s", wf_score_rmse(all->velocity_m2_s2, all->reports));
  json_object_set_new(o, "nees", nees_object(r->errors));
  json_object_set_new(o, "gospa", gospa_object(r, &gospa));
  json_object_set_new(o, "ospa", ospa_object(r, &gospa));
  json_object_set_new(o, "siap", siap_object(r->siap));
  json_object_set_new(o, "siap_nearest", nearest_object(r->nearest));
  json_object_set_new(o, "assignment", assignment_object(r));
  json_object_set_new(o, "identity", identity_object(r->identity));
  json_object_set_new(o, "age", age_array(r));
  json_object_set_new(o, "bound", bound_object(r));
  json_object_set_new(o, "efficiency", efficiency_object(r));
  json_object_set_new(o, "track_start", starts_object(r->starts));
  json_object_set_new(o, "impact", impact_summary(r->impacts));
  json_object_set_new(o, "impact_error_km", impact_array(r));
  if (r->common != NULL) json_object_set_new(o, "common", wf_score_common_report(r->common));
  if (r->per_scan) put_details(o, r);
  return o;
}
