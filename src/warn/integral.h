// A Gaussian over the ground as points of equal probability, counted inside areas.
#ifndef WF_WARN_INTEGRAL_H
#define WF_WARN_INTEGRAL_H

#include <stdbool.h>

#include "warn/warn.h"

// A Fibonacci lattice: 1597 points whose projection on any axis is even, so that a border parallel to an axis of the
// ellipse costs no more accuracy than any other (Niederreiter 1992, chapter 5).
enum { WARN_CLOUD_POINTS = 1597, WARN_CLOUD_STEP = 987 };
// A coarse one, a hundredth near, for what is only put in words.
enum { WARN_COARSE_POINTS = 233, WARN_COARSE_STEP = 144 };

// Where an area lies. Longitudes are an interval around a middle, so that the antimeridian is nothing special; an area
// must be narrower than 180°.
typedef struct warn_box {
  double south_rad, north_rad, mid_lon_rad, half_lon_rad;
} warn_box;
warn_box warn_box_of(const wf_area *area);

bool warn_boxes_apart(const warn_box *a, const warn_box *b);

// Standard normal deviates of the lattice, once per life of the program's tables.
typedef struct warn_lattice {
  int count;
  double along[WARN_CLOUD_POINTS], across[WARN_CLOUD_POINTS];
} warn_lattice;
void warn_lattice_fill(warn_lattice *lattice, int points, int step);

typedef struct warn_cloud {
  int count;
  warn_box box;
  double mid_lon_rad;  // of the ellipse; east is counted from here
  struct {
    double lat_rad, east_rad;
  } point[WARN_CLOUD_POINTS];  // by latitude
  bool inside[WARN_CLOUD_POINTS];
} warn_cloud;
// Whether any point of the cloud may lie in the box: cheap, asked before a cloud is placed.
bool warn_within_reach(const wf_ground_ellipse *ellipse, const warn_box *box);
void warn_cloud_place(warn_cloud *cloud, const warn_lattice *lattice, const wf_ground_ellipse *ellipse);
// The part of the points inside the area, 0..1.
double warn_cloud_inside(warn_cloud *cloud, const wf_area *area, const warn_box *box);

#endif
