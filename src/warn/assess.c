// Own areas against the predictions of every object of an event: where something may fall, and what it passes over.
#include <string.h>

#include "base/fmath.h"
#include "geo/geodesic.h"
#include "inside.h"
#include "warn/map.h"

#define STAYS 0.5  // an area once threatened stays so until its probability is below this part of the threshold
#define WIDENED 2.0
#define PASS_MARGIN_S 5.0
#define SHORT 0.7
#define REACH 3.0
#define MAY_GLIDE 0.05

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

// `part`: of this component of an object's map.
static void add_ellipse(wf_warn *w, const wf_ground_ellipse *ellipse, double part) {
  bool placed = false;
  for (size_t i = 0; i < w->area_count; i++) {
    if (!warn_within_reach(ellipse, &w->boxes[i])) continue;
    if (!placed) warn_cloud_place(&w->cloud, &w->lattice, ellipse);
    placed = true;
    w->map[i] += part * warn_cloud_inside(&w->cloud, &w->areas[i], &w->boxes[i]);
  }
}

// The chance that one object or another falls there.
static void add_map(wf_warn *w, double *sum) {
  for (size_t i = 0; i < w->area_count; i++) sum[i] += w->map[i] - sum[i] * w->map[i];
}

static void add_object(wf_warn *w, const wf_common_track *t, double *sum) {
  if (t->impact.area.semi_major_95_m >= w->config.area_max_semi_major_m) return;
  wf_impact_map map;
  memset(w->map, 0, w->area_count * sizeof *w->map);
  wf_warn_map_of_fall(t, &map);
  for (int i = 0; i < map.count; i++) add_ellipse(w, &map.part[i].area, map.part[i].weight);
  add_map(w, sum);
}

// Most probable first, then the earliest: neighbours of the path in its order. Where there is no room the last go.
static bool comes_before(const struct wf_threatened *a, const struct wf_threatened *b) {
  if ((a->threat == WF_THREAT_OVERFLIGHT) != (b->threat == WF_THREAT_OVERFLIGHT))
    return b->threat == WF_THREAT_OVERFLIGHT;
  if (a->threat == WF_THREAT_OVERFLIGHT) return wf_time_before(a->earliest, b->earliest);
  return a->probability > b->probability;
}

static void list(warn_event *e, const struct wf_threatened *area) {
  if (e->threatened_count == WF_PRODUCT_AREA_MAX) {
    if (!comes_before(area, &e->threatened[WF_PRODUCT_AREA_MAX - 1])) return;
    e->threatened_count--;
  }
  int at = e->threatened_count++;
  for (; at > 0 && comes_before(area, &e->threatened[at - 1]); at--) e->threatened[at] = e->threatened[at - 1];
  e->threatened[at] = *area;
}

static void mark(wf_warn *w, uint8_t *marks, size_t i) {
  const double bar = w->config.threatened_probability * ((*marks & WARN_MARK_THREATENED) != 0 ? STAYS : 1.0);
  const double own = w->probability[i], pieces = w->pieces[i], p = own + pieces - own * pieces;
  const bool threatened = p >= bar && p > 0, debris = threatened && own < bar;
  *marks = (uint8_t)((*marks & ~(WARN_MARK_THREATENED | WARN_MARK_DEBRIS)) | (threatened ? WARN_MARK_THREATENED : 0) |
                     (debris ? WARN_MARK_DEBRIS : 0));
  w->probability[i] = p;
}

static wf_threat threat_of(uint8_t marks) {
  if ((marks & WARN_MARK_THREATENED) != 0) return (marks & WARN_MARK_DEBRIS) != 0 ? WF_THREAT_DEBRIS : WF_THREAT_IMPACT;
  const bool passing =
      (marks & WARN_MARK_CORRIDOR) != 0 || (marks & (WARN_MARK_TOLD | WARN_MARK_TOLD_FALL)) == WARN_MARK_TOLD;
  return passing ? WF_THREAT_OVERFLIGHT : WF_THREAT_IMPACT;
}

