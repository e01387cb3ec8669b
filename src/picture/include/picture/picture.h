// contributions → common tracks. A pure function of the set of contributions with time ≤ T, whatever the order they
// came in: late ones roll back and forward. Deterministic to the bit (base/fmath.h, no libm, no PROJ).
// State lives in flat arrays addressed by index; all memory is taken at creation. How and why: docs/picture.md.
#ifndef WF_PICTURE_PICTURE_H
#define WF_PICTURE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "model/contribution.h"
#include "model/track.h"

#define WF_DIGEST_SIZE 32
#define WF_DIGEST_TRACKS_MAX 32
#define WF_PICTURE_ALGORITHM 4  // version of the rules; nodes with different ones do not compare digests

typedef struct wf_picture_config {
  uint32_t tracks_max, contributions_max;  // contributions kept for rollback
  double rollback_s;                       // window, default 120 s; longer while contributions_max allows
  int medium_vacuum;                       // exercises on vacuum data only
  double association_chi2;                 // 0 = default
  double impact_interval_s;                // of picture time, between two impact predictions of a track; 0 = 1 s
} wf_picture_config;

// Why a contribution's numbers are impossible.
typedef enum wf_picture_refusal {
  WF_REFUSAL_NONE = 0, WF_REFUSAL_NO_ORIGIN, WF_REFUSAL_KIND, WF_REFUSAL_ENUMERATION /* phase, life, reason, sources */,
  WF_REFUSAL_TIME /* out of range, or valid long before or after it was published */, WF_REFUSAL_NOT_FINITE,
  WF_REFUSAL_UNDERGROUND, WF_REFUSAL_TOO_FAR, WF_REFUSAL_TOO_FAST, WF_REFUSAL_NOT_POSITIVE /* a covariance or Y */,
  WF_REFUSAL_TOO_CERTAIN /* better than a millimetre or a mm/s */, WF_REFUSAL_BALLISTIC_COEFFICIENT,
  WF_REFUSAL_PLACE /* latitude, longitude, ellipse */, WF_REFUSAL_COUNT
} wf_picture_refusal;
const char *wf_picture_refusal_name(wf_picture_refusal refusal);  // "not_finite", …
wf_picture_refusal wf_picture_check(const wf_contribution *contribution);

typedef struct wf_picture wf_picture;

wf_picture *wf_picture_new(const wf_picture_config *config);
void wf_picture_free(wf_picture *picture);

// Any order. WF_EEXIST for one already held; WF_ETIME when too late by its own times (kept in the count, not fused);
// WF_EINVAL with a named reason counted when its numbers are impossible (not finite, not positive, underground …).
// WF_EFULL when it is older than all the picture can still roll back to (the driver rebuilds from its store), or when
// contributions_max are held that are all newer. The cost of a late one is paid by the next advance, once for all.
wf_status wf_picture_insert(wf_picture *picture, const wf_contribution *contribution);
// Takes a contribution back out (its signature failed, or it lost to another with its number); rolls back as for a late
// one. WF_ENOTFOUND when it is not held; WF_EFULL as above.
wf_status wf_picture_remove(wf_picture *picture, const wf_contribution_id *id);
// Brings the picture to T = now: everything inserted with valid_time ≤ now is in.
void wf_picture_advance(wf_picture *picture, wf_time now);

// Tracks are stated at T (track.time): predicted there, and so are the contributors' own states. A track known only
// by a coarse place has that place with its covariance and velocity 0 ± its sigma; one with no place at all has state
// 0 and position sigmas above 6,000 km.
size_t wf_picture_count(const wf_picture *picture);
const wf_common_track *wf_picture_at(const wf_picture *picture, size_t index);  // ordered by number; until the next change
// The same for a third of the cost, without the contributors' own states and covariances (what rules read each time).
const wf_common_track *wf_picture_outline_at(const wf_picture *picture, size_t index);
const wf_common_track *wf_picture_find(const wf_picture *picture, uint64_t number);  // aliases are followed
// Every number (or event id) that was superseded stays for ever as an alias. Unknown numbers come back as they are.
uint64_t wf_picture_resolve(const wf_picture *picture, uint64_t number);

// One track's part of it: where two pictures differ, these say in which track.
typedef struct wf_picture_track_hash {
  uint64_t number, hash;
} wf_picture_track_hash;

typedef struct wf_picture_digest {
  wf_time at;
  uint32_t algorithm;
  uint64_t parameters;  // hash of the configuration that the result depends on
  uint8_t record_set[WF_DIGEST_SIZE], picture[WF_DIGEST_SIZE];
  uint32_t track_count;  // the first ones by number; none stated: 0
  wf_picture_track_hash track[WF_DIGEST_TRACKS_MAX];
} wf_picture_digest;
// The picture as it is at T by the contributions held now (does not disturb the live state). The record set is that of
// all contributions with valid_time ≤ T since the picture was last empty. WF_ETIME when T is before what is held.
wf_status wf_picture_digest_at(wf_picture *picture, wf_time at, wf_picture_digest *out);
// The picture as it was last advanced, whatever has come since.
void wf_picture_digest_now(const wf_picture *picture, wf_picture_digest *out);
// The statement that a track's number comes from, and when it was last added to. False: there is no such track.
bool wf_picture_founder(const wf_picture *picture, uint64_t number, wf_contribution_id *id, wf_time *last_valid);

typedef struct wf_picture_stats {
  uint64_t inserted, duplicates, too_late, refused, rollbacks, replayed, full;
  uint64_t refused_by[WF_REFUSAL_COUNT];
  uint64_t removed;
  uint64_t unfit;           // well-formed, but fits no flight: taken into the record set, not into a state
  uint64_t beyond_window;   // refused with WF_EFULL: too old to roll back to
  uint64_t aliases_evicted; // aliases forgotten for want of room
} wf_picture_stats;
void wf_picture_stats_get(const wf_picture *picture, wf_picture_stats *out);

#endif
