// Where something that does not just fall may come down: the ground its energy reaches with wings or fins, instead of
// an impact area. Range of an equilibrium glide r/2 · L/D · ln 1/(1 − v²/gr) (Eggers, Allen & Neice 1958, NACA TR
// 1381), height counted as speed; a turn by ψ costs the factor exp(−ψ D/L) of it.
#include "geo/geodesic.h"
#include "internal.h"
#include "motion/impact.h"

#define LIFT_TO_DRAG 3.0  // no flier of this kind is known to do better by much
#define G_M_S2 9.81
#define WINGS_M 60e3  // above, no air carries
#define FLAT 0.12     // as in flight classes: no fall in a vacuum is so flat without far more speed than it needs
#define FLAT_TOP_M 120e3
#define BEHIND 0.15  // of the way ahead: after a half turn
#define BESIDE 0.45  // after a quarter turn, and some
#define ORBITAL_SHARE_MAX 0.95
#define CHI_99 3.37  // of three axes
#define LEAST_M 5e3

static double glide_m(double speed_m_s, double height_m) {
  const double v2 = speed_m_s * speed_m_s + 2.0 * G_M_S2 * (height_m > 0.0 ? height_m : 0.0);
  double share = v2 / (G_M_S2 * SEA_LEVEL_RADIUS_M);
  if (share > ORBITAL_SHARE_MAX) share = ORBITAL_SHARE_MAX;
  return 0.5 * SEA_LEVEL_RADIUS_M * LIFT_TO_DRAG * -wf_log(1.0 - share);
}

// Free flight down to where wings carry.
static double arc_m(double climb_m_s, double level_m_s, double height_m) {
  const double above = height_m > WINGS_M ? height_m - WINGS_M : 0.0;
  if (above == 0.0 && climb_m_s <= 0.0) return 0.0;
  return level_m_s * (climb_m_s + wf_sqrt(climb_m_s * climb_m_s + 2.0 * G_M_S2 * above)) / G_M_S2;
}

// So low and flat that it may be meant to glide although nobody has seen it turn: apogee over range of the ellipse that
// it falls along, by the radii of its ends.
bool wf_track_is_flat(const double state[6]) {
  double energy, low_m, high_m;
  wf_motion_osculating(state, &energy, &low_m, &high_m);
  const double a = 0.5 * (low_m + high_m), e = (high_m - low_m) / (high_m + low_m), top_m = high_m - SEA_LEVEL_RADIUS_M;
  if (!(energy < 0.0) || top_m > FLAT_TOP_M || !(e > 1e-3)) return false;
  const double cosine = (a * (1.0 - e * e) / SEA_LEVEL_RADIUS_M - 1.0) / e;
  const double range_m = 2.0 * SEA_LEVEL_RADIUS_M * (WF_PI - wf_acos(cosine));
  return top_m < FLAT * range_m;
}

wf_status wf_track_reach(const wf_filter *f, wf_time time, wf_impact_area *out) {
  wf_lla lla;
  wf_site site;
  *out = (wf_impact_area){.reason = WF_IMPACT_NOT_CONVERGED};
  wf_geo_lla_from_ecef(f->x, &lla);
  wf_site_init(&site, &lla);
  double enu[3];
  for (int i = 0; i < 3; i++) enu[i] = wf_vec_dot(site.enu_from_ecef + 3 * i, f->x + 3);
  const double level_m_s = wf_hypot(enu[0], enu[1]), azimuth_rad = wf_atan2(enu[0], enu[1]);
  const double ahead = arc_m(enu[2], level_m_s, lla.h_m) + glide_m(wf_vec_norm(enu), lla.h_m);
  const double loose = LEAST_M + CHI_99 * wf_sqrt(f->p[0] + f->p[f->size + 1] + f->p[2 * (f->size + 1)]);
  wf_ground_ellipse *e = &out->area;
  wf_geo_direct(lla.lat_rad, lla.lon_rad, azimuth_rad, 0.5 * (1.0 - BEHIND) * ahead, &e->lat_rad, &e->lon_rad);
  e->semi_major_95_m = 0.5 * (1.0 + BEHIND) * ahead + loose;
  e->semi_minor_95_m = BESIDE * ahead + loose;
  e->azimuth_rad = azimuth_rad < 0.0 ? azimuth_rad + WF_PI : azimuth_rad;
  out->time = time;
  out->valid = true;
  out->reason = WF_IMPACT_OK;
  return WF_OK;
}