bool warn_is_overhead(uint8_t marks) {
  return (marks & (WARN_MARK_TOLD | WARN_MARK_TOLD_FALL | WARN_MARK_THREATENED)) == WARN_MARK_TOLD;
}

// Seen beyond it: by the last plot, not by the clock.
bool warn_is_past(const warn_event *e, uint8_t marks, const warn_pass *pass) {
  return (marks & WARN_MARK_CORRIDOR) == 0 && pass->last.ns != 0 && wf_time_diff_s(e->seen, pass->last) > PASS_MARGIN_S;
}

static void count(warn_event *e, uint8_t marks, const struct wf_threatened *t, const warn_pass *pass) {
  const bool fall = (marks & WARN_MARK_THREATENED) != 0, told = (marks & WARN_MARK_TOLD) != 0;
  const bool corridor = (marks & WARN_MARK_CORRIDOR) != 0;
  if (fall && t->threat == WF_THREAT_DEBRIS) e->debris++;
  if (fall && t->threat == WF_THREAT_IMPACT) e->falls++;
  if (corridor && !fall) e->passings++;
  if ((fall && (!told || (marks & WARN_MARK_TOLD_FALL) == 0)) || (corridor && !told)) e->news = true;
  if (warn_is_overhead(marks)) e->to_pass++;
  if (warn_is_overhead(marks) && warn_is_past(e, marks, pass)) e->passed++;
  if (corridor && (e->next_passing.ns == 0 || wf_time_before(pass->first, e->next_passing)))
    e->next_passing = pass->first;
}

// Something falls there: from the earliest to the latest time. It passes over: while it is over it, and how high.
static void set_times(struct wf_threatened *t, const warn_pass *pass, wf_time earliest, wf_time latest) {
  const bool overhead = t->threat == WF_THREAT_OVERFLIGHT && pass->first.ns != 0;
  t->earliest = overhead ? pass->first : earliest;
  t->latest = overhead ? pass->last : latest;
  t->height_m = overhead ? pass->height_m : 0;
}

// What was told stays in the list, whatever its probability is now: people are told when it is over, not left out.
static void list_all(wf_warn *w, warn_event *e, wf_time earliest) {
  uint8_t *marks = warn_marks_of(w, e);
  e->threatened_count = e->falls = e->passings = e->debris = e->to_pass = e->passed = 0;
  e->news = false;
  e->next_passing.ns = 0;
  for (size_t i = 0; i < w->area_count; i++) {
    mark(w, &marks[i], i);
    if ((marks[i] & (WARN_MARK_THREATENED | WARN_MARK_TOLD | WARN_MARK_CORRIDOR)) == 0) continue;
    const warn_pass *pass = warn_pass_of(w, e, i);
    struct wf_threatened t = {.probability = w->probability[i], .threat = (uint8_t)threat_of(marks[i])};
    set_times(&t, pass, earliest, e->latest);
    memcpy(t.code, w->areas[i].code, WF_AREA_CODE_SIZE);
    list(e, &t);
    count(e, marks[i], &t, pass);
  }
}

// The outermost points of the cloud lie at 3.4 sigma of the 95 % ellipse; three times as wide, nothing that is followed
// in its fall comes further.
static bool can_reach(const wf_warn *w, const warn_event *e, size_t area, const wf_common_track *const *tracks,
                      size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (tracks[i]->event != e->event || !tracks[i]->impact.valid) continue;
    if (tracks[i]->track.phase == WF_PHASE_BOOST) return true;  // it can still go anywhere
    wf_ground_ellipse reach = tracks[i]->impact.area;
    reach.semi_major_95_m *= REACH, reach.semi_minor_95_m *= REACH;
    if (warn_within_reach(&reach, &w->boxes[area])) return true;
  }
  return false;
}

