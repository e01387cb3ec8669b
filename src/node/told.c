// What others tell → contributions that say so. Another system's track is its whole state each time, since its next one
// rests on the last; a launch report is a place and a time. What either was made of is not known here.
#include "told.h"

#include <stdlib.h>
#include <string.h>

#include "base/mat.h"
#include "geo/wgs84.h"

#define MAX_AGE_S 30.0
#define AHEAD_S 2.0
#define SEND_EVERY_S 0.9
#define SILENT_SCANS 3.0
#define SILENT_LEAST_S 15.0
#define LAUNCH_TOLD_WITHIN_S 100.0  // a statement valid longer before its publication than 120 s is fused by nobody
#define LAUNCH_MAX_AGE_S 3600.0
#define CHI2_2_95 5.991

const char *wf_told_reject_name(wf_told_reject reject) {
  static const char *const NAMES[WF_TOLD_REJECT_COUNT] = {"ok",         "wrong_kind", "stale",         "ahead",
                                                          "impossible", "full",       "not_authorised"};
  return (unsigned)reject < WF_TOLD_REJECT_COUNT ? NAMES[reject] : "unknown";
}

bool node_told_open(wf_node *node) {
  node->told = calloc(1, sizeof *node->told);
  return node->told != NULL;
}

wf_sensor_report node_told_report(wf_node *node) {
  told_state *t = node->told;
  return (wf_sensor_report){.plots = node->plots,
                            .plots_cap = node->config.plots_per_scan_max,
                            .tracks = t->tracks,
                            .tracks_cap = WF_REPORT_TRACKS_MAX,
                            .launches = t->launches,
                            .launches_cap = WF_REPORT_LAUNCHES_MAX,
                            .seismic = t->events,
                            .seismic_cap = WF_REPORT_SEISMIC_MAX};
}

void node_told_reject(wf_node *node, wf_told_reject reject, const char *text) {
  const uint64_t count = ++node->told->counts.rejected[reject];
  if ((count & (count - 1)) == 0)  // as for datagrams: one alarm per power of two
    node_alarm(node, WF_ALARM_REFUSED_INPUT, "a report was not taken (%s, %llu so far): %s",
               wf_told_reject_name(reject), (unsigned long long)count, text);
}

// ---- Objects ------------------------------------------------------------------------------------------------------
static told_object *find(told_state *t, uint16_t sensor, uint64_t number) {
  for (int i = 0; i < TOLD_OBJECTS_MAX; i++)
    if (t->object[i].used && t->object[i].sensor == sensor && t->object[i].number == number) return &t->object[i];
  return NULL;
}

// The place of the longest silent one that is lost, when none is free.
static told_object *room(told_state *t) {
  told_object *oldest = NULL;
  for (int i = 0; i < TOLD_OBJECTS_MAX; i++) {
    told_object *o = &t->object[i];
    if (!o->used) return o;
    if (o->lost && (oldest == NULL || o->last.ns < oldest->last.ns)) oldest = o;
  }
  return oldest;
}

static uint64_t new_name(wf_node *node) {
  const uint64_t seed = wf_guard_name(node->config.guard_secret, node->config.exchange.boot ^ UINT64_C(0x746f6c64));
  return wf_mix64(seed + UINT64_C(0x9e3779b97f4a7c15) * ++node->told->names) | 1u;
}

static told_object *object_of(wf_node *node, uint16_t sensor, uint64_t number, wf_time at, bool *fresh) {
  told_object *o = find(node->told, sensor, number);
  *fresh = o == NULL || o->lost;  // what was lost and comes back may be another
  if (!*fresh) return o;
  if (o == NULL) o = room(node->told);
  if (o == NULL) return NULL;
  *o = (told_object){.used = true, .sensor = sensor, .number = number, .first = at, .object = new_name(node)};
  return o;
}

// Which of the nation's sources of one kind it is.
static uint8_t reported_by(const wf_node *node, uint16_t sensor) {
  const wf_sensor_kind kind = node->sensors[sensor].kind;
  unsigned channel = 0;
  for (uint32_t i = 0; i < sensor; i++) channel += node->sensors[i].kind == kind;
  if (channel > WF_REPORTED_CHANNEL_MAX) channel = WF_REPORTED_CHANNEL_MAX;
  return wf_reported_of(kind == WF_SENSOR_SYSTEM ? WF_REPORTED_SYSTEM : WF_REPORTED_SERVICE, channel);
}

