#include "io/config.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/accounts.h"
#include "base/fmath.h"
#include "config_schema.h"
#include "io/policy_yaml.h"
#include "warn/areas.h"
#include "yaml/load.h"

enum { TEXT_MAX = 4 * 1024 * 1024, BASE_SIZE = 64 };

typedef struct reading {
  const char *path;
  wf_yaml_where *where;
  wf_diag *diag;
  raw_config *raw;
  wf_config *out;
} reading;

__attribute__((format(printf, 4, 5))) static void wrong(reading *r, const char *base, const char *key,
                                                        const char *format, ...) {
  char place[2 * BASE_SIZE], text[256];
  snprintf(place, sizeof place, "%s%s%s", base, *base && *key ? "." : "", key);
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  wf_diag_say(r->diag, r->path, wf_yaml_where_line(r->where, place), "%s%s%s", key, *key ? ": " : "", text);
}

// ---- Values -------------------------------------------------------------------------------------------------------
static double number(reading *r, const char *base, const char *key, const char *text, double otherwise, double low,
                     double high) {
  if (text == NULL) return otherwise;
  char *end = NULL;
  const double value = strtod(text, &end);
  if (end == text || *end != '\0' || !isfinite(value)) {
    wrong(r, base, key, "\"%.40s\" is not a number", text);
    return otherwise;
  }
  if (value < low || value > high) {
    wrong(r, base, key, "%.40s is outside %.10g to %.10g", text, low, high);
    return otherwise;
  }
  return value;
}

// An angle whose key says radians: what is only right in degrees is said so.
static double angle(reading *r, const char *base, const char *key, const char *text, double otherwise, double low,
                    double high) {
  char *end = NULL;
  const double value = text == NULL ? 0 : strtod(text, &end);
  if (text != NULL && *end == '\0' && fabs(value) > high && fabs(value) <= 360) {
    wrong(r, base, key, "%.40s rad is beyond %.4g rad; is it in degrees?", text, high);
    return otherwise;
  }
  return number(r, base, key, text, otherwise, low, high);
}

static uint32_t whole(reading *r, const char *base, const char *key, const char *text, uint32_t otherwise, uint32_t low,
                      uint32_t high) {
  const double value = number(r, base, key, text, otherwise, low, high);
  if (value == floor(value)) return (uint32_t)value;
  wrong(r, base, key, "%.40s is not a whole number", text);
  return otherwise;
}

static void path_of(reading *r, const char *base, const char *key, const char *text, char out[WF_CONFIG_PATH_SIZE]) {
  if (text == NULL) return;
  const char *slash = strrchr(r->path, '/');
  const int dir = text[0] == '/' || slash == NULL ? 0 : (int)(slash - r->path + 1);
  if (text[0] == '\0')
    wrong(r, base, key, "is empty");
  else if (snprintf(out, WF_CONFIG_PATH_SIZE, "%.*s%s", dir, r->path, text) >= WF_CONFIG_PATH_SIZE)
    wrong(r, base, key, "the path is too long");
}

static bool nation_of(reading *r, const char *base, const char *key, const char *text, wf_nation *out) {
  if (wf_nation_parse(text, out) == WF_OK) return true;
  wrong(r, base, key, "\"%.40s\" is not a nation; three capital letters (ISO 3166-1 alpha-3)", text);
  return false;
}

// "192.0.2.1:7000", "[2001:db8::1]:7000", "host.example:7000".
static void address_of(reading *r, const char *base, const char *key, const char *text, wf_config_address *out) {
  const char *colon = strrchr(text, ':');
  char *end = NULL;
  const unsigned long port = colon == NULL ? 0 : strtoul(colon + 1, &end, 10);
  const bool bracketed = text[0] == '[' && colon != NULL && colon > text + 2 && colon[-1] == ']';
  const char *host = bracketed ? text + 1 : text;
  const size_t length = colon == NULL ? 0 : (size_t)(colon - host) - bracketed;
  const bool ok = colon != NULL && colon[1] >= '0' && colon[1] <= '9' && *end == '\0' && port <= 65535 && length > 0 &&
                  length < sizeof out->host && (bracketed || memchr(host, ':', length) == NULL);
  if (!ok) {
    wrong(r, base, key, "\"%.80s\" is not an address like 192.0.2.1:7000 or [2001:db8::1]:7000", text);
    return;
  }
  memcpy(out->host, host, length);
  out->host[length] = '\0';
  out->port = (uint16_t)port;
}

