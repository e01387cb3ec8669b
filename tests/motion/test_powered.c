// Powered flight: the rocket equation, staging, the solver over its range of flights, and documented flights.
#include <math.h>
#include <stdlib.h>

#include "../shared_dir.h"
#include "../wf_test.h"
#include "base/fmath.h"
#include "base/mat.h"
#include "flights_table.h"
#include "geo/geodesic.h"
#include "motion/impact.h"
#include "motion/powered.h"

static const wf_lla SITE = {40.0 * WF_DEG, 126.0 * WF_DEG, 0.0};

static wf_launch two_stages(void) {
  return (wf_launch){
      .site = SITE,
      .azimuth_rad = 90.0 * WF_DEG,
      .vehicle = {
          .stage_count = 2,
          .stage = {{.thrust_n = 4e5, .burn_s = 50.03, .propellant_kg = 8000, .dry_kg = 900, .coast_after_s = 3},
                    {.thrust_n = 8e4, .burn_s = 60, .propellant_kg = 1800, .dry_kg = 200}},
          .payload_kg = 500,
          .payload_beta_kg_m2 = 5000,
          .pitch_start_s = 1e9}};
}

static void masses_and_stages(void **unused) {
  const wf_launch launch = two_stages();
  wf_powered_state s;
  wf_powered_init(&launch, &s);
  assert_true(fabs(s.mass_kg - 11400) < 1e-9 && s.stage == 0);
  assert_int_equal(wf_powered_advance(&launch, 25.015, &s), WF_OK);
  assert_true(fabs(s.mass_kg - 7400) < 1e-6 && s.stage == 0);
  assert_int_equal(wf_powered_advance(&launch, 26.0, &s),
                   WF_OK);  // 51.015 s: coasting on stage 1's account, its dry mass gone
  assert_true(fabs(s.mass_kg - 2500) < 1e-6 && s.stage == 0);
  assert_int_equal(wf_powered_advance(&launch, 5.0, &s), WF_OK);
  assert_true(s.stage == 1 && s.mass_kg < 2500 && s.mass_kg > 2400);
  assert_true(fabs(wf_powered_burnout_s(&launch.vehicle) - 113.03) < 1e-9);
  assert_int_equal(wf_powered_advance(&launch, 100.0, &s), WF_OK);
  assert_true(s.stage == -1 && s.mass_kg == 500 && fabs(s.t_s - 156.015) < 1e-9);
}

// Straight up without drag: Tsiolkovsky's gain per stage, less gravity over the time (integrated here by hand).
static void rocket_equation(void **unused) {
  wf_launch launch = two_stages();
  launch.site.lat_rad = 0.5 * WF_PI;  // at the pole nothing turns
  wf_powered_state s;
  wf_powered_init(&launch, &s);
  double lost = 0.0;
  const double dt = 0.05, burnout = wf_powered_burnout_s(&launch.vehicle);
  for (double t = 0.0; t < burnout - 1e-9; t += dt) {
    const double span = fmin(dt, burnout - t);
    double before[3], after[3];
    wf_motion_gravity(WF_GRAVITY_J2, s.state, before, NULL);
    assert_int_equal(wf_powered_advance(&launch, span, &s), WF_OK);
    wf_motion_gravity(WF_GRAVITY_J2, s.state, after, NULL);
    lost += 0.5 * span * (wf_vec_norm(before) + wf_vec_norm(after));
  }
  const double gain = 4e5 * 50.03 / 8000 * log(11400.0 / 3400) + 8e4 * 60 / 1800 * log(2500.0 / 700);
  printf("speed at burnout %.3f m/s, rocket equation less gravity %.3f m/s\n", wf_vec_norm(s.state + 3), gain - lost);
  assert_true(fabs(wf_vec_norm(s.state + 3) - (gain - lost)) < 0.05);
}

