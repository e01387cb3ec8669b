// Registration errors between nations, from the objects that several of them follow.
#ifndef WF_PICTURE_REGISTRATION_H
#define WF_PICTURE_REGISTRATION_H

#include "flight.h"
#include "lean.h"
#include "model/nation.h"

#define WF_REGISTRATION_MAX (WF_LEAN * WF_NATION_MAX)

// Perhaps there are none: both models are kept, weighed by their evidence (Kass & Raftery 1995, eq. 1); mean and
// covariance are those of the mixture.
typedef struct wf_pic_registration {
  uint8_t nations;
  wf_nation nation[WF_NATION_MAX];  // by code
  double odds;                      // probability that there are errors
  double mean[WF_REGISTRATION_MAX], covariance[WF_REGISTRATION_MAX * WF_REGISTRATION_MAX];
} wf_pic_registration;

struct wf_pic_world;
struct wf_pic_track;
// Anew from what all members know now, in an order that does not depend on history.
void wf_pic_register(struct wf_pic_world *w, wf_time at);
// The fused flight with the errors taken out and what is not known of them in the covariance. False: nothing to do.
bool wf_pic_unlean(const struct wf_pic_world *w, const struct wf_pic_track *t, wf_flight *fused);

#endif
