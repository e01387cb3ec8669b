#include "weather.h"

#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "geo/wgs84.h"

#define CORRELATION_M 8000.0  // a scale height

// Random Fourier features (Rahimi & Recht 2007): σ √(2/M) Σ cos(k h + φ), k normal with 1/CORRELATION, is Gaussian with
// a covariance that falls by height difference as exp(−Δh²/2L²).
void wf_weather_draw(const wf_scenario *scenario, wf_weather *out) {
  wf_rng rng;
  wf_rng_seed_stream(&rng, scenario->seed, 0x77656174686572);
  out->sigma[0] = scenario->density_sigma_ratio;
  out->sigma[1] = out->sigma[2] = scenario->wind_sigma_m_s;
  for (int f = 0; f < 3; f++)
    for (int m = 0; m < WF_WEATHER_WAVES; m++) {
      out->wave_per_m[f][m] = wf_rng_normal(&rng) / CORRELATION_M;
      out->phase_rad[f][m] = 2.0 * WF_PI * wf_rng_uniform(&rng);
    }
}

static double value(const wf_weather *w, int f, double height_m) {
  double sum = 0.0;
  for (int m = 0; m < WF_WEATHER_WAVES; m++) sum += wf_cos(w->wave_per_m[f][m] * height_m + w->phase_rad[f][m]);
  return w->sigma[f] * wf_sqrt(2.0 / WF_WEATHER_WAVES) * sum;
}

static void drag(const wf_dynamics *dyn, const double pos[3], const double vel[3], double out[3]) {
  const wf_dynamics none = {dyn->gravity, 0.0};
  double without[3];
  wf_motion_acceleration(dyn, pos, vel, out, NULL, NULL, NULL);
  wf_motion_acceleration(&none, pos, vel, without, NULL, NULL, NULL);
  for (int i = 0; i < 3; i++) out[i] -= without[i];
}

// Wind changes what drag does by its difference at the velocity through the air, put in at the end of the short fall.
static void blow(const wf_weather *w, const wf_dynamics *dyn, double height_m, double span_s, double state[6]) {
  double r_enu[9], through[3], moving[3], still[3];
  wf_lla lla;
  const double east = value(w, 1, height_m), north = value(w, 2, height_m);
  wf_geo_lla_from_ecef(state, &lla);
  wf_geo_enu_from_ecef_rotation(lla.lat_rad, lla.lon_rad, r_enu);
  for (int i = 0; i < 3; i++) through[i] = state[3 + i] - east * r_enu[i] - north * r_enu[3 + i];
  drag(dyn, state, through, moving);
  drag(dyn, state, state + 3, still);
  for (int i = 0; i < 3; i++) state[3 + i] += span_s * (moving[i] - still[i]);
}

void wf_weather_fall(const wf_weather *weather, const wf_dynamics *dyn, double height_m, double span_s, double step_s,
                     double state[6]) {
  wf_dynamics here = *dyn;
  if (weather->sigma[0] > 0.0) here.inv_beta_m2_kg *= 1.0 + value(weather, 0, height_m);
  wf_motion_propagate(&here, span_s, step_s, state, NULL, NULL);
  if (weather->sigma[1] > 0.0) blow(weather, &here, height_m, span_s, state);
}