// The result must not depend on how the caller cuts time.
static void cuts_do_not_matter(void **unused) {
  wf_launch launch;
  double flight_s, d[3];
  assert_int_equal(wf_powered_solve(&SITE, 90 * WF_DEG, 250e3, 1000e3, &launch, &flight_s), WF_OK);
  wf_powered_state whole, cut;
  wf_powered_init(&launch, &whole);
  wf_powered_init(&launch, &cut);
  assert_int_equal(wf_powered_advance(&launch, 400.0, &whole), WF_OK);
  for (int i = 0; i < 4000; i++) assert_int_equal(wf_powered_advance(&launch, 0.1, &cut), WF_OK);
  wf_vec_sub(whole.state, cut.state, d);
  printf("400 s at once and in steps of 0.1 s: %.1e m apart\n", wf_vec_norm(d));
  assert_true(wf_vec_norm(d) < 0.05);
}

static void weak_stage_stays_on_the_pad(void **unused) {
  wf_launch launch = two_stages();
  launch.vehicle.stage[0].thrust_n = 5e4;  // lifts 5.1 t: after most of the propellant is gone
  wf_powered_state s;
  wf_lla lla;
  wf_powered_init(&launch, &s);
  assert_int_equal(wf_powered_advance(&launch, 20.0, &s), WF_OK);
  wf_geo_lla_from_ecef(s.state, &lla);
  assert_true(fabs(lla.h_m) < 0.01 && wf_vec_norm(s.state + 3) < 0.01);
  assert_int_equal(wf_powered_advance(&launch, 30.0, &s), WF_OK);
  wf_geo_lla_from_ecef(s.state, &lla);
  assert_true(lla.h_m > 1.0);
}

static void bad_values(void **unused) {
  wf_launch launch = two_stages();
  wf_powered_state s;
  double t;
  wf_powered_init(&launch, &s);
  assert_int_equal(wf_powered_advance(&launch, -1.0, &s), WF_EINVAL);
  assert_int_equal(wf_powered_advance(&launch, NAN, &s), WF_EINVAL);
  launch.vehicle.stage[1].burn_s = 0.0;
  assert_int_equal(wf_powered_advance(&launch, 1.0, &s), WF_EINVAL);
  assert_int_equal(wf_powered_solve(&SITE, 0, -1, 1e6, &launch, &t), WF_EINVAL);
  assert_int_equal(wf_powered_solve(&SITE, 0, 1e5, NAN, &launch, &t), WF_EINVAL);
  assert_int_not_equal(wf_powered_solve(&SITE, 0, 5e3, 1e6, &launch, &t), WF_OK);  // 5 km high for 1,000 km: no
}

// Flies the solution with the public functions and looks at what was asked for.
static void check_solution(double azimuth_deg, double apogee_km, double range_km) {
  wf_launch launch;
  double flight_s;
  assert_int_equal(wf_powered_solve(&SITE, azimuth_deg * WF_DEG, apogee_km * 1e3, range_km * 1e3, &launch, &flight_s),
                   WF_OK);
  wf_powered_state s;
  wf_lla lla = {0}, last;
  double top_m = 0.0;
  wf_powered_init(&launch, &s);
  const double liftoff_kg = s.mass_kg;
  do {
    last = lla;
    assert_int_equal(wf_powered_advance(&launch, 0.5, &s), WF_OK);
    wf_geo_lla_from_ecef(s.state, &lla);
    top_m = fmax(top_m, lla.h_m);
  } while (lla.h_m > 0.0 && s.t_s < 1e4);
  const double part = last.h_m / (last.h_m - lla.h_m), time_s = s.t_s - 0.5 + 0.5 * part;
  double bearing;
  const double d = wf_geo_distance_m(SITE.lat_rad, SITE.lon_rad, last.lat_rad + part * (lla.lat_rad - last.lat_rad),
                                     last.lon_rad + part * (lla.lon_rad - last.lon_rad), &bearing, NULL);
  const double off = wf_wrap_pi(bearing - azimuth_deg * WF_DEG) / WF_DEG;
  printf(
      "apogee %6.0f km range %6.0f km bearing %3.0f: got %.3f km, %.3f km, off %.4f deg; %5.2f min, %d stages, T/W "
      "%.1f\n",
      apogee_km, range_km, azimuth_deg, top_m / 1e3, d / 1e3, off, flight_s / 60, launch.vehicle.stage_count,
      launch.vehicle.stage[0].thrust_n / 9.8 / liftoff_kg);
  assert_true(fabs(top_m / 1e3 / apogee_km - 1.0) < 1e-3);
  assert_true(fabs(d / 1e3 / range_km - 1.0) < 1e-3);
  assert_true(fabs(off) < 0.05);
  assert_true(fabs(time_s - flight_s) < 0.5);
}

