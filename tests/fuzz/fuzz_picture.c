// Arbitrary contributions in arbitrary order into a picture: nothing breaks, bounds hold, and the order does not
// matter. The input is a list of operations; each contribution is a plausible one with some bytes of it replaced.
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "picture/picture.h"

#define KEPT 40
#define START_NS INT64_C(1800000000000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void plausible(wf_contribution *c, uint8_t kind, uint32_t n) {
  static const char codes[3][4] = {"JPN", "KOR", "USA"};
  memset(c, 0, sizeof *c);
  memcpy(c->id.origin.code, codes[n % 3], 4);
  c->id.stream = 1;
  c->id.epoch = 1;
  c->id.sequence = n;
  c->kind = (uint8_t)(kind % 4 + 1);
  c->sources = WF_SOURCE_RADAR;
  c->object = 1 + kind / 4 % 8;
  c->valid_time.ns = START_NS + (int64_t)n * 200000000;
  c->publish_time.ns = c->valid_time.ns + 100000000;
  const double place[6] = {-3.9e6, 3.4e6, 4.0e6, 1200.0, -900.0, 1500.0};
  switch (c->kind) {
    case WF_CONTRIBUTION_DETECTION:
      memcpy(c->detection.pos_ecef_m, place, 3 * sizeof *place);
      c->detection.covariance_m2[0] = c->detection.covariance_m2[3] = c->detection.covariance_m2[5] = 1e8;
      c->detection.has_place = 1;
      break;
    case WF_CONTRIBUTION_TRACKLET:
      memcpy(c->tracklet.reference, place, sizeof place);
      for (int i = 0, at = 0; i < 6; at += 6 - i, i++) c->tracklet.information[at] = i < 3 ? 1e-4 : 1e-2;
      c->tracklet.phase = n % 4;
      c->tracklet.whole = n % 11 == 0;
      break;
    case WF_CONTRIBUTION_LAUNCH:
      c->launch = (wf_launch_area){true, c->valid_time, 3.0, {0.68, 2.2, 8e3, 4e3, 1.0}};
      break;
    default:
      c->status.life = (uint8_t)(n % 6 + 1);
      c->status.phase = n % 4;
      break;
  }
}

// 8 bytes anywhere in the contribution, as many times as the input says; enough to reach every check.
static void disturb(wf_reader *r, wf_contribution *c) {
  const unsigned count = (unsigned)wf_read_uint(r, 1) % 4;
  for (unsigned i = 0; i < count; i++) {
    const size_t at = (size_t)wf_read_uint(r, 2) % (sizeof *c - 8);
    const uint64_t bits = wf_read_uint(r, 8);
    memcpy((uint8_t *)c + at / 8 * 8, &bits, sizeof bits);
  }
  // Booleans and codes must be values of their types, as every decoder makes them.
  if (c->kind == WF_CONTRIBUTION_LAUNCH) memset(&c->launch.valid, ((uint8_t *)&c->launch)[0] & 1, 1);
}

static void look(wf_picture *p) {
  for (size_t i = 0; i < wf_picture_count(p); i++) {
    const wf_common_track *t = wf_picture_at(p, i);
    if (t == NULL || wf_picture_find(p, t->number) != t || t->contributor_count > WF_NATION_MAX) abort();
  }
}

static void compare(wf_picture *p, const wf_contribution *kept, size_t count, const wf_picture_config *config,
                    wf_time at) {
  wf_picture_digest a, b;
  wf_picture *q = wf_picture_new(config);
  for (size_t i = count; i-- > 0;)
    if (wf_picture_insert(q, &kept[i]) != WF_OK) abort();
  if (wf_picture_digest_at(p, at, &a) != WF_OK || wf_picture_digest_at(q, at, &b) != WF_OK) abort();
  if (memcmp(&a, &b, sizeof a) != 0) abort();
  wf_picture_free(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const wf_picture_config config = {.tracks_max = 4, .contributions_max = KEPT, .medium_vacuum = size % 2 == 0};
  wf_picture *p = wf_picture_new(&config);
  wf_reader r = wf_reader_of(data, size);
  static wf_contribution kept[KEPT];
  size_t count = 0;
  wf_time now = {START_NS};
  for (uint32_t n = 0; n < KEPT && !r.failed; n++) {
    const uint8_t op = (uint8_t)wf_read_uint(&r, 1);
    wf_contribution c;
    plausible(&c, (uint8_t)wf_read_uint(&r, 1), op % 16 == 7 ? n / 2 : n);
    disturb(&r, &c);
    if (wf_picture_insert(p, &c) == WF_OK && count < KEPT) kept[count++] = c;
    if (op % 4 == 0) {
      now.ns += (int64_t)(wf_read_uint(&r, 2) % 3000) * 10000000;
      wf_picture_advance(p, now);
      if (op % 16 == 0) look(p);
    }
    if (op == 13 && count > 0 && wf_picture_remove(p, &kept[count - 1].id) == WF_OK) count--;
  }
  wf_picture_advance(p, now);
  look(p);
  compare(p, kept, count, &config, now);
  wf_picture_free(p);
  return 0;
}