static bool time_of(reading *r, const char *base, const char *key, const char *text, wf_time *out) {
  if (wf_time_parse(text, out) == WF_OK) return true;
  wrong(r, base, key, "\"%.40s\" is not a time like 2026-03-01T21:58:00Z", text);
  return false;
}

// ---- Parts --------------------------------------------------------------------------------------------------------
static void read_identity(reading *r) {
  const raw_config *raw = r->raw;
  wf_config *c = r->out;
  nation_of(r, "", "nation", raw->nation, &c->nation);
  if (wf_mode_parse(raw->mode, &c->mode) != WF_OK || c->mode == WF_MODE_NONE)
    wrong(r, "", "mode", "\"%.40s\" is not one of live, test, exercise", raw->mode);
  c->writer = whole(r, "", "writer", raw->writer, 1, 1, UINT32_MAX);
  path_of(r, "keys", "certificate", raw->keys->certificate, c->certificate);
  path_of(r, "keys", "key", raw->keys->key, c->key);
  path_of(r, "keys", "signing_key", raw->keys->signing_key, c->signing_key);
  path_of(r, "", "store", raw->store, c->store);
  path_of(r, "", "feed", raw->feed, c->feed);
  path_of(r, "", "areas", raw->areas, c->areas_path);
  path_of(r, "", "cap", raw->cap, c->cap);
  path_of(r, "", "journal", raw->journal, c->journal);
  path_of(r, "", "accounts", raw->accounts, c->accounts);
  if (strlen(c->feed) > 107) wrong(r, "", "feed", "a Unix socket's path has at most 107 bytes");
  if (raw->listen != NULL) address_of(r, "", "listen", raw->listen, &c->listen);
  c->listens = raw->listen != NULL;
}

static void read_membership(reading *r, const char *base, const char *state, wf_membership *out) {
  *out = WF_MEMBER;
  if (state == NULL) return;
  for (; *out <= WF_MEMBER_REVOKED; ++*out)
    if (strcmp(state, wf_membership_name(*out)) == 0) return;
  wrong(r, base, "state", "\"%.40s\" is none of active, suspended, revoked", state);
  *out = WF_MEMBER;
}

static void read_partners(reading *r) {
  wf_config *c = r->out;
  bool dialled_by_someone = false;
  for (unsigned i = 0; i < r->raw->partners_count; i++) {
    const raw_partner *raw = &r->raw->partners[i];
    struct wf_config_partner *p = &c->partner[c->partner_count];
    char base[BASE_SIZE];
    snprintf(base, sizeof base, "partners[%u]", i);
    if (!nation_of(r, base, "nation", raw->nation, &p->nation)) continue;
    p->line = wf_yaml_where_line(r->where, base);
    if (wf_nation_compare(p->nation, c->nation) == 0)
      wrong(r, base, "nation", "%s is this node's own nation", p->nation.code);
    for (uint32_t k = 0; k < c->partner_count; k++)
      if (wf_nation_compare(c->partner[k].nation, p->nation) == 0)
        wrong(r, base, "nation", "%s is there twice", p->nation.code);
    path_of(r, base, "trust", raw->trust, p->trust);
    read_membership(r, base, raw->state, &p->membership);
    if (raw->address != NULL) address_of(r, base, "address", raw->address, &p->address);
    const bool we_dial = wf_nation_compare(c->nation, p->nation) < 0;
    if (we_dial && raw->address == NULL)
      wrong(r, base, "address", "is needed: %s dials %s", c->nation.code, p->nation.code);
    dialled_by_someone = dialled_by_someone || !we_dial;
    c->partner_count++;
  }
  if (dialled_by_someone && !c->listens) wrong(r, "", "listen", "is needed: a partner dials this node");
}

static void read_pair(reading *r, const char *base, const char *key, char *const *text, double low, double high,
                      double out[2]) {
  if (text == NULL) return;
  out[0] = angle(r, base, key, text[0], 0, low, high);
  out[1] = angle(r, base, key, text[1], 0, low, high);
  if (!(out[0] < out[1])) wrong(r, base, key, "the first value must be below the second");
}