static wf_contribution contribution_of(const told_object *o, wf_contribution_kind kind, uint8_t reported,
                                       wf_time valid) {
  wf_contribution c;
  memset(&c, 0, sizeof c);
  c.kind = (uint8_t)kind;
  c.sources = wf_reported_sources(reported);
  c.reported = reported;
  c.object = o->object;
  c.valid_time = valid;
  return c;
}

// As a record it will be judged again by everybody; what cannot be is not told at all.
static bool possible(const wf_node *node, const wf_contribution *c, wf_picture_refusal *why) {
  wf_contribution stated = *c;
  stated.id.origin = node->config.exchange.nation;
  stated.publish_time = node->now.wall;
  *why = wf_picture_check(&stated);
  return *why == WF_REFUSAL_NONE;
}

// ---- Another system's tracks --------------------------------------------------------------------------------------
static wf_contribution state_of(const told_object *o, uint8_t reported, const wf_system_track *track) {
  wf_contribution c = contribution_of(o, WF_CONTRIBUTION_TRACKLET, reported, track->time);
  double p[36], y[36];
  wf_mat_unpack_upper(6, track->covariance, p);
  memcpy(c.tracklet.reference, track->state, sizeof c.tracklet.reference);
  c.tracklet.whole = 1;
  c.tracklet.phase = track->phase;
  if (wf_mat_spd_inverse(6, p, y) == WF_OK) wf_mat_pack_upper(6, y, c.tracklet.information);
  return c;  // not invertible: no information, which the check refuses
}

static wf_contribution detection_of(const told_object *o, uint8_t reported, const wf_system_track *track) {
  wf_contribution c = contribution_of(o, WF_CONTRIBUTION_DETECTION, reported, track->time);
  double p[36], place[9];
  wf_mat_unpack_upper(6, track->covariance, p);
  for (int i = 0; i < 9; i++) place[i] = p[6 * (i / 3) + i % 3];
  c.detection.has_place = 1;
  c.detection.first_detection = track->time;
  memcpy(c.detection.pos_ecef_m, track->state, sizeof c.detection.pos_ecef_m);
  wf_mat_pack_upper(3, place, c.detection.covariance_m2);
  return c;
}

static void lose(wf_node *node, told_object *o, wf_time at) {
  const uint8_t reported = reported_by(node, o->sensor);
  wf_contribution c = contribution_of(o, WF_CONTRIBUTION_STATUS, reported, at);
  o->lost = true;
  c.status.life = WF_LIFE_LOST;
  c.status.reason = WF_REASON_NOT_SEEN;
  node_share_told(node, o->sensor, &c, o->pos_ecef_m);
}

static wf_told_reject timely(const wf_node *node, uint16_t sensor, wf_time at) {
  const double stated = node->sensors[sensor].feed.max_age_s, age_s = wf_time_diff_s(node->now.wall, at);
  if (age_s > (stated > 0 ? stated : MAX_AGE_S)) return WF_TOLD_STALE;
  return age_s < -AHEAD_S ? WF_TOLD_AHEAD : WF_TOLD_OK;
}

static void tell_track(wf_node *node, told_object *o, bool fresh, const wf_system_track *track) {
  const uint8_t reported = reported_by(node, o->sensor);
  const wf_contribution state = state_of(o, reported, track);
  wf_picture_refusal why;
  if (!possible(node, &state, &why)) {
    if (fresh) o->used = false;
    node_told_reject(node, WF_TOLD_IMPOSSIBLE, wf_picture_refusal_name(why));
    return;
  }
  node->told->counts.tracks++;
  o->last = track->time;
  memcpy(o->pos_ecef_m, track->state, sizeof o->pos_ecef_m);
  if (fresh) {
    const wf_contribution first = detection_of(o, reported, track);
    node_share_told(node, o->sensor, &first, o->pos_ecef_m);
  }
  if (o->sent.ns != 0 && wf_time_diff_s(track->time, o->sent) < SEND_EVERY_S) return;
  o->sent = track->time;
  node_share_told(node, o->sensor, &state, o->pos_ecef_m);
}

