#include "io/policy_yaml.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "yaml/load.h"

#define TEXT_MAX (1024 * 1024)
#define SENSORS_WITHHELD_MAX 64
#define KINDS_MAX 16
#define HIDE_MAX 8
#define GUARD_LEAST_M 50.0
#define GUARD_MOST_M 20000.0
#define PLACE_SIZE 96

// Every scalar stays text, so that numbers are read strictly and errors name the line.
typedef struct raw_rule {
  char *name, *audience, *profile, *time_grain_s, *place_grain_m, *hide_plot_count, *hide_coverage;
  char *guard, *guard_grid_s, *first_hold_s, *min_interval_s, *delay_s, *only_above_m;
  char **kinds, **withhold_sensors, **hide, **withhold_regions, **only_regions;
  unsigned kinds_count, withhold_sensors_count, hide_count, withhold_regions_count, only_regions_count;
} raw_rule;
typedef struct raw_policy {
  char *version;
  raw_rule *rules;
  unsigned rules_count;
} raw_policy;

#define MAY(member) \
  CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, raw_rule, member, 0, CYAML_UNLIMITED)
#define LIST(type, member, entry, flags, max) \
  CYAML_FIELD_SEQUENCE(#member, CYAML_FLAG_POINTER | (flags), type, member, entry, 0, max)

static const cyaml_schema_value_t text_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, CYAML_UNLIMITED)};
static const cyaml_schema_field_t rule_fields[] = {
    MAY(name),
    CYAML_FIELD_STRING_PTR("audience", CYAML_FLAG_POINTER, raw_rule, audience, 1, CYAML_UNLIMITED),
    MAY(profile),
    LIST(raw_rule, kinds, &text_schema, CYAML_FLAG_OPTIONAL, KINDS_MAX),
    LIST(raw_rule, withhold_sensors, &text_schema, CYAML_FLAG_OPTIONAL, SENSORS_WITHHELD_MAX),
    MAY(time_grain_s),
    MAY(place_grain_m),
    MAY(hide_plot_count),
    MAY(hide_coverage),
    MAY(guard),
    MAY(guard_grid_s),
    MAY(first_hold_s),
    MAY(min_interval_s),
    MAY(delay_s),
    MAY(only_above_m),
    LIST(raw_rule, hide, &text_schema, CYAML_FLAG_OPTIONAL, HIDE_MAX),
    LIST(raw_rule, withhold_regions, &text_schema, CYAML_FLAG_OPTIONAL, WF_RELEASE_REGIONS_MAX),
    LIST(raw_rule, only_regions, &text_schema, CYAML_FLAG_OPTIONAL, WF_RELEASE_REGIONS_MAX),
    CYAML_FIELD_END};
static const cyaml_schema_value_t rule_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, raw_rule, rule_fields)};
static const cyaml_schema_field_t policy_fields[] = {
    CYAML_FIELD_STRING_PTR("version", CYAML_FLAG_POINTER, raw_policy, version, 1, CYAML_UNLIMITED),
    LIST(raw_policy, rules, &rule_schema, 0, WF_RULES_MAX), CYAML_FIELD_END};
static const cyaml_schema_value_t policy_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, raw_policy, policy_fields)};

typedef struct reading {
  const char *name;
  wf_yaml_where *where;
  wf_diag *diag;
  unsigned long errors;
  wf_nation own;
  const wf_sensor *sensors;
  size_t sensor_count;
} reading;

__attribute__((format(printf, 4, 5))) static void wrong(reading *r, unsigned rule, const char *key, const char *format,
                                                        ...) {
  char place[PLACE_SIZE], text[256];
  va_list arguments;
  snprintf(place, sizeof place, "rules[%u].%s", rule, key);
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  r->errors++;
  wf_diag_say(r->diag, r->name, wf_yaml_where_line(r->where, place), "%s: %s", key, text);
}

