#include "journal_code.h"

#include <string.h>

enum {
  TRACKS_MOST = 1 << 17,
  CONTRIBUTIONS_MOST = 1 << 23,
  PLOTS_MOST = 1 << 17,
  PRODUCTS_MOST = 1 << 16,
  BYTES_MOST = 1 << 30,
};

// What is missing here is missing from every recording: who adds a field adds it below, and then mends the size.
#define COMPLETE(type, size) _Static_assert(sizeof(type) == (size), #type " has new fields: write them here, too")
COMPLETE(wf_exchange_input, 88);
COMPLETE(wf_input, 152);
COMPLETE(wf_exchange_config, 112);
COMPLETE(wf_release_rule, 672);
COMPLETE(wf_sensor, 240);
COMPLETE(wf_node_config, 44456);

bool journal_code_failed(const journal_code *c) {
  return c->to != NULL ? c->to->failed : c->from->failed;
}

static void refuse(journal_code *c) {
  if (c->from != NULL) c->from->failed = true;
}

static void code_uint(journal_code *c, uint64_t *value, unsigned bytes, uint64_t most) {
  if (c->to != NULL) {
    wf_write_uint(c->to, *value, bytes);
    return;
  }
  *value = wf_read_uint(c->from, bytes);
  if (*value <= most) return;
  *value = 0;
  refuse(c);
}

static void code_u64(journal_code *c, uint64_t *value) {
  code_uint(c, value, 8, UINT64_MAX);
}

void journal_code_u32(journal_code *c, uint32_t *value, uint32_t most) {
  uint64_t v = *value;
  code_uint(c, &v, 4, most);
  *value = (uint32_t)v;
}

static void code_size(journal_code *c, size_t *value) {
  uint64_t v = *value;
  code_uint(c, &v, 8, BYTES_MOST);
  *value = (size_t)v;
}

static void code_i64(journal_code *c, int64_t *value) {
  uint64_t v = (uint64_t)*value;
  code_u64(c, &v);
  *value = (int64_t)v;
}

static void code_u8(journal_code *c, uint8_t *value, uint8_t most) {
  uint64_t v = *value;
  code_uint(c, &v, 1, most);
  *value = (uint8_t)v;
}

static void code_bool(journal_code *c, bool *value) {
  uint8_t v = *value;
  code_u8(c, &v, 1);
  *value = v != 0;
}

void journal_code_double(journal_code *c, double *value) {
  uint64_t bits;
  memcpy(&bits, value, sizeof bits);
  code_u64(c, &bits);
  memcpy(value, &bits, sizeof bits);
}

static void code_doubles(journal_code *c, double *values, int count) {
  for (int i = 0; i < count; i++) journal_code_double(c, &values[i]);
}

void journal_code_text(journal_code *c, char *text, size_t size) {
  if (c->to != NULL) {
    char room[512] = {0};
    if (size <= sizeof room) memcpy(room, text, strnlen(text, size - 1));
    wf_write_bytes(c->to, room, size <= sizeof room ? size : 0);
    return;
  }
  const wf_bytes b = wf_read_bytes(c->from, size);
  memset(text, 0, size);
  if (b.size != size) return;
  memcpy(text, b.data, size);
  if (text[size - 1] != '\0') refuse(c);
  text[size - 1] = '\0';
}

static void code_raw(journal_code *c, uint8_t *bytes, size_t size) {
  if (c->to != NULL) {
    wf_write_bytes(c->to, bytes, size);
    return;
  }
  const wf_bytes b = wf_read_bytes(c->from, size);
  memset(bytes, 0, size);
  if (b.size == size) memcpy(bytes, b.data, size);
}

// Bytes as long as they say; read in place.
static void code_bytes(journal_code *c, wf_bytes *bytes) {
  uint32_t size = (uint32_t)bytes->size;
  journal_code_u32(c, &size, WF_JOURNAL_FRAME_MAX);
  if (c->to != NULL)
    wf_write_bytes(c->to, bytes->size > 0 ? bytes->data : (const uint8_t *)"", bytes->size);
  else
    *bytes = wf_read_bytes(c->from, size);
}

static void code_nation(journal_code *c, wf_nation *nation) {
  wf_nation known;
  code_raw(c, (uint8_t *)nation->code, sizeof nation->code);
  const bool none = wf_nation_bits(*nation) == 0;
  if (c->from != NULL && !none && (nation->code[3] != '\0' || wf_nation_parse(nation->code, &known) != WF_OK)) {
    memset(nation, 0, sizeof *nation);
    refuse(c);
  }
}

static void code_audience(journal_code *c, wf_audience *audience) {
  code_u8(c, &audience->count, WF_NATION_MAX);
  for (int i = 0; i < audience->count; i++) code_nation(c, &audience->member[i]);
}

