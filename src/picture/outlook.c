#include "outlook.h"

#include <string.h>

#include "base/fmath.h"
#include "impact.h"

#define CHUNK_S 10.0  // a multiple of every chunk wf_flight_predict goes by: its steps stay where they were

bool wf_pic_same_flight(const wf_flight *a, const wf_flight *b) {
  return a->mode == b->mode && a->time.ns == b->time.ns && a->measured.ns == b->measured.ns && a->wide == b->wide &&
         a->ground == b->ground && a->filter.size == b->filter.size && memcmp(a->lost, b->lost, sizeof a->lost) == 0 &&
         memcmp(a->filter.x, b->filter.x, sizeof a->filter.x) == 0 &&
         memcmp(a->filter.p, b->filter.p, sizeof a->filter.p) == 0;
}

static void follow(wf_pic_outlook *o, const wf_flight *from, wf_time now) {
  const bool same = wf_pic_same_flight(&o->from, from);
  if (same && o->ahead.time.ns <= now.ns) return;
  o->ahead = o->from = *from;
  o->has_area = o->has_area && same;
}

void wf_pic_outlook_at(wf_pic_outlook *o, const wf_flight *from, bool vacuum, wf_time now, wf_flight *out) {
  follow(o, from, now);
  const double chunks = wf_floor(wf_time_diff_s(now, o->ahead.time) / CHUNK_S);
  // A coarse place widens with its whole age: it cannot be walked in parts.
  if (chunks >= 1.0 && o->ahead.mode >= WF_FLIGHT_BOOST)
    wf_flight_predict(&o->ahead, vacuum, wf_time_add_s(o->ahead.time, chunks * CHUNK_S));
  *out = o->ahead;
  wf_flight_predict(out, vacuum, now);
}

// From the last measurement, so that it changes only when something is learnt. A lost object is uncertain by more every
// second: from the present, unless that has come down already.
void wf_pic_outlook_impact(wf_pic_outlook *o, const wf_flight *from, bool vacuum, wf_time now) {
  follow(o, from, now);
  if (o->has_area && !from->wide && from->mode == WF_FLIGHT_COAST) return;
  wf_flight f;
  wf_pic_outlook_at(o, from, vacuum, now, &f);
  const bool present = f.wide || from->mode != WF_FLIGHT_COAST;
  wf_pic_impact_of(present && f.ground != WF_FLIGHT_DOWN ? &f : from, vacuum, &o->area);
  o->has_area = true;
}