static void read_number(reading *r, unsigned rule, const char *key, const char *text, double high, double *out) {
  if (text == NULL) return;
  char *end = NULL;
  const double value = strtod(text, &end);
  if (end == text || *end != '\0' || !isfinite(value) || value < 0.0 || value > high)
    wrong(r, rule, key, "\"%.40s\" is not a number from 0 to %g", text, high);
  else
    *out = value;
}

static void read_flag(reading *r, unsigned rule, const char *key, const char *text, uint8_t *out) {
  if (text == NULL) return;
  if (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0)
    *out = 1;
  else if (strcmp(text, "no") == 0 || strcmp(text, "false") == 0)
    *out = 0;
  else
    wrong(r, rule, key, "\"%.40s\" is not yes or no", text);
}

static void read_kinds(reading *r, unsigned rule, const raw_rule *raw, wf_release_rule *out) {
  if (raw->kinds_count == 0) return;
  out->kinds = 0;
  for (unsigned i = 0; i < raw->kinds_count; i++) {
    char key[32];
    uint32_t kind = WF_RELEASE_DETECTION;
    while (kind <= WF_RELEASE_LAST && strcmp(raw->kinds[i], wf_release_kind_name(kind)) != 0) kind <<= 1;
    snprintf(key, sizeof key, "kinds[%u]", i);
    if (kind > WF_RELEASE_LAST)
      wrong(r, rule, key,
            "\"%.40s\" is not one of detection, tracklet, launch, status, product, link_status, plot, "
            "system_track, launch_report, voice, seismic",
            raw->kinds[i]);
    else
      out->kinds |= kind;
  }
}

static void read_withheld(reading *r, unsigned rule, const raw_rule *raw, wf_release_rule *out) {
  for (unsigned i = 0; i < raw->withhold_sensors_count; i++) {
    char key[32];
    size_t s = 0;
    while (s < r->sensor_count && strcmp(r->sensors[s].name, raw->withhold_sensors[i]) != 0) s++;
    snprintf(key, sizeof key, "withhold_sensors[%u]", i);
    if (s == r->sensor_count)
      wrong(r, rule, key, "\"%.40s\" is no sensor of this nation", raw->withhold_sensors[i]);
    else if (s >= 64)
      wrong(r, rule, key, "only the first 64 sensors can be withheld; \"%.40s\" is number %zu",
            raw->withhold_sensors[i], s + 1);
    else
      out->sensors_deny_low |= UINT64_C(1) << s;
  }
}

static void read_hidden(reading *r, unsigned rule, const raw_rule *raw, wf_release_rule *out) {
  static const struct {
    const char *name;
    uint32_t bit;
  } fields[] = {{"sources", WF_HIDE_SOURCES},
                {"first_detection", WF_HIDE_FIRST_DETECTION},
                {"ballistic_coefficient", WF_HIDE_BALLISTIC_COEFFICIENT},
                {"launch_time", WF_HIDE_LAUNCH_TIME}};
  for (unsigned i = 0; i < raw->hide_count; i++) {
    char key[32];
    size_t k = 0;
    while (k < sizeof fields / sizeof *fields && strcmp(raw->hide[i], fields[k].name) != 0) k++;
    snprintf(key, sizeof key, "hide[%u]", i);
    if (k == sizeof fields / sizeof *fields)
      wrong(r, rule, key, "\"%.40s\" is not one of sources, first_detection, ballistic_coefficient, launch_time",
            raw->hide[i]);
    else
      out->hidden |= fields[k].bit;
  }
}

// "LAT LAT LON LON", degrees: south, north, west, east. West of east, or across the date line.
static bool read_box(const char *text, wf_release_region *out) {
  double v[4];
  char rest;
  if (sscanf(text, "%lf %lf %lf %lf %c", &v[0], &v[1], &v[2], &v[3], &rest) != 4) return false;
  for (int i = 0; i < 4; i++)
    if (!(fabs(v[i]) <= (i < 2 ? 90.0 : 180.0))) return false;
  for (int i = 0; i < 2; i++) {
    out->lat_rad[i] = v[i] * WF_DEG;
    out->lon_rad[i] = v[2 + i] * WF_DEG;
  }
  return v[0] < v[1] && v[2] != v[3];
}