static void read_sensor_numbers(reading *r, const char *base, const raw_sensor *raw, wf_sensor *s) {
  const double degree = WF_DEG;
  s->lla.lat_rad = degree * number(r, base, "lat_deg", raw->lat_deg, 0, -90, 90);
  s->lla.lon_rad = degree * number(r, base, "lon_deg", raw->lon_deg, 0, -180, 180);
  s->lla.h_m = number(r, base, "h_m", raw->h_m, 0, -500, 5e7);
  s->sigma_range_m = number(r, base, "sigma_range_m", raw->sigma_range_m, 0, 0, 1e5);
  s->sigma_az_rad = angle(r, base, "sigma_az_rad", raw->sigma_az_rad, 0, 1e-9, 0.1);
  s->sigma_el_rad = angle(r, base, "sigma_el_rad", raw->sigma_el_rad, 0, 1e-9, 0.1);
  s->sigma_range_rate_m_s = number(r, base, "sigma_range_rate_m_s", raw->sigma_range_rate_m_s, 0, 0, 1e4);
  s->detection_probability = number(r, base, "detection_probability", raw->detection_probability, 0.9, 0.01, 1);
  s->clutter_mean_per_scan = number(r, base, "clutter_mean_per_scan", raw->clutter_mean_per_scan, 0, 0, 1e6);
  s->scan_period_s = number(r, base, "scan_period_s", raw->scan_period_s, 0, 0, 3600);
  s->range_max_m = number(r, base, "range_max_m", raw->range_max_m, 0, 0, 5e7);
  s->el_min_rad = angle(r, base, "el_min_rad", raw->el_min_rad, 0, -0.5, WF_PI / 2);
  s->bias_sigma_range_m = number(r, base, "bias_sigma_range_m", raw->bias_sigma_range_m, 0, 0, 1e5);
  s->bias_sigma_az_rad = angle(r, base, "bias_sigma_az_rad", raw->bias_sigma_az_rad, 0, 0, 0.1);
  s->bias_sigma_el_rad = angle(r, base, "bias_sigma_el_rad", raw->bias_sigma_el_rad, 0, 0, 0.1);
}

// Yes, no and nothing else.
static bool flag(reading *r, const char *base, const char *key, const char *text) {
  if (text == NULL || strcmp(text, "no") == 0) return false;
  if (strcmp(text, "yes") != 0) wrong(r, base, key, "\"%.40s\" is not yes or no", text);
  return true;
}

static void read_asterix(reading *r, const char *sensor, const raw_asterix *raw, wf_sensor *s) {
  char base[BASE_SIZE + 16];
  snprintf(base, sizeof base, "%s.asterix", sensor);
  s->feed.asterix = true;
  s->feed.sac = (uint8_t)whole(r, base, "sac", raw->sac, 0, 0, 255);
  s->feed.sic = (uint8_t)whole(r, base, "sic", raw->sic, 0, 0, 255);
  s->feed.refraction = flag(r, base, "refraction", raw->refraction);
  s->feed.clock_offset_s = number(r, base, "clock_offset_s", raw->clock_offset_s, 0, -3600, 3600);
  s->feed.max_age_s = number(r, base, "max_age_s", raw->max_age_s, 0, 0.1, 120);
  s->feed.sigma_height_m = number(r, base, "sigma_height_m", raw->sigma_height_m, 0, 1, 1e5);
  for (const wf_sensor *other = r->out->sensors; other < s; other++)
    if (other->feed.asterix && other->feed.sac == s->feed.sac && other->feed.sic == s->feed.sic)
      wrong(r, base, "sic", "%u/%u is %s already", s->feed.sac, s->feed.sic, other->name);
}

// What looks stands somewhere and errs by something; what tells need not.
static void need_place(reading *r, const char *base, const raw_sensor *raw) {
  const struct {
    const char *key, *text;
  } needed[] = {{"lat_deg", raw->lat_deg},
                {"lon_deg", raw->lon_deg},
                {"sigma_az_rad", raw->sigma_az_rad},
                {"sigma_el_rad", raw->sigma_el_rad}};
  for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
    if (needed[i].text == NULL) wrong(r, base, needed[i].key, "a %s needs it", raw->kind);
}

