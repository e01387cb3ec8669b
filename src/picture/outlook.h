// What follows from a flight: where it is at the picture's time, and where it comes down. Both are kept until it is
// measured again, so that a gap of an hour is not integrated anew at every look.
#ifndef WF_PICTURE_OUTLOOK_H
#define WF_PICTURE_OUTLOOK_H

#include "flight.h"
#include "model/track.h"

typedef struct wf_pic_outlook {
  wf_flight from;   // the flight it follows from
  wf_flight ahead;  // that, some whole chunks later
  bool has_area;    // `area` was made from `from`; otherwise from a flight before it
  wf_impact_area area;
} wf_pic_outlook;

// The flight at a time, as wf_flight_predict says it.
void wf_pic_outlook_at(wf_pic_outlook *outlook, const wf_flight *from, bool vacuum, wf_time now, wf_flight *out);
void wf_pic_outlook_impact(wf_pic_outlook *outlook, const wf_flight *from, bool vacuum, wf_time now);
bool wf_pic_same_flight(const wf_flight *a, const wf_flight *b);

#endif