static void code_regions(journal_code *c, uint8_t *count, wf_release_region *region) {
  code_u8(c, count, WF_RELEASE_REGIONS_MAX);
  for (int i = 0; i < *count; i++) {
    code_doubles(c, region[i].lat_rad, 2);
    code_doubles(c, region[i].lon_rad, 2);
  }
}

static void code_rule(journal_code *c, wf_release_rule *rule) {
  journal_code_text(c, rule->name, sizeof rule->name);
  code_audience(c, &rule->audience);
  journal_code_u32(c, &rule->kinds, UINT32_MAX);
  code_u64(c, &rule->sensors_deny_low);
  journal_code_double(c, &rule->min_interval_s);
  journal_code_double(c, &rule->time_grain_s);
  journal_code_double(c, &rule->place_grain_m);
  code_u8(c, &rule->hide_plot_count, 1);
  code_u8(c, &rule->hide_coverage, 1);
  journal_code_u32(c, &rule->hidden, UINT32_MAX);
  journal_code_double(c, &rule->delay_s);
  journal_code_double(c, &rule->guard_sigma_m);
  journal_code_double(c, &rule->guard_grid_s);
  journal_code_double(c, &rule->guard_hold_s);
  journal_code_double(c, &rule->only_above_m);
  code_regions(c, &rule->withhold_count, rule->withhold);
  code_regions(c, &rule->only_count, rule->only);
}

static void code_policy(journal_code *c, wf_release_policy *policy) {
  journal_code_u32(c, &policy->rule_count, WF_RULES_MAX);
  for (uint32_t i = 0; i < policy->rule_count; i++) code_rule(c, &policy->rule[i]);
  journal_code_text(c, policy->profile, sizeof policy->profile);
  code_u64(c, &policy->version);
}

static void code_exchange(journal_code *c, wf_exchange_config *x) {
  code_nation(c, &x->nation);
  journal_code_u32(c, &x->writer, UINT32_MAX);
  uint8_t mode = (uint8_t)x->mode;
  code_u8(c, &mode, WF_MODE_EXERCISE);
  x->mode = (wf_mode)mode;
  code_u64(c, &x->boot);
  journal_code_u32(c, &x->partner_count, WF_NATION_MAX);
  for (uint32_t i = 0; i < x->partner_count; i++) code_nation(c, &x->partner[i].nation);
  code_size(c, &x->cache_bytes);
  code_size(c, &x->partner_queue_bytes);
  journal_code_u32(c, &x->bundle_records_max, 1 << 20);
  journal_code_u32(c, &x->stores_max, 1 << 20);
  code_i64(c, &x->heartbeat_ns);
  code_i64(c, &x->dead_after_ns);
  code_i64(c, &x->clock_alarm_ns);
}

static void code_officer(journal_code *c, wf_officer *o) {
  uint8_t role = (uint8_t)o->role;
  journal_code_text(c, o->name, sizeof o->name);
  code_u8(c, &role, WF_ROLE_ADMINISTRATOR);
  o->role = (wf_role)role;
}

void journal_code_config(journal_code *c, wf_node_config *config) {
  code_exchange(c, &config->exchange);
  uint8_t medium = (uint8_t)config->medium;
  code_u8(c, &medium, WF_MEDIUM_VACUUM);
  config->medium = (wf_medium)medium;
  code_policy(c, &config->policy);
  journal_code_u32(c, &config->tracks_max, TRACKS_MOST);
  journal_code_u32(c, &config->plots_per_scan_max, PLOTS_MOST);
  journal_code_u32(c, &config->picture_tracks_max, TRACKS_MOST);
  journal_code_u32(c, &config->picture_contributions_max, CONTRIBUTIONS_MOST);
  journal_code_u32(c, &config->products_max, PRODUCTS_MOST);
  for (int i = 0; i < 16; i++) code_bool(c, &config->automatic[i]);
  for (int i = 0; i < 16; i++) code_bool(c, &config->delegated[i]);
  journal_code_u32(c, &config->officer_count, WF_OFFICERS_MAX);
  for (uint32_t i = 0; i < config->officer_count; i++) code_officer(c, &config->officer[i]);
  journal_code_double(c, &config->sensor_silent_scans);
  code_raw(c, config->guard_secret, sizeof config->guard_secret);
  code_bool(c, &config->advance_apart);
}

