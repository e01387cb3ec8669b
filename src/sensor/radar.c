#include "sensor/radar.h"

#include <string.h>

#include "base/fmath.h"
#include "sensor/refraction.h"
#include "system_track.h"

const char *wf_radar_reject_name(wf_radar_reject reject) {
  static const char *const NAMES[WF_RADAR_REJECT_COUNT] = {
      "ok",           "bad_block", "unknown_category", "unused_category", "unknown_source",
      "beyond_range", "no_time",   "no_position",      "no_height",       "bad_geometry",
      "no_detection", "simulated", "field_monitor",    "duplicate",       "stale",
      "ahead",        "full",      "no_velocity",      "wrong_kind"};
  return (unsigned)reject < WF_RADAR_REJECT_COUNT ? NAMES[reject] : "?";
}

// ---- Fields by edition --------------------------------------------------------------------------------------------
static uint16_t field(const wf_asterix_editions *e, unsigned category, const char *path) {
  return path == NULL || e->spec[category] == NULL ? WF_ASTERIX_FIELD_NONE : wf_asterix_field(e->spec[category], path);
}

static struct wf_radar_fields no_fields(double period_s) {
  struct wf_radar_fields f;
  memset(&f, 0xff, sizeof f);  // WF_ASTERIX_FIELD_NONE
  f.time_period_s = period_s;
  return f;
}

static void source_fields(const wf_asterix_editions *e, unsigned category, struct wf_radar_fields *f) {
  f->sac = field(e, category, "010/SAC");
  f->sic = field(e, category, "010/SIC");
}

static void monoradar_fields(const wf_asterix_editions *e, unsigned category, struct wf_radar_fields *f) {
  source_fields(e, category, f);
  f->range = field(e, category, "040/RHO");
  f->az = field(e, category, "040/THETA");
  f->level = field(e, category, category == 1 ? "090/HGT" : "090/FL");
  f->level_bad = field(e, category, "090/V");
  f->level_garbled = field(e, category, "090/G");
  f->simulated = field(e, category, "020/SIM");
  f->test = field(e, category, "020/TST");
  f->monitor = field(e, category, "020/RAB");
}

void wf_radar_input_init(wf_radar_input *in, const wf_asterix_editions *e, wf_asterix_framing framing) {
  in->framing = framing;
  in->editions = *e;
  in->plot048 = no_fields(86400);
  in->plot001 = no_fields(512);  // the lower 16 of the 24 bits
  in->plot015 = no_fields(86400);
  in->service034 = no_fields(86400);
  in->service002 = no_fields(86400);
  monoradar_fields(e, 48, &in->plot048);
  in->plot048.time = field(e, 48, "140");
  in->plot048.height = field(e, 48, "110/3DH");
  in->plot048.type = field(e, 48, "020/TYP");
  monoradar_fields(e, 1, &in->plot001);
  in->plot001.time = field(e, 1, "141");
  in->plot001.type = field(e, 1, "020/SSRPSR");
  source_fields(e, 15, &in->plot015);
  in->plot015.time = field(e, 15, "145");
  in->plot015.range = field(e, 15, "625/R");
  in->plot015.range_sigma = field(e, 15, "625/SDR");
  in->plot015.az = field(e, 15, "627/AZ");
  in->plot015.az_sigma = field(e, 15, "627/SDASZ");
  in->plot015.el = field(e, 15, "628/EL");
  in->plot015.el_sigma = field(e, 15, "628/SDEL");
  wf_sensor_track_fields(e, &in->track062);
  source_fields(e, 34, &in->service034);
  in->service034.nogo = field(e, 34, "050/COM/NOGO");
  source_fields(e, 2, &in->service002);
}

// ---- Time, height -------------------------------------------------------------------------------------------------
// A time of day modulo the period, which itself begins anew at midnight: 512 s do not divide a day.
wf_time wf_sensor_time_near(double seconds, double period_s, wf_time reference) {
  const int64_t day_ns = 86400 * WF_NS_PER_S, period_ns = wf_ns_from_s(period_s), within_ns = wf_ns_from_s(seconds);
  const int64_t today = reference.ns / day_ns - (reference.ns % day_ns < 0);
  int64_t best_ns = INT64_MAX, found_ns = reference.ns;
  for (int64_t day = today - 1; day <= today + 1; day++) {
    const int64_t since_ns = reference.ns - day * day_ns - within_ns;
    int64_t tod_ns = within_ns + (since_ns + (since_ns < 0 ? -1 : 1) * period_ns / 2) / period_ns * period_ns;
    while (tod_ns < 0) tod_ns += period_ns;
    while (tod_ns >= day_ns) tod_ns -= period_ns;
    const int64_t ns = day * day_ns + tod_ns, off_ns = ns > reference.ns ? ns - reference.ns : reference.ns - ns;
    if (off_ns >= best_ns) continue;
    best_ns = off_ns;
    found_ns = ns;
  }
  return (wf_time){found_ns};
}

