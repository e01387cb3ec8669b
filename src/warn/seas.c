// Which seas an impact area lies in: the points of its cloud inside a sea and on nobody's known land.
#include "warn/seas.h"

#include <stdlib.h>
#include <string.h>

#include "areas_table.h"
#include "base/fmath.h"
#include "geo/wgs84.h"
#include "integral.h"
#include "plane.h"
#include "seas_table.h"

static wf_area outline_of(const warn_sea *s) {
  return (wf_area){.ring_count = 1, .ring_points = s->ring_points, .lat_lon_rad = s->lat_lon_rad};
}

static void mark_land(warn_cloud *cloud, bool land[WARN_COARSE_POINTS]) {
  for (size_t n = 0; n < WARN_AREAS_COUNT; n++)
    for (size_t i = 0; i < WARN_AREAS[n].count; i++) {
      const warn_box box = warn_box_of(&WARN_AREAS[n].areas[i]);
      if (warn_cloud_inside(cloud, &WARN_AREAS[n].areas[i], &box) == 0) continue;
      for (int k = 0; k < cloud->count; k++) land[k] |= cloud->inside[k];
    }
}

static size_t add(wf_sea_part *out, size_t count, wf_sea_part part) {
  size_t at = count < WF_SEA_PARTS_MAX ? count : WF_SEA_PARTS_MAX - 1;
  if (at < count && out[at].probability >= part.probability) return count;
  for (; at > 0 && out[at - 1].probability < part.probability; at--) out[at] = out[at - 1];
  out[at] = part;
  return count < WF_SEA_PARTS_MAX ? count + 1 : count;
}

size_t wf_seas_of(const wf_ground_ellipse *ellipse, wf_sea_part out[WF_SEA_PARTS_MAX]) {
  warn_lattice lattice;
  warn_cloud cloud;
  bool land[WARN_COARSE_POINTS] = {false};
  size_t count = 0;
  warn_lattice_fill(&lattice, WARN_COARSE_POINTS, WARN_COARSE_STEP);
  warn_cloud_place(&cloud, &lattice, ellipse);
  mark_land(&cloud, land);
  for (size_t i = 0; i < WARN_SEAS_COUNT; i++) {
    const wf_area area = outline_of(&WARN_SEAS[i]);
    const warn_box box = warn_box_of(&area);
    if (warn_cloud_inside(&cloud, &area, &box) < WF_SEA_NAMED) continue;
    int hits = 0;
    for (int k = 0; k < cloud.count; k++) hits += cloud.inside[k] && !land[k];
    const wf_sea_part part = {&WARN_SEAS[i].sea, (double)hits / cloud.count};
    if (part.probability >= WF_SEA_NAMED) count = add(out, count, part);
  }
  return count;
}

const wf_sea *wf_sea_at(double lat_rad, double lon_rad) {
  for (size_t i = 0; i < WARN_SEAS_COUNT; i++) {
    const wf_area area = outline_of(&WARN_SEAS[i]);
    const warn_box box = warn_box_of(&area), here = {lat_rad, lat_rad, lon_rad, 0};
    if (!warn_boxes_apart(&here, &box) && warn_distance_m(lat_rad, lon_rad, &area) == 0) return &WARN_SEAS[i].sea;
  }
  return NULL;
}

double wf_warn_nearest_m(double lat_rad, double lon_rad, const wf_area *areas, size_t area_count,
                         const wf_area **which) {
  double nearest_m = WARN_FAR_M;
  *which = NULL;
  for (size_t i = 0; i < area_count; i++) {
    const double d_m = warn_distance_m(lat_rad, lon_rad, &areas[i]);
    if (d_m >= nearest_m) continue;
    nearest_m = d_m;
    *which = &areas[i];
  }
  return nearest_m;
}
