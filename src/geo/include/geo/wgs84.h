// WGS-84 ellipsoid and frames. ECEF: metres, Earth-fixed. ENU: metres, east-north-up of a site's ellipsoidal
// normal. RAE: range m, azimuth rad clockwise from true north [0, 2π), elevation rad above the tangent plane.
// Deterministic: no libm (base/fmath.h). Source: NIMA TR8350.2 (2000), section 3.
#ifndef WF_GEO_WGS84_H
#define WF_GEO_WGS84_H

#include "base/status.h"

#define WF_WGS84_A_M 6378137.0
#define WF_WGS84_F (1.0 / 298.257223563)
#define WF_WGS84_B_M (WF_WGS84_A_M * (1.0 - WF_WGS84_F))
#define WF_WGS84_E2 (WF_WGS84_F * (2.0 - WF_WGS84_F))
#define WF_WGS84_GM_M3_S2 3.986004418e14
#define WF_WGS84_OMEGA_RAD_S 7.292115e-5

typedef struct wf_lla {
  double lat_rad, lon_rad, h_m;
} wf_lla;

void wf_geo_ecef_from_lla(const wf_lla *lla, double pos_ecef_m[3]);
// Any point at least 1 km from the Earth's centre, poles included; longitude of a pole is 0. Inverse of the
// above to below 1 µm up to 50,000 km. Inside the evolute (43 km), where a point has several, one of them.
void wf_geo_lla_from_ecef(const double pos_ecef_m[3], wf_lla *lla);
// Jacobian of (lat, lon, h) with respect to ECEF, 3×3 row-major (rad/m, rad/m, 1). Within 0.1 µm of the axis the
// longitude row is 0.
void wf_geo_lla_jacobian(const wf_lla *lla, double d_lla_d_ecef[9]);

// Rows: east, north, up unit vectors in ECEF. v_enu = R v_ecef.
void wf_geo_enu_from_ecef_rotation(double lat_rad, double lon_rad, double r[9]);

// A fixed place with its frame, computed once.
typedef struct wf_site {
  wf_lla lla;
  double pos_ecef_m[3];
  double enu_from_ecef[9];
} wf_site;
void wf_site_init(wf_site *site, const wf_lla *lla);

void wf_geo_enu_from_ecef(const wf_site *site, const double pos_ecef_m[3], double enu_m[3]);
void wf_geo_ecef_from_enu(const wf_site *site, const double enu_m[3], double pos_ecef_m[3]);

// rae and, when jacobian is not NULL, d(rae)/d(enu) 3×3. On the vertical (within 0.1 µm of the axis) azimuth is 0
// and the azimuth row of the Jacobian is 0.
void wf_geo_rae_from_enu(const double enu_m[3], double rae[3], double *jacobian);
// enu and, when jacobian is not NULL, d(enu)/d(rae) 3×3.
void wf_geo_enu_from_rae(const double rae[3], double enu_m[3], double *jacobian);

// The same against ECEF; jacobian is d(rae)/d(pos_ecef) or d(pos_ecef)/d(rae), 3×3, or NULL.
void wf_geo_rae_from_ecef(const wf_site *site, const double pos_ecef_m[3], double rae[3], double *jacobian);
void wf_geo_ecef_from_rae(const wf_site *site, const double rae[3], double pos_ecef_m[3], double *jacobian);
// Range rate of a point seen from a fixed site, and its row Jacobian to (pos, vel), 6 numbers or NULL.
double wf_geo_range_rate_m_s(const wf_site *site, const double pos_ecef_m[3], const double vel_ecef_m_s[3],
                             double *jacobian);

#endif