static double height_at(const wf_site *site, double range_m, double az_rad, double el_rad, double *d_height) {
  const double rae[3] = {range_m, az_rad, el_rad};
  double pos_ecef_m[3], up[3], jacobian[9], lla_jacobian[9];
  wf_lla lla;
  wf_geo_ecef_from_rae(site, rae, pos_ecef_m, jacobian);
  wf_geo_lla_from_ecef(pos_ecef_m, &lla);
  wf_geo_lla_jacobian(&lla, lla_jacobian);
  memcpy(up, lla_jacobian + 6, sizeof up);
  *d_height = up[0] * jacobian[2] + up[1] * jacobian[5] + up[2] * jacobian[8];
  return lla.h_m;
}

// On a sphere the law of cosines gives it; Newton's rule makes it right on the ellipsoid.
wf_status wf_sensor_elevation_of(const wf_site *site, double range_m, double az_rad, double height_m, double *el_rad) {
  const double from = 6371e3 + site->lla.h_m, to = 6371e3 + height_m;
  const double sine = (to * to - from * from - range_m * range_m) / (2 * range_m * from);
  if (!(sine > -1 && sine < 1)) return WF_EINVAL;
  double el = wf_asin(sine), slope;
  for (int i = 0; i < 8; i++) {
    const double off_m = height_at(site, range_m, az_rad, el, &slope) - height_m;
    if (!(slope > 0.01 * range_m)) return WF_EINVAL;  // straight above: height says nothing about direction
    el -= off_m / slope;
    if (off_m > -0.01 && off_m < 0.01) {
      *el_rad = el;
      return el > -WF_PI / 2 && el < WF_PI / 2 ? WF_OK : WF_EINVAL;
    }
  }
  return WF_EINVAL;
}

// ---- Values of a record -------------------------------------------------------------------------------------------
static bool get(const wf_asterix_record *r, uint16_t f, double *out) {
  const wf_asterix_value *v = wf_asterix_find(r, f);
  if (v != NULL) *out = wf_asterix_si(f, v->raw);
  return v != NULL;
}

static int64_t code(const wf_asterix_record *r, uint16_t f, int64_t otherwise) {
  const wf_asterix_value *v = wf_asterix_find(r, f);
  return v != NULL ? v->raw : otherwise;
}

static uint16_t sensor_of(const wf_sensor_registry *registry, const struct wf_radar_fields *f,
                          const wf_asterix_record *r) {
  const int64_t sac = code(r, f->sac, -1), sic = code(r, f->sic, -1);
  for (uint32_t i = 0; i < registry->count; i++) {
    const wf_sensor *s = &registry->sensors[i];
    if (s->feed.asterix && s->feed.sac == sac && s->feed.sic == sic) return (uint16_t)i;
  }
  return WF_SENSOR_NONE;
}

static wf_radar_reject unwanted(const struct wf_radar_fields *f, const wf_asterix_record *r, wf_mode mode) {
  if (code(r, f->type, 1) == 0) return WF_RADAR_NO_DETECTION;
  if (code(r, f->monitor, 0) != 0) return WF_RADAR_FIELD_MONITOR;
  const bool unreal = code(r, f->simulated, 0) != 0 || code(r, f->test, 0) != 0;
  return unreal && mode == WF_MODE_LIVE ? WF_RADAR_SIMULATED : WF_RADAR_OK;
}

// Seconds of the record's own clock, resolved near the time of reception, corrected for the sensor's clock.
static wf_radar_reject time_of(const struct wf_radar_fields *f, const wf_asterix_record *r, const wf_sensor *s,
                               wf_time now, wf_time *out) {
  double seconds;
  if (!get(r, f->time, &seconds)) return WF_RADAR_NO_TIME;
  *out = wf_time_add_s(wf_sensor_time_near(seconds, f->time_period_s, now), -s->feed.clock_offset_s);
  const double age_s = wf_time_diff_s(now, *out);
  if (age_s > (s->feed.max_age_s > 0 ? s->feed.max_age_s : 30)) return WF_RADAR_STALE;
  return age_s < -2 ? WF_RADAR_AHEAD : WF_RADAR_OK;
}

// A value rounded to steps is uniform within one: a twelfth of its square is variance.
static double with_step(double sigma, double step) {
  return wf_sqrt(sigma * sigma + step * step / 12);
}

#define TIME_STEP_S (1.0 / 128)
#define SPEED_M_S 3000.0  // what moves within a step of time, when nobody knows how fast