static void read_sensor(reading *r, unsigned index, wf_sensor *s) {
  const raw_sensor *raw = &r->raw->sensors[index];
  char base[BASE_SIZE], box[BASE_SIZE + 16];
  snprintf(base, sizeof base, "sensors[%u]", index);
  snprintf(box, sizeof box, "%s.clutter_box", base);
  if (strlen(raw->name) >= sizeof s->name)
    wrong(r, base, "name", "\"%.40s\" is longer than %zu bytes", raw->name, sizeof s->name - 1);
  snprintf(s->name, sizeof s->name, "%s", raw->name);
  for (unsigned i = 0; i < r->out->sensor_count; i++)
    if (strcmp(r->out->sensors[i].name, s->name) == 0) wrong(r, base, "name", "\"%s\" is there twice", s->name);
  s->kind = WF_SENSOR_RADAR;
  if (!wf_sensor_kind_parse(raw->kind, &s->kind))
    wrong(r, base, "kind", "\"%.40s\" is not radar, infrared, system, service or seismic", raw->kind);
  if (s->kind <= WF_SENSOR_INFRARED) need_place(r, base, raw);
  read_sensor_numbers(r, base, raw, s);
  if (s->kind == WF_SENSOR_RADAR && !(s->sigma_range_m > 0))
    wrong(r, base, "sigma_range_m", "a radar needs it, above 0");
  if (raw->asterix != NULL) read_asterix(r, base, raw->asterix, s);
  if (raw->clutter_box == NULL) return;
  read_pair(r, box, "range_m", raw->clutter_box->range_m, 0, 5e7, s->box_range_m);
  read_pair(r, box, "az_rad", raw->clutter_box->az_rad, -2 * WF_PI, 2 * WF_PI, s->box_az_rad);
  read_pair(r, box, "el_rad", raw->clutter_box->el_rad, -WF_PI / 2, WF_PI / 2, s->box_el_rad);
}

static void read_sensors(reading *r) {
  wf_config *c = r->out;
  c->sensors = calloc(WF_SENSOR_MAX, sizeof *c->sensors);
  if (c->sensors == NULL) {
    wrong(r, "", "sensors", "out of memory");
    return;
  }
  for (unsigned i = 0; i < r->raw->sensors_count; i++) {
    read_sensor(r, i, &c->sensors[c->sensor_count]);
    c->sensor_count++;
  }
  if (r->raw->sensors_file == NULL) return;
  char path[WF_CONFIG_PATH_SIZE] = "";
  path_of(r, "", "sensors_file", r->raw->sensors_file, path);
  wf_status status = WF_OK;
  c->sensor_count += (uint32_t)wf_csv_read_sensors(path, r->diag, c->sensors + c->sensor_count,
                                                   WF_SENSOR_MAX - c->sensor_count, &status);
}

static void read_format(reading *r, const char *base, const raw_udp *raw, wf_envelope *envelope) {
  wf_asterix_framing framing = WF_ASTERIX_AUTO;
  if (raw->format == NULL || strcmp(raw->format, "watchfire") == 0) {
    if (raw->framing != NULL || raw->editions_count > 0)
      wrong(r, base, "format", "asterix is needed for framing and editions");
    return;
  }
  if (strcmp(raw->format, "asterix") != 0)
    wrong(r, base, "format", "\"%.40s\" is not watchfire or asterix", raw->format);
  if (raw->framing != NULL && wf_asterix_framing_parse(raw->framing, &framing) != WF_OK)
    wrong(r, base, "framing", "\"%.40s\" is not auto, plain, oradis or final", raw->framing);
  wf_envelope_asterix(envelope, framing);
  for (unsigned i = 0; i < raw->editions_count; i++)
    if (wf_envelope_edition(envelope, raw->editions[i]) != WF_OK)
      wrong(r, base, "editions", "\"%.40s\" is not CATEGORY:EDITION of a known one (`watchfire decode --list`)",
            raw->editions[i]);
}

static void read_udp(reading *r) {
  for (unsigned i = 0; i < r->raw->udp_count; i++) {
    const raw_udp *raw = &r->raw->udp[i];
    struct wf_config_udp *u = &r->out->udp[r->out->udp_count++];
    char base[BASE_SIZE];
    snprintf(base, sizeof base, "udp[%u]", i);
    address_of(r, base, "listen", raw->listen, &u->listen);
    if (raw->group != NULL) snprintf(u->group, sizeof u->group, "%s", raw->group);
    if (raw->interface != NULL) snprintf(u->interface, sizeof u->interface, "%s", raw->interface);
    read_format(r, base, raw, &u->envelope);
    if (raw->interface != NULL && raw->group == NULL)
      wrong(r, base, "interface", "says something only about a multicast group");
  }
}

