// The acceleration of a body without engines and its derivatives, inlined into every integrator of this room.
#ifndef WF_MOTION_FIELD_H
#define WF_MOTION_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "height.h"
#include "motion/atmosphere.h"
#include "motion/dynamics.h"

// Zonal potential as f(r, z): derivatives with r and z taken as independent (Montenbruck & Gill, Satellite Orbits,
// section 3.2; here summed over the degrees, so that J2 and J4 share one path).
typedef struct wf_zonal {
  double r, z, rr, rz, zz;
} wf_zonal;

static inline void wf_zonal_add(wf_zonal *f, int n, double coeff, double s, double p, double dp, double ddp) {
  f->r -= coeff * ((n + 1) * p + s * dp);
  f->z += coeff * dp;
  f->rr += coeff * ((n + 1) * (n + 2) * p + 2 * (n + 2) * s * dp + s * s * ddp);
  f->rz -= coeff * ((n + 2) * dp + s * ddp);
  f->zz += coeff * ddp;
}

// Gravitation at pos; jac is written only when want_jac.
static inline void wf_field_gravity(wf_gravity model, const double pos[3], bool want_jac, double acc[3],
                                    double jac[9]) {
  const double inv_r = 1.0 / wf_sqrt(wf_vec_dot(pos, pos));
  const double u[3] = {pos[0] * inv_r, pos[1] * inv_r, pos[2] * inv_r};
  const double s = u[2], s2 = s * s, q = WF_WGS84_A_M * inv_r, gm_r2 = WF_WGS84_GM_M3_S2 * inv_r * inv_r;
  wf_zonal f = {-gm_r2, 0.0, 2.0 * gm_r2, 0.0, 0.0};  // central part, derivatives times powers of r
  const double c2 = -WF_WGS84_J2 * q * q * gm_r2;
  wf_zonal_add(&f, 2, c2, s, 1.5 * s2 - 0.5, 3.0 * s, 3.0);
  if (model == WF_GRAVITY_J4) {
    const double c3 = -WF_WGS84_J3 * q * q * q * gm_r2, c4 = -WF_WGS84_J4 * q * q * q * q * gm_r2;
    wf_zonal_add(&f, 3, c3, s, s * (2.5 * s2 - 1.5), 7.5 * s2 - 1.5, 15.0 * s);
    wf_zonal_add(&f, 4, c4, s, (4.375 * s2 - 3.75) * s2 + 0.375, s * (17.5 * s2 - 7.5), 52.5 * s2 - 7.5);
  }
  for (int i = 0; i < 3; i++) acc[i] = f.r * u[i];
  acc[2] += f.z;
  if (!want_jac) return;
  const double t = f.r * inv_r, rr = f.rr * inv_r - t, rz = f.rz * inv_r;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) jac[3 * i + j] = rr * u[i] * u[j];
  for (int i = 0; i < 3; i++) {
    jac[4 * i] += t;
    jac[3 * i + 2] += rz * u[i];
    jac[6 + i] += rz * u[i];
  }
  jac[8] += f.zz * inv_r;
}

// Drag per unit of inverse ballistic coefficient: acc = inv_beta · unit. Derivatives of unit to position and velocity.
static inline void wf_field_drag(const double pos[3], const double vel[3], bool want_jac, double unit[3],
                                 double d_pos[9], double d_vel[9]) {
  double up[3], slope;
  const double height_m = wf_motion_height_m(pos, up);
  const double density = wf_motion_density_kg_m3(height_m, &slope);
  const double speed = wf_sqrt(wf_vec_dot(vel, vel));
  const double k = -0.5 * density * speed;
  for (int i = 0; i < 3; i++) unit[i] = k * vel[i];
  if (!want_jac) return;
  const double ks = -0.5 * slope * speed, kv = speed > 0.0 ? -0.5 * density / speed : 0.0;
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) {
      d_pos[3 * i + j] = ks * vel[i] * up[j];
      d_vel[3 * i + j] = kv * vel[i] * vel[j];
    }
    d_vel[4 * i] += k;
  }
}

// Everything a linearisation needs at one point.
typedef struct wf_field {
  double acc[3];
  double d_pos[9], d_vel[9];  // of acc
  double drag_unit[3];        // d acc / d inv_beta
  double d_wind[9];           // d acc / d wind: minus the drag part of d_vel
} wf_field;

static inline void wf_field_rotation(const double pos[3], const double vel[3], bool want_jac, wf_field *f) {
  const double w = WF_WGS84_OMEGA_RAD_S;
  f->acc[0] += 2.0 * w * vel[1] + w * w * pos[0];
  f->acc[1] += -2.0 * w * vel[0] + w * w * pos[1];
  if (!want_jac) return;
  f->d_pos[0] += w * w;
  f->d_pos[4] += w * w;
  f->d_vel[1] += 2.0 * w;
  f->d_vel[3] -= 2.0 * w;
}

// has_drag and want_jac are constants where this is inlined, so the unused halves fold away.
static inline void wf_field_at(const wf_dynamics *dyn, const double pos[3], const double vel[3], bool has_drag,
                               bool want_jac, wf_field *f) {
  wf_field_gravity(dyn->gravity, pos, want_jac, f->acc, f->d_pos);
  if (want_jac)
    for (int i = 0; i < 9; i++) f->d_vel[i] = 0.0;
  if (has_drag) {
    double d_pos[9], d_vel[9];
    wf_field_drag(pos, vel, want_jac, f->drag_unit, d_pos, d_vel);
    for (int i = 0; i < 3; i++) f->acc[i] += dyn->inv_beta_m2_kg * f->drag_unit[i];
    for (int i = 0; want_jac && i < 9; i++) {
      f->d_pos[i] += dyn->inv_beta_m2_kg * d_pos[i];
      f->d_vel[i] = dyn->inv_beta_m2_kg * d_vel[i];
      f->d_wind[i] = -f->d_vel[i];
    }
  }
  wf_field_rotation(pos, vel, want_jac, f);
}

#endif
