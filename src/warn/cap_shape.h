// Impact ellipses as CAP draws them.
#ifndef WF_WARN_CAP_SHAPE_H
#define WF_WARN_CAP_SHAPE_H

#include <stdbool.h>

#include "model/impact_area.h"

enum { WARN_SHAPE_TEXT = 1024, WARN_ELLIPSE_POINTS = 24 };

// One circle near a pole, one polygon elsewhere, two where the ellipse lies on both sides of the antimeridian
// (longitudes in CAP end there). Points are "lat,lon" in degrees, closed.
typedef struct warn_shape {
  bool circle;
  int count;
  char text[2][WARN_SHAPE_TEXT];
} warn_shape;

void warn_shape_of(const wf_ground_ellipse *ellipse, warn_shape *out);

#endif