static void read_tcp(reading *r) {
  for (unsigned i = 0; i < r->raw->tcp_count; i++) {
    const raw_udp *raw = &r->raw->tcp[i];
    struct wf_config_tcp *t = &r->out->tcp[r->out->tcp_count++];
    char base[BASE_SIZE];
    snprintf(base, sizeof base, "tcp[%u]", i);
    address_of(r, base, "listen", raw->listen, &t->listen);
    read_format(r, base, raw, &t->envelope);
  }
}

static void read_seismic(reading *r) {
  wf_config *c = r->out;
  for (unsigned i = 0; i < r->raw->seismic_count; i++) {
    const raw_seismic *raw = &r->raw->seismic[i];
    struct wf_config_seismic *s = &c->seismic[c->seismic_count++];
    char base[BASE_SIZE];
    bool known = false;
    snprintf(base, sizeof base, "seismic[%u]", i);
    for (uint32_t k = 0; k < c->sensor_count; k++)
      known = known || (c->sensors[k].kind == WF_SENSOR_SEISMIC && strcmp(c->sensors[k].name, raw->source) == 0);
    if (!known) wrong(r, base, "source", "\"%.40s\" is no sensor of kind seismic", raw->source);
    snprintf(s->source, sizeof s->source, "%s", raw->source);
    const bool http = strncmp(raw->url, "http://", 7) == 0 || strncmp(raw->url, "https://", 8) == 0;
    if (!http || strlen(raw->url) >= sizeof s->url)
      wrong(r, base, "url", "\"%.80s\" is not an http or https address of at most %zu bytes", raw->url,
            sizeof s->url - 1);
    else
      memcpy(s->url, raw->url, strlen(raw->url) + 1);
    s->every_s = number(r, base, "every_s", raw->every_s, 60, 1, 86400);
  }
}

static void read_062(reading *r) {
  const raw_062 *raw = r->raw->publish_062;
  struct wf_config_062 *p = &r->out->publish_062;
  if (raw == NULL) return;
  address_of(r, "publish_062", "to", raw->to, &p->to);
  if (raw->interface != NULL) snprintf(p->interface, sizeof p->interface, "%s", raw->interface);
  p->sac = (uint8_t)whole(r, "publish_062", "sac", raw->sac, 0, 0, 255);
  p->sic = (uint8_t)whole(r, "publish_062", "sic", raw->sic, 0, 0, 255);
  p->every_s = number(r, "publish_062", "every_s", raw->every_s, 4, 0.1, 60);
}

static bool is_member(const wf_config *c, wf_nation nation) {
  bool member = wf_nation_compare(nation, c->nation) == 0;
  for (uint32_t k = 0; k < c->partner_count; k++)
    member = member || (c->partner[k].membership == WF_MEMBER && wf_nation_compare(nation, c->partner[k].nation) == 0);
  return member;
}

static void add_profile(reading *r, const char *profile, const wf_audience *audience, const char *key) {
  const wf_status status = wf_release_profile(profile, audience, &r->out->policy);
  if (status == WF_ENOTFOUND)
    wrong(r, "release", "profile", "\"%.40s\" is not a built-in profile (warning-data, plots)", profile);
  else if (status != WF_OK)
    wrong(r, "release", key, "%s", wf_status_name(status));
}

static void read_audiences(reading *r, const char *profile) {
  wf_config *c = r->out;
  const raw_release *raw = r->raw->release;
  wf_audience all = {0};
  wf_audience_add(&all, c->nation);
  for (uint32_t i = 0; i < c->partner_count; i++)
    if (c->partner[i].membership == WF_MEMBER) wf_audience_add(&all, c->partner[i].nation);
  if (raw == NULL || raw->audiences_count == 0) {
    if (all.count > 1) add_profile(r, profile, &all, "profile");
    return;
  }
  for (unsigned i = 0; i < raw->audiences_count; i++) {
    char key[BASE_SIZE];
    wf_audience audience = {0};
    snprintf(key, sizeof key, "audiences[%u]", i);
    bool ok = wf_audience_parse(raw->audiences[i], &audience) == WF_OK && wf_audience_has(&audience, c->nation);
    for (int k = 0; ok && k < audience.count; k++) ok = is_member(c, audience.member[k]);
    if (!ok)
      wrong(r, "release", key, "\"%.60s\" is not a list of this nation and active partners, like \"JPN KOR USA\"",
            raw->audiences[i]);
    else
      add_profile(r, profile, &audience, key);
  }
}