void node_take_track(wf_node *node, uint16_t sensor, const wf_system_track *track) {
  const char *name = node->sensors[sensor].name;
  bool fresh;
  if (node->sensors[sensor].kind != WF_SENSOR_SYSTEM) {
    node_told_reject(node, WF_TOLD_WRONG_KIND, name);
    return;
  }
  told_object *o = find(node->told, sensor, track->number);
  if (track->ended) {
    if (o != NULL && !o->lost) lose(node, o, track->time);
    return;
  }
  wf_told_reject reject = timely(node, sensor, track->time);
  if (reject == WF_TOLD_OK && o != NULL && track->time.ns <= o->last.ns) reject = WF_TOLD_STALE;
  if (reject == WF_TOLD_OK && (o = object_of(node, sensor, track->number, track->time, &fresh)) == NULL)
    reject = WF_TOLD_FULL;
  if (reject == WF_TOLD_OK)
    tell_track(node, o, fresh, track);
  else
    node_told_reject(node, reject, name);
}

void node_watch_told(wf_node *node) {
  for (int i = 0; i < TOLD_OBJECTS_MAX; i++) {
    told_object *o = &node->told->object[i];
    if (!o->used || o->lost || o->sensor == TOLD_NONE || node->sensors[o->sensor].kind != WF_SENSOR_SYSTEM) continue;
    const double scans_s = SILENT_SCANS * node->sensors[o->sensor].scan_period_s;
    if (wf_time_diff_s(node->now.wall, o->last) > (scans_s > SILENT_LEAST_S ? scans_s : SILENT_LEAST_S))
      lose(node, o, node->now.wall);
  }
}

// ---- Launches -----------------------------------------------------------------------------------------------------
// On the ground at the launch time: a coarse place that widens as for whatever is seen first.
static wf_contribution launch_detection(const wf_node *node, const told_object *o, uint8_t reported, wf_time valid) {
  wf_contribution c = contribution_of(o, WF_CONTRIBUTION_DETECTION, reported, valid);
  const double major = o->launch.area.semi_major_95_m, variance = major * major / CHI2_2_95 + 1e6;
  const double sphere[6] = {variance, 0.0, 0.0, variance, 0.0, variance};
  c.detection.has_place = 1;
  c.detection.first_detection = node->now.wall;
  memcpy(c.detection.pos_ecef_m, o->pos_ecef_m, sizeof c.detection.pos_ecef_m);
  memcpy(c.detection.covariance_m2, sphere, sizeof sphere);
  return c;
}

static wf_told_reject launch_timely(const wf_node *node, const wf_launch_report *report) {
  const double age_s = wf_time_diff_s(node->now.wall, report->launch.time);
  return age_s > LAUNCH_MAX_AGE_S ? WF_TOLD_STALE : age_s < -AHEAD_S ? WF_TOLD_AHEAD : WF_TOLD_OK;
}

static bool same_area(const wf_launch_area *a, const wf_launch_area *b) {
  return a->valid == b->valid && a->time.ns == b->time.ns && a->time_sigma_s == b->time_sigma_s &&
         a->area.lat_rad == b->area.lat_rad && a->area.lon_rad == b->area.lon_rad &&
         a->area.semi_major_95_m == b->area.semi_major_95_m && a->area.semi_minor_95_m == b->area.semi_minor_95_m &&
         a->area.azimuth_rad == b->area.azimuth_rad;
}

static void remember(wf_node *node, const told_object *o, uint8_t reported, const char *source, const char *person) {
  wf_report_view *r = &node->told->report[node->told->reports++ % WF_NODE_REPORTS_MAX];
  memset(r, 0, sizeof *r);
  r->heard = node->now.wall;
  r->reported = reported;
  r->object = o->object;
  r->report = (wf_launch_report){o->number, o->launch};
  memcpy(r->source, source, strnlen(source, sizeof r->source - 1));
  memcpy(r->person, person, strnlen(person, sizeof r->person - 1));
}