static void set_sigmas(const struct wf_radar_fields *f, const wf_asterix_record *r, const wf_sensor *s, wf_plot *p) {
  double given;
  p->sigma[0] = get(r, f->range_sigma, &given) && given > 0 ? given : s->sigma_range_m;
  p->sigma[1] = get(r, f->az_sigma, &given) && given > 0 ? given : s->sigma_az_rad;
  p->sigma[2] = get(r, f->el_sigma, &given) && given > 0 ? given : s->sigma_el_rad;
  p->sigma[0] = with_step(with_step(p->sigma[0], wf_asterix_si(f->range, 1)), SPEED_M_S * TIME_STEP_S);
  p->sigma[1] = with_step(p->sigma[1], wf_asterix_si(f->az, 1));
  p->flags |= WF_PLOT_HAS_SIGMAS;
}

// Without an elevation: from a height, whose uncertainty becomes that of the elevation.
static wf_radar_reject elevation_from_height(const struct wf_radar_fields *f, const wf_asterix_record *r,
                                             const wf_sensor *s, wf_plot *p) {
  double height_m, el_low, sigma_m = s->feed.sigma_height_m > 0 ? s->feed.sigma_height_m : 200;
  const bool level_good = code(r, f->level_bad, 0) == 0 && code(r, f->level_garbled, 0) == 0;
  if (!get(r, f->height, &height_m) && !(level_good && get(r, f->level, &height_m))) return WF_RADAR_NO_HEIGHT;
  wf_site site;
  wf_site_init(&site, &s->lla);
  const double range_m = p->radar.range_m, az_rad = p->radar.az_rad;
  if (wf_sensor_elevation_of(&site, range_m, az_rad, height_m, &p->radar.el_rad) != WF_OK ||
      wf_sensor_elevation_of(&site, range_m, az_rad, height_m - sigma_m, &el_low) != WF_OK)
    return WF_RADAR_BAD_GEOMETRY;
  p->sigma[2] = p->radar.el_rad - el_low;
  return WF_RADAR_OK;
}

static wf_radar_reject plot_of(const struct wf_radar_fields *f, const wf_asterix_record *r, const wf_sensor *s,
                               wf_plot *p) {
  p->kind = WF_PLOT_RADAR;
  if (!get(r, f->range, &p->radar.range_m) || !get(r, f->az, &p->radar.az_rad) || !(p->radar.range_m > 0))
    return WF_RADAR_NO_POSITION;
  set_sigmas(f, r, s, p);
  if (!get(r, f->el, &p->radar.el_rad)) return elevation_from_height(f, r, s, p);
  p->sigma[2] = with_step(p->sigma[2], wf_asterix_si(f->el, 1));
  if (s->feed.refraction)
    wf_sensor_unbend(&s->lla, p->radar.el_rad, p->radar.range_m, &p->radar.el_rad, &p->radar.range_m);
  return WF_RADAR_OK;
}

// ---- Datagrams ----------------------------------------------------------------------------------------------------
// FNV-1a; the same bytes within a short while are the same record over a second channel.
static bool seen(wf_radar_memory *m, const wf_asterix_record *r) {
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  for (uint32_t i = 0; i < r->size; i++) h = (h ^ r->data.data[r->at + i]) * UINT64_C(0x100000001b3);
  for (size_t i = 0; i < sizeof m->recent / sizeof m->recent[0]; i++)
    if (m->recent[i] == h) return true;
  m->recent[m->next++] = h;
  return false;
}

static wf_radar_reject track_of(const wf_radar_input *in, const wf_sensor_registry *registry, wf_radar_memory *memory,
                                wf_time now, const wf_asterix_record *r, wf_radar_word *out) {
  struct wf_radar_fields source = {.sac = in->track062.sac, .sic = in->track062.sic};
  *out = (wf_radar_word){.sensor = sensor_of(registry, &source, r), .status = 1};
  if (out->sensor == WF_SENSOR_NONE) return WF_RADAR_UNKNOWN_SOURCE;
  const wf_sensor *s = &registry->sensors[out->sensor];
  if (s->kind != WF_SENSOR_SYSTEM) return WF_RADAR_WRONG_KIND;
  if (r->outside > 0) return WF_RADAR_BEYOND_RANGE;
  if (seen(&memory[out->sensor], r)) return WF_RADAR_DUPLICATE;
  const wf_radar_reject reject = wf_sensor_track_062(in, r, s, registry->mode, now, &out->track);
  out->has_track = reject == WF_RADAR_OK;
  return reject;
}

static const struct wf_radar_fields *fields_of(const wf_radar_input *in, unsigned category, bool *service) {
  *service = category == 34 || category == 2;
  switch (category) {
    case 48:
      return &in->plot048;
    case 1:
      return &in->plot001;
    case 15:
      return &in->plot015;
    case 34:
      return &in->service034;
    case 2:
      return &in->service002;
    default:
      return NULL;
  }
}

