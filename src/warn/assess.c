// Own areas against the predictions of every object of an event.
#include <string.h>

#include "inside.h"

#define STAYS 0.5  // an area once threatened stays so until its probability is below this part of the threshold

static uint64_t mixed(uint64_t hash, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return wf_mix64(hash ^ bits);
}

static uint64_t digest_of(const wf_impact_area *i, uint64_t hash) {
  const wf_ground_ellipse *e = &i->area;
  const double values[] = {e->lat_rad,         e->lon_rad,     e->semi_major_95_m,
                           e->semi_minor_95_m, e->azimuth_rad, i->time_sigma_s};
  for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) hash = mixed(hash, values[k]);
  return wf_mix64(hash ^ (uint64_t)i->time.ns);
}

// The chance that one object or another falls there.
static void add_object(wf_warn *w, const wf_impact_area *impact) {
  if (impact->area.semi_major_95_m >= w->config.area_max_semi_major_m) return;
  bool placed = false;
  for (size_t i = 0; i < w->area_count; i++) {
    if (!warn_within_reach(&impact->area, &w->boxes[i])) continue;
    if (!placed) warn_cloud_place(&w->cloud, &w->lattice, &impact->area);
    placed = true;
    const double p = warn_cloud_inside(&w->cloud, &w->areas[i], &w->boxes[i]);
    w->probability[i] += p - w->probability[i] * p;
  }
}

// Most probable first; where there is no room the least probable go.
static void list(warn_event *e, const wf_area *area, double p, wf_time earliest) {
  if (e->threatened_count == WF_PRODUCT_AREA_MAX) {
    if (e->threatened[WF_PRODUCT_AREA_MAX - 1].probability >= p) return;
    e->threatened_count--;
  }
  int at = e->threatened_count++;
  for (; at > 0 && e->threatened[at - 1].probability < p; at--) e->threatened[at] = e->threatened[at - 1];
  e->threatened[at] = (struct wf_threatened){.probability = p, .earliest = earliest};
  memcpy(e->threatened[at].code, area->code, WF_AREA_CODE_SIZE);
}

// What was told stays in the list, whatever its probability is now: people are told when it is over, not left out.
static void list_all(wf_warn *w, warn_event *e, wf_time earliest) {
  uint8_t *marks = warn_marks_of(w, e);
  e->threatened_count = 0;
  e->news = false;
  for (size_t i = 0; i < w->area_count; i++) {
    const double bar = w->config.threatened_probability * ((marks[i] & WARN_MARK_THREATENED) != 0 ? STAYS : 1.0);
    const bool threatened = w->probability[i] >= bar && w->probability[i] > 0;
    marks[i] = (uint8_t)((marks[i] & ~WARN_MARK_THREATENED) | (threatened ? WARN_MARK_THREATENED : 0));
    if (threatened || (marks[i] & WARN_MARK_TOLD) != 0) list(e, &w->areas[i], w->probability[i], earliest);
    if (threatened && (marks[i] & WARN_MARK_TOLD) == 0) e->news = true;
  }
}

void warn_assess_areas(wf_warn *w, warn_event *e, const wf_common_track *const *tracks, size_t count) {
  uint64_t digest = 0;
  wf_time earliest = {INT64_MAX}, latest = {0};
  for (size_t i = 0; i < count; i++) {
    const wf_impact_area *impact = &tracks[i]->impact;
    if (tracks[i]->event != e->event || !impact->valid) continue;
    digest = digest_of(impact, digest);
    if (wf_time_before(warn_earliest(impact), earliest)) earliest = warn_earliest(impact);
    if (wf_time_before(latest, warn_latest(impact))) latest = warn_latest(impact);
  }
  if (digest == 0 || digest == e->digest) return;  // nothing is predicted, or nothing new
  e->digest = digest;
  e->latest = latest;
  memset(w->probability, 0, w->area_count * sizeof *w->probability);
  for (size_t i = 0; i < count; i++)
    if (tracks[i]->event == e->event && tracks[i]->impact.valid) add_object(w, &tracks[i]->impact);
  list_all(w, e, earliest);
}