static void read_regions(reading *r, unsigned rule, const char *name, char **text, unsigned count,
                         wf_release_region *out, uint8_t *out_count) {
  for (unsigned i = 0; i < count; i++) {
    char key[32];
    snprintf(key, sizeof key, "%s[%u]", name, i);
    if (!read_box(text[i], &out[*out_count]))
      wrong(r, rule, key, "\"%.40s\" is not a box \"south north west east\" in degrees, like \"33 39 124 132\"",
            text[i]);
    else
      ++*out_count;
  }
}

// A level, which brings its hold, or metres, which leave the hold as it is.
static void read_guard(reading *r, unsigned rule, const raw_rule *raw, wf_release_rule *out) {
  double sigma_m = 0.0;
  char *end = NULL;
  if (raw->guard != NULL && !wf_release_guard_level(raw->guard, &out->guard_sigma_m, &out->guard_hold_s)) {
    sigma_m = strtod(raw->guard, &end);
    if (end == raw->guard || *end != '\0' || !(sigma_m >= GUARD_LEAST_M && sigma_m <= GUARD_MOST_M))
      wrong(r, rule, "guard", "\"%.40s\" is not off, light, medium, full or metres from %g to %g", raw->guard,
            GUARD_LEAST_M, GUARD_MOST_M);
    else
      out->guard_sigma_m = sigma_m;
  }
  read_number(r, rule, "guard_grid_s", raw->guard_grid_s, 60.0, &out->guard_grid_s);
  read_number(r, rule, "first_hold_s", raw->first_hold_s, 100.0, &out->guard_hold_s);
}

static bool read_audience(reading *r, unsigned rule, const char *text, wf_audience *out) {
  if (wf_audience_parse(text, out) != WF_OK || out->count < 2) {
    wrong(r, rule, "audience", "\"%.60s\" is not a list of two or more nations, like \"JPN KOR USA\"", text);
    return false;
  }
  if (wf_audience_has(out, r->own)) return true;
  wrong(r, rule, "audience", "%s itself is not in \"%.60s\"", r->own.code, text);
  return false;
}

// The profile's rule, or an empty one that allows nothing yet.
static bool begin_rule(reading *r, unsigned index, const raw_rule *raw, wf_release_policy *policy) {
  wf_audience audience = {0};
  if (!read_audience(r, index, raw->audience, &audience)) return false;
  if (raw->profile != NULL) {
    if (wf_release_profile(raw->profile, &audience, policy) == WF_OK) return true;
    wrong(r, index, "profile", "\"%.40s\" is not a built-in profile (warning-data, warning-data-open, plots)",
          raw->profile);
    return false;
  }
  if (raw->kinds_count == 0) {
    wrong(r, index, "audience", "the rule has neither profile nor kinds: it would allow nothing");
    return false;
  }
  if (raw->name == NULL) {
    wrong(r, index, "audience", "a rule without profile needs a name");
    return false;
  }
  policy->rule[policy->rule_count++] = (wf_release_rule){.audience = audience};
  return true;
}

static void read_name(reading *r, unsigned index, const char *name, const wf_release_policy *policy,
                      wf_release_rule *out) {
  if (name == NULL) return;
  if (name[0] == '\0' || strlen(name) >= sizeof out->name) {
    wrong(r, index, "name", "\"%.40s\" is empty or longer than %zu bytes", name, sizeof out->name - 1);
    return;
  }
  memset(out->name, 0, sizeof out->name);
  memcpy(out->name, name, strlen(name));
  for (uint32_t i = 0; i + 1 < policy->rule_count; i++)
    if (strcmp(policy->rule[i].name, name) == 0) wrong(r, index, "name", "\"%s\" is there twice", name);
}

