// contributions → common tracks. A pure function of the set of contributions with time ≤ T, whatever the order they
// came in: late ones roll back and forward. Deterministic to the bit (base/fmath.h, no libm, no PROJ).
// State lives in flat arrays addressed by index; all memory is taken at creation.
#ifndef WF_PICTURE_PICTURE_H
#define WF_PICTURE_PICTURE_H

#include <stddef.h>

#include "base/status.h"
#include "model/contribution.h"
#include "model/track.h"

#define WF_DIGEST_SIZE 32
#define WF_PICTURE_ALGORITHM 1  // version of the rules; nodes with different ones do not compare digests

typedef struct wf_picture_config {
  uint32_t tracks_max, contributions_max;  // contributions kept for rollback
  double rollback_s;                       // window, default 120 s
  int medium_vacuum;                       // exercises on vacuum data only
  double association_chi2;                 // 0 = default
} wf_picture_config;

typedef struct wf_picture wf_picture;

wf_picture *wf_picture_new(const wf_picture_config *config);
void wf_picture_free(wf_picture *picture);

// Any order. WF_EEXIST for one already held; WF_ETIME when too late by its own times (kept in the count, not fused);
// WF_EINVAL with a named reason counted when its numbers are impossible (not finite, not positive, underground …).
wf_status wf_picture_insert(wf_picture *picture, const wf_contribution *contribution);
// Takes a contribution back out (its signature failed, or it lost to another with its number); rolls back as for a late
// one. WF_ENOTFOUND when it is not held.
wf_status wf_picture_remove(wf_picture *picture, const wf_contribution_id *id);
// Brings the picture to T = now: everything inserted with valid_time ≤ now is in.
void wf_picture_advance(wf_picture *picture, wf_time now);

size_t wf_picture_count(const wf_picture *picture);
const wf_common_track *wf_picture_at(const wf_picture *picture, size_t index);  // ordered by number; until the next change
const wf_common_track *wf_picture_find(const wf_picture *picture, uint64_t number);  // aliases are followed
// Every number that was superseded stays for ever as an alias.
uint64_t wf_picture_resolve(const wf_picture *picture, uint64_t number);

typedef struct wf_picture_digest {
  wf_time at;
  uint32_t algorithm;
  uint8_t record_set[WF_DIGEST_SIZE], picture[WF_DIGEST_SIZE];
} wf_picture_digest;
// The picture as it is at T by the contributions held now (does not disturb the live state).
wf_status wf_picture_digest_at(wf_picture *picture, wf_time at, wf_picture_digest *out);

typedef struct wf_picture_stats { uint64_t inserted, duplicates, too_late, refused, rollbacks, replayed, full; } wf_picture_stats;
void wf_picture_stats_get(const wf_picture *picture, wf_picture_stats *out);

#endif
