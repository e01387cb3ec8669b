// The seas in which something may fall, by name. Coarse (about 30 km at the coast): they say where ships and aircraft
// should take care, and nothing about borders, zones or whose a sea is.
#ifndef WF_WARN_SEAS_H
#define WF_WARN_SEAS_H

#include "model/impact_area.h"
#include "warn/warn.h"

// code: our own, "sea-of-japan".
typedef struct wf_sea {
  const char *code, *name_en, *name_ja, *name_ko;
} wf_sea;

typedef struct wf_sea_part {
  const wf_sea *sea;
  double probability;  // that it falls there, land of JPN, KOR and USA taken off
} wf_sea_part;

enum { WF_SEA_PARTS_MAX = 4 };
#define WF_SEA_NAMED 0.05  // less than this is not said

// Most probable first, each at least WF_SEA_NAMED; how many.
size_t wf_seas_of(const wf_ground_ellipse *ellipse, wf_sea_part out[WF_SEA_PARTS_MAX]);

const wf_sea *wf_sea_at(double lat_rad,
                        double lon_rad);  // by its coarse outline alone; NULL: none that has a name here

// From a place to the nearest of the areas in metres; which one comes out. 0 inside one. Infinite and NULL: no area.
double wf_warn_nearest_m(double lat_rad, double lon_rad, const wf_area *areas, size_t area_count,
                         const wf_area **which);

#endif
