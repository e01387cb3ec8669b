#include "guard_noise.h"

#include <sodium.h>

#include "base/fmath.h"

static void put_u64(uint8_t *out, uint64_t v) {
  for (int i = 0; i < 8; i++) out[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_u64(const uint8_t *in) {
  uint64_t v = 0;
  for (int i = 0; i < 8; i++) v |= (uint64_t)in[i] << (8 * i);
  return v;
}

static void draw(const uint8_t secret[WF_GUARD_SECRET_SIZE], uint64_t object, uint64_t time, uint64_t purpose,
                 uint8_t out[64]) {
  uint8_t text[24];
  put_u64(text, object);
  put_u64(text + 8, time);
  put_u64(text + 16, purpose);
  crypto_generichash(out, 64, text, sizeof text, secret, WF_GUARD_SECRET_SIZE);
}

// Box and Muller (1958): two uniform numbers, the first in (0, 1], make two normal ones.
void guard_normals(const uint8_t secret[WF_GUARD_SECRET_SIZE], uint64_t object, wf_time time, guard_purpose purpose,
                   double out[GUARD_NORMALS]) {
  uint8_t bits[64];
  draw(secret, object, (uint64_t)time.ns, purpose, bits);
  for (int i = 0; i < GUARD_NORMALS; i += 2) {
    const double u = (double)((get_u64(bits + 8 * i) >> 11) + 1) * 0x1p-53;
    const double angle = 2.0 * WF_PI * (double)(get_u64(bits + 8 * i + 8) >> 11) * 0x1p-53;
    const double radius = wf_sqrt(-2.0 * wf_log(u));
    out[i] = radius * wf_cos(angle);
    out[i + 1] = radius * wf_sin(angle);
  }
}

double guard_uniform(const uint8_t secret[WF_GUARD_SECRET_SIZE], uint64_t a, uint64_t b, guard_purpose purpose) {
  uint8_t bits[64];
  draw(secret, a, b, purpose, bits);
  return (double)(get_u64(bits) >> 11) * 0x1p-53;
}

uint64_t wf_guard_name(const uint8_t secret[WF_GUARD_SECRET_SIZE], uint64_t n) {
  uint8_t bits[64];
  draw(secret, n, 0, GUARD_NAME, bits);
  return get_u64(bits) | 1u;
}