void journal_code_sensor(journal_code *c, wf_sensor *s) {
  journal_code_text(c, s->name, sizeof s->name);
  uint8_t kind = (uint8_t)s->kind;
  code_u8(c, &kind, WF_SENSOR_SEISMIC);
  if (kind < WF_SENSOR_RADAR) refuse(c);
  s->kind = (wf_sensor_kind)kind;
  double *const number[] = {&s->lla.lat_rad,          &s->lla.lon_rad,           &s->lla.h_m,
                            &s->sigma_range_m,        &s->sigma_az_rad,          &s->sigma_el_rad,
                            &s->sigma_range_rate_m_s, &s->detection_probability, &s->clutter_mean_per_scan,
                            &s->scan_period_s,        &s->range_max_m,           &s->el_min_rad,
                            &s->bias_sigma_range_m,   &s->bias_sigma_az_rad,     &s->bias_sigma_el_rad};
  for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) journal_code_double(c, number[i]);
  code_doubles(c, s->box_range_m, 2);
  code_doubles(c, s->box_az_rad, 2);
  code_doubles(c, s->box_el_rad, 2);
  code_bool(c, &s->feed.asterix);
  code_u8(c, &s->feed.sac, UINT8_MAX);
  code_u8(c, &s->feed.sic, UINT8_MAX);
  code_bool(c, &s->feed.refraction);
  journal_code_double(c, &s->feed.clock_offset_s);
  journal_code_double(c, &s->feed.max_age_s);
  journal_code_double(c, &s->feed.sigma_height_m);
}

static void code_exchange_input(journal_code *c, wf_exchange_input *x) {
  uint8_t kind = (uint8_t)x->kind, lane = (uint8_t)x->lane, priority = (uint8_t)x->priority;
  code_u8(c, &kind, WF_XI_PARTNER);
  code_u8(c, &lane, WF_LANE_BULK);
  code_u8(c, &priority, WF_PRIORITY_COUNT);
  x->kind = (wf_exchange_input_kind)kind;
  x->lane = (wf_lane)lane;
  x->priority = (wf_priority)priority;
  code_bool(c, &x->ok);
  code_bool(c, &x->damaged);
  code_nation(c, &x->nation);
  code_u64(c, &x->token);
  code_u64(c, &x->credit);
  code_u64(c, &x->epoch_stored);
  code_u64(c, &x->first);
  code_u64(c, &x->last);
  journal_code_u32(c, &x->stream, UINT32_MAX);
  code_bytes(c, &x->bytes);
}

static void code_decision(journal_code *c, wf_journal_input_frame *f) {
  uint8_t decision = (uint8_t)f->input.decision;
  code_u64(c, &f->input.product);
  code_u8(c, &decision, UINT8_MAX);
  f->input.decision = (wf_decision)decision;
  journal_code_text(c, f->person, sizeof f->person);
}

static void code_action(journal_code *c, wf_action *a) {
  journal_code_text(c, a->person, sizeof a->person);
  journal_code_text(c, a->role, sizeof a->role);
  journal_code_text(c, a->what, sizeof a->what);
  journal_code_text(c, a->outcome, sizeof a->outcome);
  journal_code_text(c, a->reason, sizeof a->reason);
  code_u64(c, &a->subject);
}

void journal_code_input(journal_code *c, wf_journal_input_frame *f) {
  uint8_t kind = (uint8_t)f->input.kind;
  code_u64(c, &f->effects);
  code_i64(c, &f->now.wall.ns);
  code_i64(c, &f->now.mono.ns);
  code_u8(c, &kind, WF_IN_ACTION);
  f->input.kind = (wf_input_kind)kind;
  switch (f->input.kind) {
    case WF_IN_EXCHANGE:
      code_exchange_input(c, &f->input.exchange);
      break;
    case WF_IN_SENSOR:
      code_bytes(c, &f->input.bytes);
      break;
    case WF_IN_DECISION:
      code_decision(c, f);
      break;
    case WF_IN_POLICY:
      if (f->policy == NULL) {
        refuse(c);
        break;
      }
      code_policy(c, f->policy);
      f->input.policy = f->policy;
      journal_code_text(c, f->person, sizeof f->person);
      break;
    case WF_IN_TEST_DATA:
      code_exchange_input(c, &f->input.exchange);
      code_bytes(c, &f->input.bytes);
      break;
    case WF_IN_REPORT:
    case WF_IN_NOTICE:
      code_bytes(c, &f->input.bytes);
      journal_code_text(c, f->person, sizeof f->person);
      break;
    case WF_IN_ACTION:
      code_action(c, &f->action);
      break;
    case WF_IN_ADVANCE:
      break;
  }
}

void journal_code_mark(journal_code *c, wf_journal_mark *m) {
  code_u64(c, &m->steps);
  code_u64(c, &m->effects);
  code_i64(c, &m->at.ns);
  journal_code_u32(c, &m->share_count, 4);
  for (uint32_t i = 0; i < m->share_count; i++) code_raw(c, m->common[i], WF_DIGEST_SIZE);
  code_raw(c, m->national, WF_DIGEST_SIZE);
  journal_code_u32(c, &m->track_count, WF_DIGEST_TRACKS_MAX);
  for (uint32_t i = 0; i < m->track_count; i++) {
    code_u64(c, &m->track[i].number);
    code_u64(c, &m->track[i].hash);
  }
  code_u64(c, &m->products);
  code_u64(c, &m->states);
}