static wf_told_reject tell_launch(wf_node *node, uint16_t sensor, uint8_t reported, const wf_launch_report *report,
                                  const char *person) {
  const wf_time now = node->now.wall;
  wf_told_reject reject = launch_timely(node, report);
  bool fresh;
  if (reject != WF_TOLD_OK) return reject;
  told_object *o = object_of(node, sensor, report->number, now, &fresh);
  if (o == NULL) return WF_TOLD_FULL;
  if (!fresh && same_area(&o->launch, &report->launch)) return WF_TOLD_OK;  // said again
  o->launch = report->launch;
  o->last = now;
  wf_geo_ecef_from_lla(&(wf_lla){o->launch.area.lat_rad, o->launch.area.lon_rad, 0.0}, o->pos_ecef_m);
  const bool early = wf_time_diff_s(now, o->launch.time) <= LAUNCH_TOLD_WITHIN_S;
  const wf_time valid = early && wf_time_before(o->launch.time, now) ? o->launch.time : now;
  wf_contribution c = contribution_of(o, WF_CONTRIBUTION_LAUNCH, reported, valid);
  wf_picture_refusal why;
  c.launch = o->launch;
  if (!possible(node, &c, &why)) {
    if (fresh) o->used = false;
    return WF_TOLD_IMPOSSIBLE;
  }
  if (fresh && early) {
    const wf_contribution first = launch_detection(node, o, reported, valid);
    node_share_told(node, sensor, &first, o->pos_ecef_m);
  }
  node_share_told(node, sensor, &c, o->pos_ecef_m);
  const bool voice = wf_reported_kind(reported) == WF_REPORTED_VOICE;
  remember(node, o, reported, voice ? "voice" : node->sensors[sensor].name, person);
  if (voice)
    node->told->counts.voice++;
  else
    node->told->counts.launches++;
  return WF_TOLD_OK;
}

static void take_launch(wf_node *node, uint16_t sensor, const wf_launch_report *report) {
  const char *name = node->sensors[sensor].name;
  wf_told_reject reject = WF_TOLD_WRONG_KIND;
  if (node->sensors[sensor].kind == WF_SENSOR_SERVICE)
    reject = tell_launch(node, sensor, reported_by(node, sensor), report, "");
  if (reject != WF_TOLD_OK) node_told_reject(node, reject, name);
}

void node_take_told(wf_node *node, uint16_t sensor, const wf_sensor_report *report) {
  for (size_t i = 0; i < report->track_count; i++) node_take_track(node, sensor, &report->tracks[i]);
  for (size_t i = 0; i < report->launch_count; i++) take_launch(node, sensor, &report->launches[i]);
  for (size_t i = 0; i < report->seismic_count; i++) {
    if (node->sensors[sensor].kind == WF_SENSOR_SEISMIC)
      node_take_seismic(node, &report->seismic[i]);
    else
      node_told_reject(node, WF_TOLD_WRONG_KIND, node->sensors[sensor].name);
  }
}

// ---- A person's word ----------------------------------------------------------------------------------------------
static wf_status refuse(wf_node *node, wf_told_reject reject, const char *text) {
  node_told_reject(node, reject, text);
  return reject == WF_TOLD_NOT_AUTHORISED ? WF_EDENIED : reject == WF_TOLD_FULL ? WF_EFULL : WF_EINVAL;
}

wf_status node_report(wf_node *node, const wf_input *input) {
  wf_sensor_report report = node_told_report(node);
  char reason[WF_REASON_SIZE] = "";
  const char *person = input->person != NULL ? input->person : "";
  if (person[0] == '\0' || !wf_warn_may_act(node->warn, person)) return refuse(node, WF_TOLD_NOT_AUTHORISED, person);
  const wf_status status = wf_wire_decode_sensor_report(input->bytes, &report, reason);
  if (status != WF_OK || report.mode != node->config.exchange.mode || report.launch_count == 0) {
    node_refuse_datagram(node, status != WF_OK ? reason : "a word of mouth without a launch, or of another mode");
    return WF_EINVAL;
  }
  for (size_t i = 0; i < report.launch_count; i++) {
    wf_launch_report launch = report.launches[i];
    if (launch.number == 0) launch.number = UINT64_C(1) << 63 | node->told->names;  // a new one
    const wf_told_reject reject = tell_launch(node, TOLD_NONE, wf_reported_of(WF_REPORTED_VOICE, 0), &launch, person);
    if (reject != WF_TOLD_OK) return refuse(node, reject, person);
  }
  return WF_OK;
}

// ---- Views --------------------------------------------------------------------------------------------------------
size_t wf_node_reports(const wf_node *node, const wf_report_view **out, size_t cap) {
  const told_state *t = node->told;
  const uint64_t held = t->reports < WF_NODE_REPORTS_MAX ? t->reports : WF_NODE_REPORTS_MAX;
  const size_t n = held < cap ? (size_t)held : cap;
  for (size_t i = 0; i < n; i++) out[i] = &t->report[(t->reports - 1 - i) % WF_NODE_REPORTS_MAX];
  return n;
}

void wf_node_told_counts(const wf_node *node, wf_told_counts *out) {
  *out = node->told->counts;
}
