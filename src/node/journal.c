// The journal being written. Frames: kind (1), size of the payload (4), payload, check (8), all big-endian; the check
// is SipHash-2-4 over kind, size and payload.
#include "node/journal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "journal_code.h"

enum { FRAME_HEAD = 5, FRAME_CHECK = 8, FIXED_MAX = 96 * 1024 };

struct wf_journal {
  wf_journal_config config;
  bool open;
  uint64_t bytes, steps, effects;
  wf_time next_mark;
  uint8_t *frame;  // scratch
  size_t cap;
};

uint64_t journal_fold(uint64_t check, const void *bytes, size_t size) {
  uint8_t key[crypto_shorthash_KEYBYTES] = {0}, out[crypto_shorthash_BYTES];
  memcpy(key, &check, sizeof check);
  crypto_shorthash(out, size > 0 ? bytes : (const void *)"", size, key);
  uint64_t next;
  memcpy(&next, out, sizeof next);
  return next;
}

static uint64_t fold_number(uint64_t check, uint64_t value) {
  return journal_fold(check, &value, sizeof value);
}

static uint64_t fold_double(uint64_t check, double value) {
  return journal_fold(check, &value, sizeof value);
}

static uint64_t fold_impact(uint64_t check, const wf_impact_area *i) {
  check = fold_number(check, (uint64_t)i->valid << 8 | i->reason);
  if (!i->valid) return check;
  check = fold_number(check, (uint64_t)i->time.ns);
  const double v[] = {i->area.lat_rad,         i->area.lon_rad,     i->area.semi_major_95_m,
                      i->area.semi_minor_95_m, i->area.azimuth_rad, i->time_sigma_s};
  return journal_fold(check, v, sizeof v);
}

static uint64_t fold_bulletin(uint64_t check, const wf_bulletin *b) {
  const wf_ground_ellipse *e = &b->place;
  const double v[] = {b->magnitude,       b->depth_m,         e->lat_rad,    e->lon_rad,
                      e->semi_major_95_m, e->semi_minor_95_m, e->azimuth_rad};
  check = fold_number(check, (uint64_t)b->kind << 8 | (uint64_t)b->possible_explosion);
  check = fold_number(check, (uint64_t)b->from.ns);
  check = fold_number(check, (uint64_t)b->to.ns);
  check = journal_fold(check, v, sizeof v);
  return journal_fold(check, b->origin, strnlen(b->origin, sizeof b->origin));
}

static uint64_t fold_product(uint64_t check, const wf_product *p) {
  check = fold_number(check, p->id);
  check = fold_number(check, p->event);
  check = fold_number(check, (uint64_t)p->stage << 16 | (uint64_t)p->state << 8 | p->rule);
  check = fold_number(check, (uint64_t)p->proposed_at.ns);
  check = fold_number(check, (uint64_t)p->released_at.ns);
  check = fold_number(check, p->supersedes);
  check = fold_impact(check, &p->impact);
  if (p->bulletin.kind != WF_BULLETIN_NONE) check = fold_bulletin(check, &p->bulletin);
  for (uint16_t i = 0; i < p->area_count; i++) {
    check = journal_fold(check, p->area[i].code, strnlen(p->area[i].code, sizeof p->area[i].code));
    check = fold_double(check, p->area[i].probability);
    check = fold_number(check, (uint64_t)p->area[i].earliest.ns);
    check = fold_number(check, (uint64_t)p->area[i].latest.ns);
    check = fold_double(check, p->area[i].height_m);
    check = fold_number(check, p->area[i].threat);
  }
  return check;
}

static uint64_t fold_exchange(uint64_t check, const wf_exchange_effect *e) {
  check = fold_number(check, (uint64_t)e->kind << 32 | (uint64_t)e->lane << 8 | (uint64_t)e->alarm);
  check = fold_number(check, wf_nation_bits(e->nation));
  check = fold_number(check, e->token);
  check = fold_number(check, e->epoch);
  if (e->kind == WF_XE_STORE || e->kind == WF_XE_FETCH) {
    check = fold_number(check, e->row.epoch);
    check = fold_number(check, e->row.first);
    check = fold_number(check, e->row.last);
  }
  if (e->text != NULL) check = journal_fold(check, e->text, strlen(e->text));
  return journal_fold(check, e->bytes.data, e->bytes.size);
}

static uint64_t fold_note(uint64_t check, const wf_release_note *n) {
  check = fold_number(check, (uint64_t)n->valid_time.ns);
  check = fold_number(check, n->object);
  check = fold_number(check, n->policy);
  check = fold_number(check, (uint64_t)n->kind << 8 | n->outcome);
  return journal_fold(check, n->rule, strnlen(n->rule, sizeof n->rule));
}

