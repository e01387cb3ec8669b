// What may be said of a seismic event: six rules, in order.
#include <stdio.h>
#include <string.h>

#include "base/fmath.h"
#include "geo/geodesic.h"
#include "sensor/quakeml.h"

#define NEAR_M 20e3
#define DEEP_M 2000.0
#define SMALL_MAGNITUDE 3.5

// Known places of underground nuclear tests within the region's reach.
static const struct {
  const char *name;
  double lat_deg, lon_deg;
} SITES[] = {
    {"Punggye-ri", 41.2781, 129.0875},
};

static void nearest_site(const wf_seismic_event *e, wf_seismic_assessment *out) {
  out->distance_m = 1e9;
  for (size_t i = 0; i < sizeof SITES / sizeof SITES[0]; i++) {
    const double d =
        wf_geo_distance_m(e->lat_rad, e->lon_rad, SITES[i].lat_deg * WF_DEG, SITES[i].lon_deg * WF_DEG, NULL, NULL);
    if (d >= out->distance_m) continue;
    out->distance_m = d;
    snprintf(out->site, sizeof out->site, "%s", SITES[i].name);
  }
}

void wf_seismic_assess(const wf_seismic_event *e, wf_seismic_assessment *out) {
  *out = (wf_seismic_assessment){.verdict = WF_SEISMIC_NOTHING};
  const size_t size = sizeof out->why;
  if (e->has_place) nearest_site(e, out);
  if (!e->has_place || !e->has_magnitude) {
    snprintf(out->why, size, "1: no %s is stated", e->has_place ? "magnitude" : "place");
  } else if (out->distance_m > NEAR_M) {
    snprintf(out->why, size, "2: %.0f km from %s", 1e-3 * out->distance_m, out->site);
  } else if (strstr(e->type, "explosion") != NULL) {
    out->verdict = WF_SEISMIC_POSSIBLE_EXPLOSION;
    snprintf(out->why, size, "3: the agency states \"%s\"", e->type);
  } else if (e->type[0] != '\0' && strcmp(e->type, "earthquake") != 0 && strcmp(e->type, "unknown") != 0) {
    snprintf(out->why, size, "4: the agency states \"%s\"", e->type);
  } else if (e->magnitude < SMALL_MAGNITUDE) {
    snprintf(out->why, size, "5: magnitude %.1f is below %.1f", e->magnitude, SMALL_MAGNITUDE);
  } else if (e->has_depth && !e->depth_doubtful && e->depth_m > DEEP_M) {
    snprintf(out->why, size, "5: %.1f km deep", 1e-3 * e->depth_m);
  } else {
    out->verdict = WF_SEISMIC_POSSIBLE_EXPLOSION;
    snprintf(out->why, size, "6: magnitude %.1f, not known to be deeper than %.0f km%s%s", e->magnitude, 1e-3 * DEEP_M,
             e->type[0] != '\0' ? ", stated type " : "", e->type);
  }
}

const char *wf_seismic_verdict_text(wf_seismic_verdict verdict) {
  return verdict == WF_SEISMIC_POSSIBLE_EXPLOSION ? "possible explosion near a known test site" : "nothing to say";
}
