// A crowd of flights from three nations through a picture: its digests, and everything that is shown of it, as one
// number. bits.sh holds programs and libm variants to the same one.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "crowd.h"

#define END_S 200.0

static void add_shown(crypto_generichash_state *hash, const wf_picture *p) {
  for (size_t i = 0; i < wf_picture_count(p); i++) {
    const wf_common_track *t = wf_picture_at(p, i);
    const double area[] = {t->impact.area.lat_rad, t->impact.area.lon_rad, t->impact.area.semi_major_95_m,
                           t->impact.area.semi_minor_95_m, t->impact.time_sigma_s};
    crypto_generichash_update(hash, (const uint8_t *)t->track.state, sizeof t->track.state);
    crypto_generichash_update(hash, (const uint8_t *)t->track.covariance, sizeof t->track.covariance);
    crypto_generichash_update(hash, (const uint8_t *)area, sizeof area);
  }
}

int main(void) {
  static crowd all;
  const wf_picture_config config = {.tracks_max = 64, .contributions_max = CROWD_MAX};
  wf_picture *p = wf_picture_new(&config);
  crypto_generichash_state hash;
  uint8_t out[8];
  if (p == NULL || sodium_init() < 0) return 2;
  crypto_generichash_init(&hash, NULL, 0, 32);
  crowd_make(&all, 8, 7.0, END_S, 99);
  for (size_t i = 0; i < all.count; i++) (void)wf_picture_insert(p, &all.item[i]);
  for (double t_s = 50.0; t_s <= END_S; t_s += 50.0) {
    wf_picture_digest d;
    wf_picture_advance(p, nation_time(t_s));
    add_shown(&hash, p);
    if (wf_picture_digest_at(p, nation_time(t_s), &d) != WF_OK || wf_picture_count(p) < 6) return 2;
    crypto_generichash_update(&hash, d.picture, sizeof d.picture);
    crypto_generichash_update(&hash, d.record_set, sizeof d.record_set);
  }
  uint8_t full[32];
  crypto_generichash_final(&hash, full, sizeof full);
  memcpy(out, full, sizeof out);
  for (size_t i = 0; i < sizeof out; i++) printf("%02x", out[i]);
  printf("\n");
  wf_picture_free(p);
  return 0;
}