// Every audience of a policy must be one this node can serve. The first that is not; NULL: all are.
static const wf_release_rule *unserved(const wf_config *c, const wf_release_policy *policy, wf_nation *stranger) {
  for (uint32_t i = 0; i < policy->rule_count; i++)
    for (int k = 0; k < policy->rule[i].audience.count; k++) {
      *stranger = policy->rule[i].audience.member[k];
      if (!is_member(c, *stranger)) return &policy->rule[i];
    }
  return NULL;
}

wf_status wf_config_read_policy(const wf_config *c, wf_release_policy *out, wf_diag *diag) {
  wf_nation stranger;
  const wf_status status = wf_policy_load(c->policy_path, c->nation, c->sensors, c->sensor_count, out, diag);
  const wf_release_rule *bad = status == WF_OK ? unserved(c, out, &stranger) : NULL;
  if (bad == NULL) return status;
  wf_diag_say(diag, c->policy_path, 0, "rule \"%s\" names %s, which is no active partner of this node", bad->name,
              stranger.code);
  return WF_EINVAL;
}

static void read_release(reading *r) {
  const raw_release *raw = r->raw->release;
  if (raw != NULL && raw->policy != NULL) {
    if (raw->profile != NULL || raw->audiences_count > 0)
      wrong(r, "release", "policy", "a policy file stands alone: profile and audiences are said in it");
    path_of(r, "release", "policy", raw->policy, r->out->policy_path);
    wf_config *c = r->out;
    wf_nation stranger;
    (void)wf_policy_load(c->policy_path, c->nation, c->sensors, c->sensor_count, &c->policy, r->diag);
    const wf_release_rule *bad = unserved(c, &c->policy, &stranger);
    if (bad != NULL)
      wrong(r, "release", "policy", "rule \"%s\" names %s, which is no active partner of this node", bad->name,
            stranger.code);
    return;
  }
  // Without a word about it, what is released is the least that makes a shared warning: said in docs/configuration.md.
  read_audiences(r, raw != NULL && raw->profile != NULL ? raw->profile : "warning-data");
}

static void read_clock(reading *r) {
  const raw_clock *raw = r->raw->clock;
  wf_config *c = r->out;
  c->rate = 1;
  if (raw == NULL) return;
  if (c->mode == WF_MODE_LIVE) wrong(r, "", "clock", "a live node runs on the real clock");
  time_of(r, "clock", "record_epoch", raw->record_epoch, &c->record_epoch);
  time_of(r, "clock", "real_epoch", raw->real_epoch, &c->real_epoch);
  c->rate = number(r, "clock", "rate", raw->rate, 1, 0.01, 1000);
}

static void read_stages(reading *r, const char *list, char *const *names, unsigned count, bool out[16]) {
  for (unsigned i = 0; i < count; i++) {
    char key[BASE_SIZE];
    snprintf(key, sizeof key, "%s[%u]", list, i);
    int stage = WF_STAGE_LAUNCH_NOTICE;
    while (stage <= WF_STAGE_LAST && strcmp(names[i], wf_product_stage_name((wf_product_stage)stage)) != 0) stage++;
    // What an error was, people say.
    if (stage > WF_STAGE_LAST || stage == WF_STAGE_CANCEL || stage == WF_STAGE_CORRECTION)
      wrong(r, "", key, "\"%.40s\" is not a stage of a product that goes out without people", names[i]);
    else
      out[stage] = true;
  }
}

// Roles from the file that people sign in by, so that there is one truth. Nobody at all would mean everybody.
static void read_accounts(reading *r) {
  wf_config *c = r->out;
  wf_accounts accounts;
  char reason[WF_ACCOUNTS_REASON_SIZE];
  if (c->accounts[0] == '\0') return;
  if (r->raw->officers_count > 0) wrong(r, "", "accounts", "officers and accounts are two lists of the same people");
  if (wf_accounts_load(c->accounts, &accounts, reason) != WF_OK) {
    wrong(r, "", "accounts", "%s", reason);
    return;
  }
  for (size_t i = 0; i < accounts.count && c->officer_count < WF_OFFICERS_MAX; i++) {
    if (accounts.item[i].disabled) continue;
    wf_officer *o = &c->officer[c->officer_count++];
    memcpy(o->name, accounts.item[i].name, sizeof o->name);
    o->role = (wf_role)accounts.item[i].role;
  }
  if (c->officer_count == 0) wrong(r, "", "accounts", "%s holds no active account", c->accounts);
}

