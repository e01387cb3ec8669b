#include "impact_error.h"

#include <math.h>
#include <stdlib.h>

#include "base/mat.h"
#include "geo/geodesic.h"
#include "motion/impact.h"

#define SAME_PLACE_M 20.0  // the truth falls in vacuum when a vacuum fall ends this near to where it came down

bool wf_score_inside(const wf_score_claim *claim, double lat_rad, double lon_rad) {
  if (!(claim->semi_major_95_m > 0.0)) return false;
  double azimuth_rad;
  const double d = wf_geo_distance_m(claim->lat_rad, claim->lon_rad, lat_rad, lon_rad, &azimuth_rad, NULL);
  const double along = d * cos(azimuth_rad - claim->azimuth_rad) / claim->semi_major_95_m;
  const double across = d * sin(azimuth_rad - claim->azimuth_rad) / claim->semi_minor_95_m;
  return along * along + across * across <= 1.0;
}

static int by_number(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

// Sorts. NaN of none.
static double median(double *x, size_t count) {
  if (count == 0) return NAN;
  qsort(x, count, sizeof *x, by_number);
  return count % 2 == 1 ? x[count / 2] : 0.5 * (x[count / 2 - 1] + x[count / 2]);
}

// Per truth object, its impact; NULL where none is known.
static const wf_csv_impact **known_of(const wf_score_scene *scene, const wf_csv_impact *known, size_t count) {
  const wf_csv_impact **of = calloc(scene->truth.objects + 1, sizeof *of);
  for (size_t i = 0; of != NULL && i < count; i++) {
    const uint32_t truth = wf_score_truth_find(scene, known[i].id);
    if (truth != WF_SCORE_NONE) of[truth] = &known[i];
  }
  return of;
}

static double bound_at(const wf_score_scene *scene, const wf_score_bounds *bounds, uint32_t row, uint32_t truth,
                       const wf_csv_impact *known) {
  const uint32_t truth_row = wf_score_truth_row(scene, scene->track.scan[row], truth);
  if (bounds == NULL || truth_row == WF_SCORE_NONE || bounds->motion[truth] != WF_SCORE_MOTION_COAST ||
      isnan(bounds->position_m2[truth_row]))
    return NAN;
  double covariance[36];
  wf_impact impact;
  wf_mat_unpack_upper(6, &bounds->covariance[21 * (size_t)truth_row], covariance);
  if (wf_motion_impact(&WF_IMPACT_VACUUM, &scene->truth.state[6 * (size_t)truth_row], covariance, &impact) != WF_OK ||
      impact.reason != WF_IMPACT_OK ||
      wf_geo_distance_m(impact.lat_rad, impact.lon_rad, known->lat_rad, known->lon_rad, NULL, NULL) > SAME_PLACE_M)
    return NAN;
  return impact.cov_en_m2[0] + impact.cov_en_m2[2];
}

static void add_bounded(wf_score_impact_sum *sum, const wf_score_impact *impact) {
  if (isnan(impact->bound_m2)) return;
  sum->claims++;
  sum->squared_m2 += impact->error_m * impact->error_m;
  sum->bound_m2 += impact->bound_m2;
}

static void add_claim(const wf_score_scene *scene, const wf_score_bounds *bounds, uint32_t row, uint32_t truth,
                      const wf_csv_impact *known, wf_score_impacts *out) {
  const wf_score_claim *claim = &scene->tracks->claim[scene->tracks->line[scene->track_line[row]].claim];
  const wf_score_impact impact = {
      .track_row = row,
      .truth = truth,
      .error_m = wf_geo_distance_m(claim->lat_rad, claim->lon_rad, known->lat_rad, known->lon_rad, NULL, NULL),
      .time_error_s = claim->time_s - known->time_s,
      .ahead_s = known->time_s - scene->scan[scene->track.scan[row]].time_s,
      .bound_m2 = bound_at(scene, bounds, row, truth, known),
      .claim = claim,
      .inside_95 = wf_score_inside(claim, known->lat_rad, known->lon_rad),
  };
  out->with_area += claim->semi_major_95_m > 0.0;
  out->inside += impact.inside_95;
  out->impact[out->count++] = impact;
  if (isnan(impact.bound_m2)) return;  // else the truth has a state now
  const double age_s = wf_score_age_s(scene, wf_score_truth_row(scene, scene->track.scan[row], truth));
  add_bounded(&out->all, &impact);
  for (int b = 0; b < WF_SCORE_BANDS; b++)
    if (age_s >= WF_SCORE_BAND_S[b] && age_s < WF_SCORE_BAND_S[b + 1]) add_bounded(&out->band[b], &impact);
}

// last: per truth object, its last claim. scratch: as many numbers as there are claims.
static void summarise(const wf_score_scene *scene, const size_t *last, double *scratch, wf_score_impacts *out) {
  double sum = 0.0;
  for (size_t i = 0; i < out->count; i++) scratch[i] = out->impact[i].error_m;
  out->median_m = median(scratch, out->count);
  for (size_t k = 0; k < scene->truth.objects; k++) {
    if (last[k] == 0) continue;
    const double error_m = out->impact[last[k] - 1].error_m;
    scratch[out->objects++] = error_m;
    sum += error_m * error_m;
    add_bounded(&out->final, &out->impact[last[k] - 1]);
  }
  out->final_rms_m = out->objects > 0 ? sqrt(sum / out->objects) : NAN;
  out->final_median_m = median(scratch, out->objects);
}

wf_status wf_score_impacts_compute(const wf_score_scene *scene, const wf_score_identity *identity,
                                   const wf_score_bounds *bounds, const wf_csv_impact *known, size_t count,
                                   wf_score_impacts *out) {
  *out = (wf_score_impacts){.impact = calloc(scene->tracks->claims + 1, sizeof *out->impact)};
  const wf_csv_impact **of = known_of(scene, known, count);
  size_t *last = calloc(scene->truth.objects + 1, sizeof *last);  // 1 + index of a claim
  double *scratch = calloc(scene->tracks->claims + 1, sizeof *scratch);
  const bool ok = out->impact != NULL && of != NULL && last != NULL && scratch != NULL;
  for (uint32_t row = 0; ok && row < scene->track.rows; row++) {
    if (scene->tracks->line[scene->track_line[row]].claim == WF_SCORE_NONE) continue;
    const uint32_t truth = wf_score_identity_truth(scene, identity, row);
    if (truth == WF_SCORE_NONE || of[truth] == NULL) continue;
    add_claim(scene, bounds, row, truth, of[truth], out);
    last[truth] = out->count;
  }
  if (ok) summarise(scene, last, scratch, out);
  free(of);
  free(last);
  free(scratch);
  return ok ? WF_OK : WF_ENOMEM;
}

void wf_score_impacts_free(wf_score_impacts *impacts) {
  free(impacts->impact);
  *impacts = (wf_score_impacts){0};
}
