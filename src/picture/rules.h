// What a contribution does to the world, and what time does. Everything here is a pure function of world and input.
#ifndef WF_PICTURE_RULES_H
#define WF_PICTURE_RULES_H

#include "state.h"

// Told when a number gives way to an older one, so that whoever knew it can be answered for ever.
typedef struct wf_pic_witness {
  void (*superseded)(void *context, uint64_t number, uint64_t by);
  void *context;
} wf_pic_witness;

// apply.c
void wf_pic_apply(wf_pic_world *w, const wf_contribution *c);
void wf_pic_tick(wf_pic_world *w, wf_time at, const wf_pic_witness *witness);
// Applies time up to `to`: runs the ticks (whole UTC seconds) that matter. Contributions must come in between.
void wf_pic_run_to(wf_pic_world *w, wf_time to, const wf_pic_witness *witness);

// associate.c
uint32_t wf_pic_candidate(const wf_pic_world *w, uint32_t member, wf_time at);
void wf_pic_recheck(wf_pic_world *w, wf_time at);
void wf_pic_merge(wf_pic_world *w, wf_time at, const wf_pic_witness *witness);
// What the members of one mode know alone, together, but for those that contradict the best of them: one nation's broken
// filter must not break the sum. False when there is none.
bool wf_pic_sum(const wf_pic_world *w, const wf_pic_track *t, uint8_t mode, wf_time at, wf_flight *out);
// What others hold of the object and what they hold it from is not known to be apart from what is in f: intersected with
// it, unless it contradicts it. f empty: it becomes the best of them.
void wf_pic_intersect(const wf_pic_world *w, const wf_pic_track *t, wf_time at, wf_flight *f);
// Whether this launch says more than the track's: what sensors estimated before what was reported, then the smaller area.
bool wf_pic_better_launch(const wf_pic_track *t, const wf_launch_area *l, bool reported);
// Whether two launches, with what is known of place and time, may be one.
bool wf_pic_same_launch(const wf_launch_area *a, const wf_launch_area *b);
// The fused flight again from what each member knows alone.
void wf_pic_rebuild(wf_pic_world *w, uint32_t track, wf_time at);

// life.c
bool wf_pic_active(const wf_pic_member *m, wf_time at);  // its nation follows it now
bool wf_pic_holds(const wf_pic_member *m, wf_time at);   // … or has at least not given it up
void wf_pic_life(wf_pic_world *w, uint32_t track, wf_time at);
void wf_pic_settle(wf_pic_world *w, uint32_t track, wf_time at);
wf_time wf_pic_life_deadline(const wf_pic_world *w, uint32_t track);       // when time alone will change something
bool wf_pic_life_over(const wf_pic_world *w, uint32_t track, wf_time at);  // kept long enough

// check.c
wf_picture_refusal wf_pic_check(const wf_contribution *c);

// digest.c
size_t wf_pic_canonical(const wf_contribution *c, uint8_t *out, size_t size);
void wf_pic_chain(uint8_t chain[WF_CHAIN_SIZE], const wf_contribution *c);
void wf_pic_hash_world(const wf_pic_world *w, wf_picture_digest *out);  // picture and tracks
uint64_t wf_pic_hash_key(const wf_pic_key *key, uint32_t attempt);

#endif
