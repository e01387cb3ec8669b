#include <string.h>

#include "model/contribution.h"
#include "model/nation.h"
#include "model/plot.h"
#include "model/product.h"
#include "model/sensor.h"
#include "model/track.h"

wf_status wf_nation_parse(const char *text, wf_nation *out) {
  wf_nation nation = {{0}};
  for (int i = 0; i < 3; i++) {
    if (text[i] < 'A' || text[i] > 'Z') return WF_EFORMAT;
    nation.code[i] = text[i];
  }
  if (text[3] != '\0') return WF_EFORMAT;
  *out = nation;
  return WF_OK;
}

bool wf_audience_has(const wf_audience *audience, wf_nation nation) {
  for (int i = 0; i < audience->count; i++)
    if (wf_nation_compare(audience->member[i], nation) == 0) return true;
  return false;
}

wf_status wf_audience_add(wf_audience *audience, wf_nation nation) {
  if (wf_audience_has(audience, nation)) return WF_EEXIST;
  if (audience->count >= WF_NATION_MAX) return WF_EFULL;
  int at = audience->count++;
  while (at > 0 && wf_nation_compare(audience->member[at - 1], nation) > 0) {
    audience->member[at] = audience->member[at - 1];
    at--;
  }
  audience->member[at] = nation;
  return WF_OK;
}

bool wf_audience_equal(const wf_audience *a, const wf_audience *b) {
  if (a->count != b->count) return false;
  for (int i = 0; i < a->count; i++)
    if (wf_nation_compare(a->member[i], b->member[i]) != 0) return false;
  return true;
}

char *wf_audience_format(const wf_audience *audience, char out[WF_AUDIENCE_TEXT_SIZE]) {
  size_t at = 0;
  for (int i = 0; i < audience->count; i++) {
    if (i > 0) out[at++] = ' ';
    memcpy(out + at, audience->member[i].code, 3);
    at += 3;
  }
  out[at] = '\0';
  return out;
}

wf_status wf_audience_parse(const char *text, wf_audience *out) {
  wf_audience audience = {0};
  while (*text != '\0') {
    char code[4] = {0};
    for (int i = 0; i < 3 && *text != '\0'; i++) code[i] = *text++;
    wf_nation nation;
    wf_status status = wf_nation_parse(code, &nation);
    if (status == WF_OK) status = wf_audience_add(&audience, nation);
    if (status != WF_OK) return status;
    if (*text == ' ')
      text++;
    else if (*text != '\0')
      return WF_EFORMAT;
  }
  *out = audience;
  return WF_OK;
}

const char *wf_mode_name(wf_mode mode) {
  switch (mode) {
    case WF_MODE_LIVE:
      return "live";
    case WF_MODE_TEST:
      return "test";
    case WF_MODE_EXERCISE:
      return "exercise";
    case WF_MODE_NONE:
      break;
  }
  return "none";
}

wf_status wf_mode_parse(const char *text, wf_mode *out) {
  for (int mode = WF_MODE_LIVE; mode <= WF_MODE_EXERCISE; mode++)
    if (strcmp(text, wf_mode_name((wf_mode)mode)) == 0) {
      *out = (wf_mode)mode;
      return WF_OK;
    }
  return WF_EFORMAT;
}

static const char *name_of(const char *const *names, unsigned count, unsigned index) {
  return index < count && names[index] != NULL ? names[index] : "unknown";
}
#define NAME_OF(names, index) name_of(names, sizeof(names) / sizeof(names[0]), (unsigned)(index))

const char *wf_phase_name(wf_phase phase) {
  static const char *const names[] = {"unknown", "boost", "coast", "reentry"};
  return NAME_OF(names, phase);
}

const char *wf_life_name(wf_life life) {
  static const char *const names[] = {NULL, "tentative", "confirmed", "coasting", "lost", "ended", "failed"};
  return NAME_OF(names, life);
}

const char *wf_life_reason_name(wf_life_reason reason) {
  static const char *const names[] = {"none",    "below_horizon", "out_of_coverage", "not_seen", "impact_time_passed",
                                      "orbital", "fall_observed", "implausible"};
  return NAME_OF(names, reason);
}

const char *wf_product_stage_name(wf_product_stage stage) {
  static const char *const names[] = {NULL,         "launch_notice",   "area",      "threatened_areas", "imminent",
                                      "lost_track", "impact_expected", "all_clear", "correction",       "overflight",
                                      "passed",     "debris",          "cancel",    "seismic",          "notice"};
  return NAME_OF(names, stage);
}

const char *wf_product_state_name(wf_product_state state) {
  static const char *const names[] = {NULL, "proposed", "first_confirmed", "released", "withdrawn", "superseded"};
  return NAME_OF(names, state);
}

static int compare_i64(int64_t a, int64_t b) {
  return (a > b) - (a < b);
}
static int compare_u64(uint64_t a, uint64_t b) {
  return (a > b) - (a < b);
}

int wf_contribution_compare(const wf_contribution *a, const wf_contribution *b) {
  int order = compare_i64(a->valid_time.ns, b->valid_time.ns);
  if (order == 0) order = wf_nation_compare(a->id.origin, b->id.origin);
  if (order == 0) order = compare_u64(a->id.stream, b->id.stream);
  if (order == 0) order = compare_u64(a->id.epoch, b->id.epoch);
  if (order == 0) order = compare_u64(a->id.sequence, b->id.sequence);
  return order;
}

uint8_t wf_reported_sources(uint8_t reported) {
  switch (wf_reported_kind(reported)) {
    case WF_REPORTED_SYSTEM:
      return WF_SOURCE_SYSTEM;
    case WF_REPORTED_SERVICE:
      return WF_SOURCE_SERVICE;
    case WF_REPORTED_VOICE:
      return WF_SOURCE_VOICE;
    default:
      return 0;
  }
}

static const char *const SENSOR_KINDS[] = {NULL, "radar", "infrared", "system", "service", "seismic"};

const char *wf_sensor_kind_name(wf_sensor_kind kind) {
  return kind >= WF_SENSOR_RADAR && kind <= WF_SENSOR_SEISMIC ? SENSOR_KINDS[kind] : "unknown";
}

bool wf_sensor_kind_parse(const char *text, wf_sensor_kind *out) {
  for (int k = WF_SENSOR_RADAR; k <= WF_SENSOR_SEISMIC; k++) {
    if (strcmp(text, SENSOR_KINDS[k]) != 0) continue;
    *out = (wf_sensor_kind)k;
    return true;
  }
  return false;
}