static wf_radar_reject word_of(const wf_radar_input *in, const wf_sensor_registry *registry, wf_radar_memory *memory,
                               wf_time now, const wf_asterix_record *r, wf_radar_word *out) {
  bool service;
  if (wf_asterix_category(r->spec) == 62) return track_of(in, registry, memory, now, r, out);
  const struct wf_radar_fields *f = fields_of(in, wf_asterix_category(r->spec), &service);
  if (f == NULL) return WF_RADAR_UNUSED_CATEGORY;
  *out = (wf_radar_word){.sensor = sensor_of(registry, f, r), .status = 1};
  if (out->sensor == WF_SENSOR_NONE) return WF_RADAR_UNKNOWN_SOURCE;
  if (service) {
    if (code(r, f->nogo, 0) != 0) out->status = 2;
    return WF_RADAR_OK;
  }
  const wf_sensor *s = &registry->sensors[out->sensor];
  if (s->kind > WF_SENSOR_INFRARED) return WF_RADAR_WRONG_KIND;
  wf_radar_reject reject = r->outside > 0 ? WF_RADAR_BEYOND_RANGE : unwanted(f, r, registry->mode);
  if (reject == WF_RADAR_OK && seen(&memory[out->sensor], r)) reject = WF_RADAR_DUPLICATE;
  if (reject == WF_RADAR_OK) reject = time_of(f, r, s, now, &out->plot.time);
  if (reject == WF_RADAR_OK) reject = plot_of(f, r, s, &out->plot);
  out->plot.sensor = out->sensor;
  out->has_plot = reject == WF_RADAR_OK;
  return reject;
}

// Whether every record of a block can be read: one that cannot makes the others doubtful.
static bool block_good(const wf_radar_input *in, wf_bytes block, wf_asterix_record *scratch, wf_radar_counts *counts,
                       wf_asterix_fault *fault) {
  wf_asterix_cursor cursor = wf_asterix_cursor_of(&in->editions, block);
  wf_asterix_fault own;
  uint64_t records = 0;
  for (wf_status status; (status = wf_asterix_next(&cursor, scratch, &own)) != WF_EAGAIN; records++) {
    if (status == WF_OK) continue;
    if (fault != NULL) *fault = own;
    const bool unknown = own.kind == WF_ASTERIX_UNKNOWN_CATEGORY;
    counts->rejected[unknown ? WF_RADAR_UNKNOWN_CATEGORY : WF_RADAR_BAD_BLOCK] += records + 1;
    return false;
  }
  return true;
}

static size_t hear_block(const wf_radar_input *in, const wf_sensor_registry *registry, wf_radar_memory *memory,
                         wf_time now, wf_bytes block, wf_asterix_record *scratch, wf_radar_word *out, size_t cap,
                         wf_radar_counts *counts) {
  wf_asterix_cursor cursor = wf_asterix_cursor_of(&in->editions, block);
  wf_asterix_fault fault;
  size_t count = 0;
  while (wf_asterix_next(&cursor, scratch, &fault) == WF_OK) {
    wf_radar_word word = {.sensor = WF_SENSOR_NONE};
    counts->records++;
    wf_radar_reject reject = word_of(in, registry, memory, now, scratch, &word);
    if (word.sensor != WF_SENSOR_NONE && count == cap) reject = WF_RADAR_FULL;
    if (reject != WF_RADAR_OK) counts->rejected[reject]++;
    // What gives no plot is still a sign of life of a known sensor.
    if (word.sensor != WF_SENSOR_NONE && count < cap) out[count++] = word;
  }
  return count;
}

size_t wf_radar_hear(const wf_radar_input *in, const wf_sensor_registry *registry, wf_radar_memory *memory, wf_time now,
                     wf_bytes datagram, wf_asterix_record *scratch, wf_radar_word *out, size_t cap,
                     wf_radar_counts *counts, wf_asterix_fault *fault) {
  const wf_asterix_framing framing =
      in->framing != WF_ASTERIX_AUTO ? in->framing : wf_asterix_framing_of(datagram, false);
  wf_bytes piece;
  size_t count = 0;
  for (size_t at = 0; wf_asterix_piece(framing, datagram, &at, &piece);)
    for (size_t from = 0; from < piece.size;) {
      // Block by block, so that a bad one costs only itself; a length that cannot be ends the datagram.
      const size_t left = piece.size - from;
      size_t length = left < 3 ? left : (size_t)piece.data[from + 1] << 8 | piece.data[from + 2];
      if (length < 3 || length > left) length = left;
      const wf_bytes block = {piece.data + from, length};
      if (block_good(in, block, scratch, counts, fault))
        count += hear_block(in, registry, memory, now, block, scratch, out + count, cap - count, counts);
      from += length;
    }
  return count;
}
