// Areas seen from a place: in the plane around it, good to a per cent within some hundred kilometres.
#ifndef WF_WARN_PLANE_H
#define WF_WARN_PLANE_H

#include <stdbool.h>

#include "warn/warn.h"

#define WARN_FAR_M 1e9

// Whether the place lies in the area or within so many metres of it. Cheap: stops at the first side that is near.
bool warn_near_area(double lat_rad, double lon_rad, const wf_area *area, double within_m);

// From the place to the area on the ellipsoid, 0 inside; WARN_FAR_M for an area without an outline.
double warn_distance_m(double lat_rad, double lon_rad, const wf_area *area);

#endif