static void read_people(reading *r) {
  const raw_config *raw = r->raw;
  wf_config *c = r->out;
  for (unsigned i = 0; i < raw->officers_count; i++) {
    char key[BASE_SIZE];
    snprintf(key, sizeof key, "officers[%u]", i);
    wf_officer *o = &c->officer[c->officer_count++];
    for (int role = WF_ROLE_VIEWER; role <= WF_ROLE_ADMINISTRATOR; role++)
      if (strcmp(raw->officers[i].role, wf_role_name((wf_role)role)) == 0) o->role = (wf_role)role;
    if (o->role == 0)
      wrong(r, key, "role", "\"%.40s\" is not viewer, watch_officer, release_authority or administrator",
            raw->officers[i].role);
    if (strlen(raw->officers[i].name) >= sizeof o->name || raw->officers[i].name[0] == '\0')
      wrong(r, key, "name", "a name has 1 to %zu bytes", sizeof o->name - 1);
    else
      memcpy(o->name, raw->officers[i].name, strlen(raw->officers[i].name));
  }
  read_accounts(r);
  for (unsigned i = 0; i < raw->post_count; i++) {
    char key[BASE_SIZE];
    snprintf(key, sizeof key, "post[%u]", i);
    const bool http = strncmp(raw->post[i], "http://", 7) == 0 || strncmp(raw->post[i], "https://", 8) == 0;
    if (!http || strlen(raw->post[i]) >= sizeof c->post[i])
      wrong(r, "", key, "\"%.80s\" is not an http or https address of at most %zu bytes", raw->post[i],
            sizeof c->post[i] - 1);
    else
      memcpy(c->post[c->post_count++], raw->post[i], strlen(raw->post[i]) + 1);
  }
  if (raw->cot != NULL) address_of(r, "", "cot", raw->cot, &c->cot);
}

static void read_choices(reading *r) {
  const raw_config *raw = r->raw;
  wf_config *c = r->out;
  c->medium = WF_MEDIUM_ATMOSPHERE;
  if (raw->medium != NULL && strcmp(raw->medium, "vacuum") == 0)
    c->medium = WF_MEDIUM_VACUUM;
  else if (raw->medium != NULL && strcmp(raw->medium, "atmosphere") != 0)
    wrong(r, "", "medium", "\"%.40s\" is not atmosphere or vacuum", raw->medium);
  static const char *const LEVELS[] = {"error", "warn", "info", "debug"};
  c->log_level = WF_LOG_INFO;
  bool known = raw->log == NULL;
  for (int i = 0; i < 4 && !known; i++)
    if (strcmp(raw->log, LEVELS[i]) == 0) c->log_level = (wf_log_level)i, known = true;
  if (!known) wrong(r, "", "log", "\"%.40s\" is not error, warn, info or debug", raw->log);
  read_stages(r, "automatic", raw->automatic, raw->automatic_count, c->automatic);
  read_stages(r, "delegated", raw->delegated, raw->delegated_count, c->delegated);
  read_people(r);
}

