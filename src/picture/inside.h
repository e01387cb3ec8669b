// The whole of a picture, for picture.c, history.c and view.c.
#ifndef WF_PICTURE_INSIDE_H
#define WF_PICTURE_INSIDE_H

#include "log.h"
#include "outlook.h"
#include "rules.h"

#define WF_PIC_SNAPSHOTS 20

typedef struct wf_pic_snapshot {
  wf_pic_world world;
  uint32_t applied;  // contributions of the log that are in it
} wf_pic_snapshot;

// What a nation knew a track as, before the picture was rolled back.
typedef struct wf_pic_known {
  uint64_t number, event, object;
  wf_nation nation;
} wf_pic_known;

typedef struct wf_pic_alias {
  uint64_t from, to;
} wf_pic_alias;

typedef struct wf_pic_outlooks {
  uint64_t number;
  wf_time at, from;  // when computed, from the fused state of which time
  uint8_t mode;
  double variance_m2_s2;  // of the velocity, then
  wf_pic_outlook fused;
  uint8_t count;
  wf_nation nation[WF_NATION_MAX];
  wf_pic_outlook alone[WF_NATION_MAX];
} wf_pic_outlooks;

typedef struct wf_pic_view {
  bool sorted;
  uint32_t count;
  struct wf_pic_row {
    uint64_t number;
    uint32_t slot;
    uint8_t built;  // 0: not; 1: but for what the contributors' own states are; 2: all
  } * row;
  wf_common_track *track;     // by row
  wf_pic_outlooks *outlooks;  // by slot
} wf_pic_view;

struct wf_picture {
  wf_picture_config config;
  wf_pic_log log;
  wf_pic_world live, scratch;
  uint32_t live_applied;
  wf_time dirty_from;                          // the earliest change not yet in `live`; INT64_MAX = none
  wf_pic_snapshot snapshot[WF_PIC_SNAPSHOTS];  // by time; [0] is as far back as the picture can go
  uint32_t snapshots;
  wf_pic_known *known;
  wf_pic_alias *alias;  // a ring
  uint32_t alias_next, alias_count, alias_max;
  wf_hashmap alias_map;
  wf_pic_view *view;  // its own block: built on reading
  wf_picture_stats stats;
  void *memory[9];
};

// history.c
void wf_pic_begin(wf_picture *p);
void wf_pic_bring_to(wf_picture *p, wf_time now);
bool wf_pic_make_room(wf_picture *p);
bool wf_pic_scratch_to(wf_picture *p, wf_time at);  // the world at another time, in p->scratch

// alias.c
void wf_pic_alias_add(wf_picture *p, uint64_t from, uint64_t to);
uint64_t wf_pic_alias_follow(const wf_picture *p, uint64_t number);
const wf_pic_track *wf_pic_track_by(const wf_pic_world *w, uint64_t number_or_event);
void wf_pic_remember(wf_picture *p);   // before a rollback …
void wf_pic_recognise(wf_picture *p);  // … and after it: numbers that are gone become aliases

#endif