// Of flights that fall, and only when nobody waits for it to pass over.
static void note_reach(wf_warn *w, warn_event *e, const wf_common_track *lead, wf_time now,
                       const wf_common_track *const *tracks, size_t count) {
  const uint8_t *marks = warn_marks_of(w, e);
  double class[WF_CLASS_COUNT];
  size_t told = 0;
  bool reaches = false;
  for (size_t i = 0; i < w->area_count && !reaches; i++) {
    if ((marks[i] & WARN_MARK_TOLD) == 0) continue;
    told++;
    reaches = (marks[i] & (WARN_MARK_THREATENED | WARN_MARK_CORRIDOR)) != 0 || warn_is_overhead(marks[i]) ||
              can_reach(w, e, i, tracks, count);
  }
  if (told > 0 && !reaches) {
    wf_warn_classify(lead, class);
    reaches = class[WF_CLASS_NOT_BALLISTIC] > MAY_GLIDE;
  }
  if (told == 0 || reaches)
    e->out_of_reach_since.ns = 0;
  else if (e->out_of_reach_since.ns == 0)
    e->out_of_reach_since = now;
}

// Parts of it: what is left of a failed flight, or falls far short of what leads.
static bool is_piece(const wf_common_track *t, const wf_common_track *lead) {
  if (t == lead) return false;
  if (t->track.life == WF_LIFE_FAILED) return true;
  const wf_launch_area *l = &lead->track.launch;
  if (!l->valid || !lead->impact.valid) return false;
  const wf_ground_ellipse *a = &t->impact.area, *b = &lead->impact.area;
  return wf_geo_distance_m(l->area.lat_rad, l->area.lon_rad, a->lat_rad, a->lon_rad, NULL, NULL) <
         SHORT * wf_geo_distance_m(l->area.lat_rad, l->area.lon_rad, b->lat_rad, b->lon_rad, NULL, NULL);
}

static void clear_sums(wf_warn *w) {
  memset(w->probability, 0, w->area_count * sizeof *w->probability);
  memset(w->pieces, 0, w->area_count * sizeof *w->pieces);
}

void warn_assess_areas(wf_warn *w, warn_event *e, const wf_common_track *lead, wf_time now,
                       const wf_common_track *const *tracks, size_t track_count) {
  uint64_t digest = 0;
  wf_time earliest = {INT64_MAX}, latest = {0};
  for (size_t i = 0; i < track_count; i++) {
    const wf_impact_area *impact = &tracks[i]->impact;
    if (tracks[i]->event != e->event || !impact->valid) continue;
    digest = digest_of(impact, digest);
    if (wf_time_before(warn_earliest(impact), earliest)) earliest = warn_earliest(impact);
    if (wf_time_before(latest, warn_latest(impact))) latest = warn_latest(impact);
  }
  if (digest == 0 || digest == e->digest) return;  // nothing is predicted, or nothing new
  e->digest = digest;
  e->latest = latest;
  clear_sums(w);
  for (size_t i = 0; i < track_count; i++)
    if (tracks[i]->event == e->event && tracks[i]->impact.valid)
      add_object(w, tracks[i], is_piece(tracks[i], lead) ? w->pieces : w->probability);
  warn_assess_corridor(w, e, lead, now);
  list_all(w, e, earliest);
  note_reach(w, e, lead, now, tracks, track_count);
}

void warn_assess_widened(wf_warn *w, warn_event *e) {
  if (!e->had_area) return;
  wf_ground_ellipse wide = e->area.area;
  wide.semi_major_95_m *= WIDENED;
  wide.semi_minor_95_m *= WIDENED;
  clear_sums(w);
  memset(w->map, 0, w->area_count * sizeof *w->map);
  add_ellipse(w, &wide, 1.0);
  add_map(w, w->probability);
  list_all(w, e, warn_earliest(&e->area));
  e->area.area = wide;
}