uint64_t journal_fold_effect(uint64_t check, const wf_effect *e) {
  check = fold_number(check, (uint64_t)e->kind);
  switch (e->kind) {
    case WF_OUT_EXCHANGE:
    case WF_OUT_TEST_DATA:
      return fold_exchange(check, &e->exchange);
    case WF_OUT_PRODUCT:
      return e->product != NULL ? fold_product(check, e->product) : check;
    case WF_OUT_RELEASE:
      return e->release != NULL ? fold_note(check, e->release) : check;
    case WF_OUT_ALARM:
      check = fold_number(check, (uint64_t)e->alarm);
      return e->text != NULL ? journal_fold(check, e->text, strlen(e->text)) : check;
  }
  return check;
}

static uint64_t fold_products(const wf_node *node) {
  uint64_t check = 0;
  const size_t count = wf_warn_count(node->warn);
  for (size_t i = 0; i < count; i++) {
    const wf_product *p = wf_warn_at(node->warn, i);
    if (p != NULL) check = fold_product(check, p);
  }
  return check;
}

static uint64_t fold_states(const wf_node *node) {
  uint64_t check = 0;
  const size_t count = wf_picture_count(node->national);
  for (size_t i = 0; i < count; i++) {
    const wf_common_track *t = wf_picture_outline_at(node->national, i);
    check = fold_number(check, t->number);
    check = fold_number(check, (uint64_t)t->track.time.ns);
    check = journal_fold(check, t->track.state, sizeof t->track.state);
    check = journal_fold(check, t->track.covariance, sizeof t->track.covariance);
    check = fold_impact(check, &t->impact);
  }
  return check;
}

void journal_mark_of(wf_node *node, uint64_t steps, uint64_t effects, wf_journal_mark *out) {
  wf_picture_digest d;
  *out = (wf_journal_mark){.steps = steps, .effects = effects, .at = node->now.wall, .share_count = node->share_count};
  for (uint32_t i = 0; i < node->share_count; i++) {
    wf_picture_digest_now(node->shares[i].common, &d);
    memcpy(out->common[i], d.picture, WF_DIGEST_SIZE);
  }
  wf_picture_digest_now(node->national, &d);
  memcpy(out->national, d.picture, WF_DIGEST_SIZE);
  out->track_count = d.track_count;
  memcpy(out->track, d.track, d.track_count * sizeof d.track[0]);
  out->products = fold_products(node);
  out->states = fold_states(node);
}

// ---- Frames --------------------------------------------------------------------------------------------------------
static bool room(wf_journal *j, size_t payload) {
  const size_t need = FRAME_HEAD + payload + FRAME_CHECK;
  if (need <= j->cap) return true;
  uint8_t *grown = realloc(j->frame, need * 2);
  if (grown == NULL) return false;
  j->frame = grown;
  j->cap = need * 2;
  return true;
}

static void put(wf_journal *j, wf_bytes bytes) {
  if (!j->open) return;
  j->open = j->config.write(j->config.context, bytes);
  if (j->open) j->bytes += bytes.size;
}

// The payload stands in the scratch already, behind the frame's head.
static void finish(wf_journal *j, wf_journal_kind kind, size_t payload) {
  wf_writer head = wf_writer_of(j->frame, FRAME_HEAD);
  wf_write_uint(&head, (uint64_t)kind, 1);
  wf_write_uint(&head, payload, 4);
  const uint64_t check = journal_fold(0, j->frame, FRAME_HEAD + payload);
  memcpy(j->frame + FRAME_HEAD + payload, &check, sizeof check);
  put(j, (wf_bytes){j->frame, FRAME_HEAD + payload + FRAME_CHECK});
}

static wf_writer begin(wf_journal *j, size_t payload_max) {
  if (!room(j, payload_max)) {
    j->open = false;
    return wf_writer_of(j->frame, 0);
  }
  return wf_writer_of(j->frame + FRAME_HEAD, payload_max);
}

static void end(wf_journal *j, const char *why) {
  wf_writer w = begin(j, 256);
  wf_write_bytes(&w, why, strnlen(why, 255));
  if (!w.failed) finish(j, WF_JOURNAL_END, w.offset);
  j->open = false;
}

wf_journal *wf_journal_new(const wf_journal_config *config) {
  wf_journal *j = calloc(1, sizeof *j);
  if (j == NULL) return NULL;
  j->config = *config;
  if (j->config.mark_every_ns <= 0) j->config.mark_every_ns = WF_NS_PER_S;
  j->open = true;
  if (!room(j, FIXED_MAX)) {
    free(j);
    return NULL;
  }
  uint8_t header[WF_JOURNAL_HEADER];
  wf_writer w = wf_writer_of(header, sizeof header);
  wf_write_bytes(&w, WF_JOURNAL_MAGIC, 8);
  wf_write_uint(&w, WF_JOURNAL_VERSION, 2);
  put(j, (wf_bytes){header, sizeof header});
  return j;
}

void wf_journal_free(wf_journal *j) {
  if (j == NULL) return;
  if (j->open) end(j, "closed");
  free(j->frame);
  free(j);
}

