// Where a flight of the picture comes down.
#ifndef WF_PICTURE_IMPACT_H
#define WF_PICTURE_IMPACT_H

#include "flight.h"
#include "model/impact_area.h"

// Ballistic from the flight's own time; not valid under thrust, on the ground or without a state.
void wf_pic_impact_of(const wf_flight *f, bool vacuum, wf_impact_area *out);

#endif