static void solves(void **unused) {
  static const double wanted[][3] = {
      {90, 100, 200},  {118, 120, 400}, {80, 50, 400},    {80, 50, 500},    {80, 50, 600},    {181, 120, 450},
      {77, 260, 1000}, {90, 550, 500},  {70, 620, 300},   {73, 1400, 400},  {75, 2000, 800},  {73, 550, 2700},
      {80, 970, 4500}, {86, 2802, 933}, {70, 4000, 1000}, {62, 6000, 1000}, {62, 7687, 1001}, {40, 1300, 10000}};
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
    check_solution(wanted[i][0], wanted[i][1], wanted[i][2]);
}

static double residual_min(const documented *f) {
  const wf_lla site = {f->lat_deg * WF_DEG, f->lon_deg * WF_DEG, 0.0};
  wf_launch launch;
  double flight_s = 0.0;
  assert_int_equal(
      wf_powered_solve(&site, f->azimuth_deg * WF_DEG, f->apogee_km * 1e3, f->range_km * 1e3, &launch, &flight_s),
      WF_OK);
  const double residual = flight_s / 60.0 - f->time_min;
  printf("| %s | %s | %.1f | %.1f | %.1f | %.1f | %+.1f |\n", f->date_utc, f->name, f->apogee_km, f->range_km,
         f->time_min, flight_s / 60.0, residual);
  return residual;
}

static void table_head(void) {
  puts(
      "| date | flight | apogee km | range km | stated min | solved min | residual min "
      "|\n|---|---|---|---|---|---|---|");
}

static void documented_flights(void **unused) {
  const size_t count = sizeof FLIGHTS / sizeof FLIGHTS[0];
  assert_int_equal(count, 10);
  table_head();
  for (size_t i = 0; i < count; i++) assert_true(fabs(residual_min(&FLIGHTS[i])) < 5.0);
}

// Splits a CSV line with quoted fields in place.
static int split(char *p, char *field[], int most) {
  int n = 0;
  while (n < most) {
    char *out = p;
    field[n++] = p;
    bool quoted = false;
    for (; *p != '\0' && *p != '\n' && (quoted || *p != ','); p++) {
      if (*p == '"')
        quoted = !quoted;
      else
        *out++ = *p;
    }
    const char end = *p;
    *out = '\0';
    if (end != ',') break;
    p++;
  }
  return n;
}

static void flights_file(void **unused) {
  char path[1024], line[8192], *field[32];
  snprintf(path, sizeof path, "%s/data/flights.csv", wf_test_shared());
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  assert_non_null(fgets(line, sizeof line, f));
  int ballistic = 0, timed = 0;
  table_head();
  while (fgets(line, sizeof line, f) != NULL) {
    if (split(line, field, 32) < 14 || strcmp(field[3], "ballistic") != 0) continue;
    ballistic++;
    if (*field[10] == '\0') continue;
    const documented d = {field[0],       field[2],       atof(field[6]),  atof(field[7]),
                          atof(field[8]), atof(field[9]), atof(field[13]), atof(field[10])};
    assert_true(fabs(residual_min(&d)) < 5.0);
    timed++;
  }
  fclose(f);
  assert_int_equal(ballistic, 21);
  assert_int_equal(timed, 10);
}

int main(int argc, char **argv) {
  const struct CMUnitTest own[] = {
      cmocka_unit_test(masses_and_stages),  cmocka_unit_test(rocket_equation),
      cmocka_unit_test(cuts_do_not_matter), cmocka_unit_test(weak_stage_stays_on_the_pad),
      cmocka_unit_test(bad_values),         cmocka_unit_test(solves),
      cmocka_unit_test(documented_flights),
  };
  const struct CMUnitTest given[] = {cmocka_unit_test(flights_file)};
  if (argc < 2 || strcmp(argv[1], "shared") != 0) return cmocka_run_group_tests(own, NULL, NULL);
  if (wf_test_shared() == NULL) return WF_TEST_SKIPPED;
  return cmocka_run_group_tests(given, NULL, NULL);
}