bool wf_journal_open(const wf_journal *j) {
  return j->open;
}

uint64_t wf_journal_bytes(const wf_journal *j) {
  return j->bytes;
}

static void write_text(wf_writer *w, const char *text) {
  const size_t size = text != NULL ? strlen(text) : 0;
  wf_write_uint(w, size, 4);
  wf_write_bytes(w, size > 0 ? text : "", size);
}

static size_t area_points(const wf_area *a) {
  size_t points = 0;
  for (uint32_t i = 0; i < a->ring_count; i++) points += a->ring_points[i];
  return points;
}

static void write_area(wf_writer *w, const wf_area *a) {
  journal_code code = {.to = w};
  char name[WF_AREA_CODE_SIZE];
  memcpy(name, a->code, sizeof name);
  journal_code_text(&code, name, sizeof name);
  write_text(w, a->name_en);
  write_text(w, a->name_ja);
  write_text(w, a->name_ko);
  wf_write_uint(w, a->ring_count, 4);
  for (uint32_t i = 0; i < a->ring_count; i++) wf_write_uint(w, a->ring_points[i], 4);
  const size_t points = area_points(a);
  for (size_t i = 0; i < 2 * points; i++) {
    double v = a->lat_lon_rad[i];
    journal_code_double(&code, &v);
  }
}

static size_t areas_size(const wf_node_config *config) {
  size_t size = 0;
  for (size_t i = 0; i < config->area_count; i++) {
    const wf_area *a = &config->areas[i];
    size += 64 + strlen(a->name_en) + strlen(a->name_ja) + strlen(a->name_ko) + 4 * (size_t)a->ring_count +
            16 * area_points(a);
  }
  return size;
}

void wf_journal_start(wf_journal *j, const wf_node_config *config) {
  if (!j->open) return;
  wf_writer w = begin(j, FIXED_MAX + areas_size(config) + config->sensor_count * sizeof(wf_sensor) * 2);
  journal_code code = {.to = &w};
  char version[32] = {0};
  if (j->config.version != NULL) memcpy(version, j->config.version, strnlen(j->config.version, sizeof version - 1));
  journal_code_text(&code, version, sizeof version);
  wf_node_config copy = *config;
  journal_code_config(&code, &copy);
  journal_code_u32(&code, &copy.sensor_count, UINT32_MAX);
  for (uint32_t i = 0; i < config->sensor_count; i++) {
    wf_sensor sensor = config->sensors[i];
    journal_code_sensor(&code, &sensor);
  }
  wf_write_uint(&w, config->area_count, 4);
  for (size_t i = 0; i < config->area_count; i++) write_area(&w, &config->areas[i]);
  j->steps = j->effects = 0;
  j->next_mark.ns = INT64_MIN;
  if (w.failed)
    j->open = false;
  else
    finish(j, WF_JOURNAL_START, w.offset);
}

static size_t payload_bytes(const wf_input *input) {
  return input->bytes.size + input->exchange.bytes.size + (input->kind == WF_IN_POLICY ? FIXED_MAX : 0);
}

void wf_journal_input(wf_journal *j, wf_clock now, const wf_input *input) {
  if (!j->open) return;
  const size_t size = 512 + payload_bytes(input);
  if (j->config.bytes_max > 0 && j->bytes + size + 256 > j->config.bytes_max) {
    end(j, "full: it has reached its bound, and what came later is not in it");
    return;
  }
  wf_journal_input_frame f = {.effects = j->effects, .now = now, .input = *input};
  wf_release_policy policy;
  if (input->kind == WF_IN_POLICY && input->policy != NULL) {
    policy = *input->policy;
    f.policy = &policy;
  }
  if (input->action != NULL) f.action = *input->action;
  if (input->person != NULL) memcpy(f.person, input->person, strnlen(input->person, sizeof f.person - 1));
  wf_writer w = begin(j, size);
  journal_code code = {.to = &w};
  journal_code_input(&code, &f);
  if (!w.failed) finish(j, WF_JOURNAL_INPUT, w.offset);
  j->open = j->open && !w.failed;
}

void wf_journal_effect(wf_journal *j, const wf_effect *effect) {
  if (j->open) j->effects = journal_fold_effect(j->effects, effect);
}

void wf_journal_stepped(wf_journal *j, wf_node *node) {
  if (!j->open) return;
  j->steps++;
  const wf_time now = wf_node_time(node);
  if (now.ns < j->next_mark.ns) return;
  j->next_mark.ns = (now.ns / j->config.mark_every_ns + 1) * j->config.mark_every_ns;
  wf_journal_mark mark;
  journal_mark_of(node, j->steps, j->effects, &mark);
  wf_writer w = begin(j, FIXED_MAX);
  journal_code code = {.to = &w};
  journal_code_mark(&code, &mark);
  if (!w.failed) finish(j, WF_JOURNAL_MARK, w.offset);
  j->open = j->open && !w.failed;
}