static void read_rule(reading *r, unsigned index, const raw_rule *raw, wf_release_policy *policy) {
  if (!begin_rule(r, index, raw, policy)) return;
  wf_release_rule *out = &policy->rule[policy->rule_count - 1];
  read_name(r, index, raw->name, policy, out);
  read_kinds(r, index, raw, out);
  read_withheld(r, index, raw, out);
  read_number(r, index, "time_grain_s", raw->time_grain_s, 60.0, &out->time_grain_s);
  read_number(r, index, "place_grain_m", raw->place_grain_m, 500e3, &out->place_grain_m);
  read_flag(r, index, "hide_plot_count", raw->hide_plot_count, &out->hide_plot_count);
  read_flag(r, index, "hide_coverage", raw->hide_coverage, &out->hide_coverage);
  read_number(r, index, "min_interval_s", raw->min_interval_s, 60.0, &out->min_interval_s);
  read_number(r, index, "delay_s", raw->delay_s, 86400.0, &out->delay_s);
  read_number(r, index, "only_above_m", raw->only_above_m, 200e3, &out->only_above_m);
  read_guard(r, index, raw, out);
  read_hidden(r, index, raw, out);
  read_regions(r, index, "withhold_regions", raw->withhold_regions, raw->withhold_regions_count, out->withhold,
               &out->withhold_count);
  read_regions(r, index, "only_regions", raw->only_regions, raw->only_regions_count, out->only, &out->only_count);
}

static void read_rules(reading *r, const raw_policy *raw, wf_release_policy *out) {
  if (strcmp(raw->version, "1") != 0) {
    r->errors++;
    wf_diag_say(r->diag, r->name, wf_yaml_where_line(r->where, "version"), "version: \"%.20s\" is not understood; 1 is",
                raw->version);
  }
  for (unsigned i = 0; i < raw->rules_count; i++) read_rule(r, i, &raw->rules[i], out);
}

static uint64_t version_of(const char *text, size_t size) {
  uint8_t hash[16];
  uint64_t version = 0;
  crypto_generichash(hash, sizeof hash, (const uint8_t *)text, size, NULL, 0);
  for (int i = 0; i < 8; i++) version = version << 8 | hash[i];
  return version;
}

wf_status wf_policy_parse(const char *name, const char *text, size_t size, wf_nation own, const wf_sensor *sensors,
                          size_t sensor_count, wf_release_policy *out, wf_diag *diag) {
  reading r = {.name = name, .diag = diag, .own = own, .sensors = sensors, .sensor_count = sensor_count};
  unsigned line = 1;
  char why[256];
  void *raw = NULL;
  memset(out, 0, sizeof *out);
  wf_status status = wf_yaml_where_open(text, size, &r.where, &line, why, sizeof why);
  if (status == WF_OK) status = wf_yaml_load(text, size, r.where, &policy_schema, &raw, &line, why, sizeof why);
  if (status != WF_OK) {
    wf_diag_say(diag, name, line, "%s", why);
  } else {
    read_rules(&r, raw, out);
    out->version = version_of(text, size);
    if (r.errors > 0) status = WF_EINVAL;
  }
  if (raw != NULL) wf_yaml_free(&policy_schema, raw);
  wf_yaml_where_close(r.where);
  if (status != WF_OK) memset(out, 0, sizeof *out);
  return status;
}

wf_status wf_policy_load(const char *path, wf_nation own, const wf_sensor *sensors, size_t sensor_count,
                         wf_release_policy *out, wf_diag *diag) {
  memset(out, 0, sizeof *out);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    wf_diag_say(diag, path, 1, "cannot be opened: %s", strerror(errno));
    return WF_EIO;
  }
  char *text = malloc(TEXT_MAX);
  const size_t size = text == NULL ? 0 : fread(text, 1, TEXT_MAX, file);
  wf_status status = text == NULL ? WF_ENOMEM : ferror(file) ? WF_EIO : size == TEXT_MAX ? WF_EFULL : WF_OK;
  fclose(file);
  if (status == WF_OK)
    status = wf_policy_parse(path, text, size, own, sensors, sensor_count, out, diag);
  else
    wf_diag_say(diag, path, 1, "cannot be read: %s", wf_status_name(status));
  free(text);
  return status;
}