static void read_limits(reading *r) {
  static const raw_limits NONE;
  const raw_limits *l = r->raw->limits != NULL ? r->raw->limits : &NONE;
  wf_config *c = r->out;
  const double mb = 1024 * 1024;
  c->limits.tracks = whole(r, "limits", "tracks", l->tracks, 512, 8, 100000);
  c->limits.plots_per_scan = whole(r, "limits", "plots_per_scan", l->plots_per_scan, 4096, 16, 65535);
  c->limits.picture_tracks = whole(r, "limits", "picture_tracks", l->picture_tracks, 256, 8, 100000);
  c->limits.picture_contributions =
      whole(r, "limits", "picture_contributions", l->picture_contributions, 65536, 1024, 10000000);
  c->limits.products = whole(r, "limits", "products", l->products, 1024, 16, 100000);
  c->limits.bundle_records = whole(r, "limits", "bundle_records", l->bundle_records, 64, 1, 1024);
  c->limits.pending_connections = whole(r, "limits", "pending_connections", l->pending_connections, 64, 4, 4096);
  c->limits.feed_clients = whole(r, "limits", "feed_clients", l->feed_clients, 16, 1, 256);
  c->limits.cache_bytes = (size_t)(mb * number(r, "limits", "cache_mb", l->cache_mb, 32, 1, 65536));
  c->limits.partner_queue_bytes =
      (size_t)(mb * number(r, "limits", "partner_queue_mb", l->partner_queue_mb, 4, 1, 65536));
  c->limits.journal_bytes = (size_t)(mb * number(r, "limits", "journal_mb", l->journal_mb, 1024, 1, 1e6));
  c->limits.store_queue_bytes = (size_t)(mb * number(r, "limits", "store_queue_mb", l->store_queue_mb, 192, 1, 65536));
  c->limits.heartbeat_ms = number(r, "limits", "heartbeat_ms", l->heartbeat_ms, 200, 10, 60000);
  c->limits.dead_after_ms = number(r, "limits", "dead_after_ms", l->dead_after_ms, 1000, 50, 600000);
  c->limits.handshake_ms = number(r, "limits", "handshake_ms", l->handshake_ms, 5000, 100, 60000);
  c->limits.tick_ms = number(r, "limits", "tick_ms", l->tick_ms, 20, 1, 1000);
  c->limits.sensor_silent_scans = number(r, "limits", "sensor_silent_scans", l->sensor_silent_scans, 3, 1, 1000);
  if (c->limits.dead_after_ms < 2 * c->limits.heartbeat_ms)
    wrong(r, "limits", "dead_after_ms", "must be at least two heartbeats");
}

static void read_areas(wf_config *c, wf_diag *diag) {
  c->areas = wf_areas_of(c->nation, &c->area_count);
  if (c->areas_path[0] == '\0' || wf_areas_load(c->areas_path, &c->loaded, &c->loaded_count, diag) != WF_OK) return;
  c->areas = c->loaded;
  c->area_count = c->loaded_count;
}

static void read_all(reading *r) {
  read_identity(r);
  read_partners(r);
  read_sensors(r);
  read_udp(r);
  read_tcp(r);
  read_seismic(r);
  read_062(r);
  read_release(r);
  read_clock(r);
  read_choices(r);
  read_limits(r);
  read_areas(r->out, r->diag);
}

// ---- The file -----------------------------------------------------------------------------------------------------
static char *slurp(const char *path, size_t *size, wf_diag *diag) {
  FILE *file = fopen(path, "rb");
  char *text = file == NULL ? NULL : malloc(TEXT_MAX + 1);
  if (text != NULL) {
    *size = fread(text, 1, TEXT_MAX + 1, file);
    if (ferror(file) == 0 && *size <= TEXT_MAX) {
      fclose(file);
      text[*size] = '\0';
      return text;
    }
    wf_diag_say(diag, path, 0, "%s", *size > TEXT_MAX ? "longer than 4 MiB" : strerror(errno));
  } else {
    wf_diag_say(diag, path, 0, "%s", strerror(errno));
  }
  if (file != NULL) fclose(file);
  free(text);
  return NULL;
}

static void load(reading *r, const char *text, size_t size) {
  unsigned line = 0;
  char what[256];
  void *raw = NULL;
  wf_status status = wf_yaml_where_open(text, size, &r->where, &line, what, sizeof what);
  if (status == WF_OK) status = wf_yaml_load(text, size, r->where, &raw_config_schema, &raw, &line, what, sizeof what);
  r->raw = raw;
  if (status == WF_OK)
    read_all(r);
  else
    wf_diag_say(r->diag, r->path, line, "%s", what);
  wf_yaml_free(&raw_config_schema, raw);
  wf_yaml_where_close(r->where);
}

wf_config *wf_config_load(const char *path, wf_diag *diag) {
  size_t size = 0;
  const unsigned long before = diag->count;
  char *text = slurp(path, &size, diag);
  reading r = {.path = path, .diag = diag, .out = calloc(1, sizeof *r.out)};
  if (text != NULL && r.out != NULL) {
    snprintf(r.out->path, sizeof r.out->path, "%s", path);
    load(&r, text, size);
  }
  free(text);
  if (r.out != NULL && diag->count == before) return r.out;
  wf_config_free(r.out);
  return NULL;
}

void wf_config_free(wf_config *config) {
  if (config == NULL) return;
  free(config->sensors);
  wf_areas_free(config->loaded, config->loaded_count);
  free(config);
}
