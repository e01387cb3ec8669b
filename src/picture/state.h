// The picture's whole memory of the world in one flat block: tracks, their members (one per nation and object) and a
// lookup table, all addressed by index, so that a snapshot is a copy of the used part. Nothing here points anywhere.
#ifndef WF_PICTURE_STATE_H
#define WF_PICTURE_STATE_H

#include <stddef.h>

#include "flight.h"
#include "model/contribution.h"
#include "model/track.h"
#include "picture/picture.h"
#include "registration.h"

#define WF_NIL UINT32_MAX
#define WF_CHAIN_SIZE 32

// What orders contributions and names things: valid_time, then the id.
typedef struct wf_pic_key {
  wf_time valid;
  wf_contribution_id id;
} wf_pic_key;

// One nation's object.
typedef struct wf_pic_member {
  wf_nation nation;
  uint64_t object;
  wf_pic_key first;  // its earliest contribution
  wf_pic_key told;   // its earliest that others were told, too; valid.ns 0 = none yet
  uint32_t track, next_in_track, next_in_bucket;
  uint8_t used, sources;
  uint8_t life, phase, reason;  // as its nation last said; life 0 = nothing said
  uint8_t reported;             // 0: from the nation's own sensors; else wf_reported_of: beside its own, and never added
  uint8_t tracklets;            // at least one increment came: coarse places no longer count
  uint8_t orphan;               // its nation's writer has started again since, and knows it by this name no more
  uint8_t strikes;              // checks in a row that found it far from the rest of its track
  uint32_t contributions, plots;
  wf_time last_valid, first_detection, said_at;  // said_at: of the last status
  wf_launch_area launch;
  wf_flight alone;  // from this object's contributions only
  wf_lean lean;     // how that depends on its nation's registration errors
} wf_pic_member;

typedef struct wf_pic_track {
  uint64_t number, event;
  char label[WF_COMMON_NUMBER_SIZE];
  wf_pic_key founder;     // the contribution the number comes from
  uint32_t first_member;  // newest first
  uint8_t used, life, reason, sources;
  uint8_t launch_reported;  // `launch` is what was reported: it stands until a sensor's estimate comes
  wf_time created, last_valid, burnout, ended_at;
  wf_launch_area launch;
  wf_flight fused;
} wf_pic_track;

typedef struct wf_pic_state {
  wf_time time;                        // everything up to here is in, ticks included
  wf_time tick, deadline;              // last tick run; when the next one matters although nothing came
  uint8_t changed;                     // something came since the last tick
  uint32_t tracks, members;            // in use
  uint32_t tracks_high, members_high;  // slots ever used: what a copy takes
  uint64_t applied, full, unfit;       // contributions taken; not taken for want of room, or since they fit no flight
  wf_pic_registration registration;    // as of the last tick
  uint8_t chain[WF_CHAIN_SIZE];        // hash chain over the contributions since the picture was last empty
} wf_pic_state;

// The block: the state, then the arrays. Offsets depend only on the bounds.
typedef struct wf_pic_world {
  wf_pic_state *state;
  wf_pic_track *track;
  wf_pic_member *member;
  uint32_t *bucket;
  uint32_t tracks_max, members_max, buckets;
  bool vacuum;
  double gate_chi2;
} wf_pic_world;

size_t wf_pic_world_size(uint32_t tracks_max);
void wf_pic_world_lay(wf_pic_world *world, void *memory, uint32_t tracks_max);
void wf_pic_world_clear(wf_pic_world *world);
void wf_pic_world_copy(wf_pic_world *to, const wf_pic_world *from);

uint32_t wf_pic_member_find(const wf_pic_world *w, wf_nation nation, uint64_t object);
// A member in no track. WF_NIL when full.
uint32_t wf_pic_member_add(wf_pic_world *w, const wf_contribution *first);
void wf_pic_member_remove(wf_pic_world *w, uint32_t member);  // leaves its track, too
void wf_pic_join(wf_pic_world *w, uint32_t member, uint32_t track);
void wf_pic_leave(wf_pic_world *w, uint32_t member);
// Names a track after another founder.
void wf_pic_track_rename(wf_pic_world *w, uint32_t track, const wf_pic_key *founder);
// A track named after `founder`; event 0: its own. WF_NIL when full and nothing is finished enough to give way.
uint32_t wf_pic_track_add(wf_pic_world *w, const wf_pic_key *founder, uint64_t event, wf_time now);
void wf_pic_track_remove(wf_pic_world *w, uint32_t track);  // with its members

wf_pic_key wf_pic_key_of(const wf_contribution *c);
int wf_pic_key_compare(const wf_pic_key *a, const wf_pic_key *b);

#endif
