// US Standard Atmosphere 1976: published values, seams, derivative.
#include <math.h>

#include "../wf_test.h"
#include "motion/atmosphere.h"

// NOAA-S/T 76-1562, table I (geometric height). Above 86 km these are not all knots of ours.
typedef struct published {
  double z_km, temp_k, pressure_pa, density_kg_m3;
} published;
static const published TABLE[] = {
    {0, 288.150, 1.01325e5, 1.2250},     {5, 255.676, 5.4048e4, 7.3643e-1},    {11, 216.774, 2.2700e4, 3.6480e-1},
    {20, 216.650, 5.5293e3, 8.8910e-2},  {30, 226.509, 1.1970e3, 1.8410e-2},   {40, 250.350, 2.8714e2, 3.9957e-3},
    {50, 270.650, 7.9779e1, 1.0269e-3},  {60, 247.021, 2.1958e1, 3.0968e-4},   {70, 219.585, 5.2209, 8.2829e-5},
    {80, 198.639, 1.0524, 1.8458e-5},    {86, 186.87, 3.7338e-1, 6.958e-6},    {90, 186.87, 1.8359e-1, 3.416e-6},
    {95, 188.42, 7.5966e-2, 1.393e-6},   {100, 195.08, 3.2011e-2, 5.604e-7},   {110, 240.00, 7.1042e-3, 9.708e-8},
    {120, 360.00, 2.5382e-3, 2.222e-8},  {150, 634.39, 4.5422e-4, 2.076e-9},   {170, 747.57, 2.1210e-4, 7.815e-10},
    {200, 854.56, 8.4736e-5, 2.541e-10}, {300, 976.01, 8.7704e-6, 1.916e-11},  {500, 999.24, 3.0236e-7, 5.215e-13},
    {750, 999.99, 2.2599e-8, 1.788e-14}, {1000, 1000.0, 7.5138e-9, 3.561e-15},
};

static void published_values(void **unused) {
  double worst_low = 0.0, worst_high = 0.0;
  for (size_t i = 0; i < sizeof TABLE / sizeof TABLE[0]; i++) {
    const published *p = &TABLE[i];
    wf_air air;
    wf_motion_air(p->z_km < 1000 ? p->z_km * 1e3 : 999999.0, &air);
    const double density = fabs(air.density_kg_m3 / p->density_kg_m3 - 1.0);
    if (p->z_km < 86.0)
      worst_low = fmax(worst_low, density);
    else
      worst_high = fmax(worst_high, density);
    assert_true(density < (p->z_km < 86.0 ? 5e-5 : 0.01));
    assert_true(fabs(air.temperature_k - p->temp_k) < (p->z_km < 86.0 ? 0.01 : 0.5));
    assert_true(fabs(air.pressure_pa / p->pressure_pa - 1.0) < (p->z_km < 86.0 ? 1e-4 : p->z_km < 600.0 ? 0.01 : 0.05));
    assert_true(air.density_kg_m3 == wf_motion_density_kg_m3(p->z_km < 1000 ? p->z_km * 1e3 : 999999.0, NULL));
  }
  printf("density against the published table: below 86 km %.1e, above %.1e (relative)\n", worst_low, worst_high);
}

static void sound_and_ends(void **unused) {
  wf_air air;
  wf_motion_air(0.0, &air);
  assert_true(fabs(air.sound_speed_m_s - 340.294) < 1e-3);
  wf_motion_air(20000.0, &air);
  assert_true(fabs(air.sound_speed_m_s - 295.069) < 1e-3);
  wf_motion_air(2e6, &air);
  assert_true(air.density_kg_m3 == 0.0 && air.pressure_pa == 0.0);
  assert_true(wf_motion_density_kg_m3(1e6, NULL) == 0.0);
  double slope;
  assert_true(wf_motion_density_kg_m3(-1e6, &slope) == wf_motion_density_kg_m3(-5000.0, NULL) && slope == 0.0);
}

static void continuous_and_smooth(void **unused) {
  double before, slope_before, worst_jump = 0.0, worst_slope = 0.0;
  before = wf_motion_density_kg_m3(-4000.0, &slope_before);
  for (double z = -3999.0; z < 999000.0; z += 1.0) {
    double slope;
    const double density = wf_motion_density_kg_m3(z, &slope);
    assert_true(density < before && slope < 0.0);
    // A seam would show as more than the slope explains. The standard's own kinks in slope, where a lapse rate ends,
    // are worth half a metre times lapse over temperature: 1.5e-5.
    worst_jump = fmax(worst_jump, fabs((density - before) / density - 0.5 * (slope + slope_before) / density));
    before = density;
    slope_before = slope;
  }
  for (double z = -4000.0; z < 999000.0; z += 997.3) {
    double slope;
    const double density = wf_motion_density_kg_m3(z, &slope);
    const double numeric = (wf_motion_density_kg_m3(z + 0.5, NULL) - wf_motion_density_kg_m3(z - 0.5, NULL));
    worst_slope = fmax(worst_slope, fabs(numeric - slope) / density);
  }
  printf("largest unexplained step over 1 m %.1e; derivative against differences %.1e per m (relative)\n", worst_jump,
         worst_slope);
  assert_true(worst_jump < 1.6e-5);
  assert_true(worst_slope < 2e-8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_values),
      cmocka_unit_test(sound_and_ends),
      cmocka_unit_test(continuous_and_smooth),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
