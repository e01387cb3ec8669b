// NASA's check cases: our whole trajectory stays within the differences between NASA's own tools.
#include <math.h>
#include <stdlib.h>

#include "../shared_dir.h"
#include "../wf_test.h"
#include "motion/atmosphere.h"
#include "motion/dynamics.h"
#include "nasa_table.h"

#define CASE_COUNT (sizeof NASA_CASES / sizeof NASA_CASES[0])
#define ROW_COUNT (sizeof NASA_ROWS / sizeof NASA_ROWS[0])

typedef struct worst {
  double altitude_m, velocity_m_s, density_kg_m3;
  long rows;
} worst;

static void start(const nasa_case *c, double state[6]) {
  const wf_lla lla = {0.0, 0.0, c->height_m};
  wf_geo_ecef_from_lla(&lla, state);
  // On the equator at longitude 0: north is z, east is y, down is −x.
  state[3] = -c->vel_ned_m_s[2];
  state[4] = c->vel_ned_m_s[1];
  state[5] = c->vel_ned_m_s[0];
}

static void compare(const nasa_case *c, const nasa_row *row, worst *w) {
  const wf_dynamics dyn = {WF_GRAVITY_J2, c->drag_coefficient * NASA_AREA_M2 / NASA_MASS_KG};
  double state[6], r[9];
  start(c, state);
  assert_int_equal(wf_motion_propagate_adaptive(&dyn, row->time_s, 1e-6, state), WF_OK);
  wf_lla lla;
  wf_geo_lla_from_ecef(state, &lla);
  wf_geo_enu_from_ecef_rotation(lla.lat_rad, lla.lon_rad, r);
  double ned[3] = {0};
  for (int i = 0; i < 3; i++) {
    ned[0] += r[3 + i] * state[3 + i];
    ned[1] += r[i] * state[3 + i];
    ned[2] -= r[6 + i] * state[3 + i];
  }
  const double density = wf_motion_density_kg_m3(lla.h_m, NULL);
  w->altitude_m = fmax(w->altitude_m, fabs(lla.h_m - row->altitude_m));
  for (int i = 0; i < 3; i++) w->velocity_m_s = fmax(w->velocity_m_s, fabs(ned[i] - row->vel_ned_m_s[i]));
  w->density_kg_m3 = fmax(w->density_kg_m3, fabs(density - row->density_kg_m3));
  w->rows++;
}

static void judge(const nasa_case *c, const char *against, bool one_tool, const worst *w) {
  double most[3];
  for (int i = 0; i < 3; i++) most[i] = c->tolerance[i] + (one_tool ? c->half_digit[i] : 0.0);
  printf(
      "case %d against %-6s %4ld rows: altitude %.5f m (%.5f)  velocity %.6f m/s (%.6f)  density %.5f kg/m3 (%.5f)\n",
      c->number, against, w->rows, w->altitude_m, most[0], w->velocity_m_s, most[1], w->density_kg_m3, most[2]);
  assert_true(w->rows > 0);
  assert_true(w->altitude_m <= most[0]);
  assert_true(w->velocity_m_s <= most[1]);
  assert_true(w->density_kg_m3 <= most[2]);
}

static void own_table(void **unused) {
  for (size_t c = 0; c < CASE_COUNT; c++) {
    worst w = {0};
    for (size_t i = 0; i < ROW_COUNT; i++)
      if (NASA_ROWS[i].number == NASA_CASES[c].number) compare(&NASA_CASES[c], &NASA_ROWS[i], &w);
    judge(&NASA_CASES[c], "mean", false, &w);
  }
}

// A wrong model must fail: without the Earth's oblateness the sphere of case 1 leaves its tolerance.
static void tolerance_bites(void **unused) {
  const nasa_case *c = &NASA_CASES[0];
  double state[6];
  start(c, state);
  const double radius = state[0], g0 = WF_WGS84_GM_M3_S2 / radius / radius;
  const double fall_m = 0.5 * (g0 - WF_WGS84_OMEGA_RAD_S * WF_WGS84_OMEGA_RAD_S * radius) * 900.0;
  const nasa_row *last = &NASA_ROWS[10];
  assert_int_equal(last->number, 1);
  assert_true(fabs(c->height_m - fall_m - last->altitude_m) > 100.0 * c->tolerance[0]);
}

// The northward cannonball, for which no file is at hand: flown in the inertial frame, where there is neither Coriolis
// nor centrifugal term and the air moves, it must come to the same place as in the rotating one.
static void inertial_slope(const double s[6], double inv_beta, double k[6]) {
  const double w = WF_WGS84_OMEGA_RAD_S, air[3] = {s[3] + w * s[1], s[4] - w * s[0], s[5]};
  wf_lla lla;
  wf_geo_lla_from_ecef(s, &lla);  // height does not depend on longitude
  const double speed = sqrt(air[0] * air[0] + air[1] * air[1] + air[2] * air[2]);
  const double drag = 0.5 * wf_motion_density_kg_m3(lla.h_m, NULL) * inv_beta * speed;
  wf_motion_gravity(WF_GRAVITY_J2, s, k + 3, NULL);
  for (int i = 0; i < 3; i++) {
    k[i] = s[3 + i];
    k[3 + i] -= drag * air[i];
  }
}

static void inertial_step(double h, double inv_beta, double s[6]) {
  static const double at[4] = {0.0, 0.5, 0.5, 1.0}, weight[4] = {1.0, 2.0, 2.0, 1.0};
  double k[6] = {0}, sum[6] = {0}, x[6];
  for (int stage = 0; stage < 4; stage++) {
    for (int i = 0; i < 6; i++) x[i] = s[i] + h * at[stage] * k[i];
    inertial_slope(x, inv_beta, k);
    for (int i = 0; i < 6; i++) sum[i] += weight[stage] / 6.0 * k[i];
  }
  for (int i = 0; i < 6; i++) s[i] += h * sum[i];
}

static void northward_in_the_inertial_frame(void **unused) {
  const double w = WF_WGS84_OMEGA_RAD_S, seconds = 30.0;
  const wf_dynamics dyn = {WF_GRAVITY_J2, 0.1 * NASA_AREA_M2 / NASA_MASS_KG};
  const wf_lla lla = {0.0, 0.0, 0.0};
  double turning[6], still[6];
  wf_geo_ecef_from_lla(&lla, turning);
  turning[3] = 304.8;
  turning[4] = 0.0;
  turning[5] = 304.8;
  for (int i = 0; i < 6; i++) still[i] = turning[i];
  still[4] += w * turning[0];
  for (int n = 0; n < 3000; n++) inertial_step(seconds / 3000, dyn.inv_beta_m2_kg, still);
  assert_int_equal(wf_motion_propagate_adaptive(&dyn, seconds, 1e-7, turning), WF_OK);
  const double c = cos(w * seconds), sn = sin(w * seconds);
  const double back[3] = {c * still[0] + sn * still[1], -sn * still[0] + c * still[1], still[2]};
  double apart = 0.0;
  for (int i = 0; i < 3; i++) apart += (back[i] - turning[i]) * (back[i] - turning[i]);
  printf("northward cannonball, rotating against inertial frame: %.1e m after 30 s\n", sqrt(apart));
  assert_true(sqrt(apart) < 1e-5);
}

static int split(char *line, char *field[], int most) {
  int n = 0;
  for (char *save = NULL, *p = strtok_r(line, ",\r\n", &save); p != NULL && n < most;
       p = strtok_r(NULL, ",\r\n", &save))
    field[n++] = p;
  return n;
}

static int find(char *field[], int count, const char *name) {
  for (int i = 0; i < count; i++)
    if (strcmp(field[i], name) == 0) return i;
  fail_msg("no column %s", name);
  return -1;
}

enum { TOOLS = 5, ROWS = 301 };

static void read_tool(const nasa_case *c, const char *path, nasa_row rows[ROWS]) {
  char header[2048], line[2048], *field[32];
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  assert_non_null(fgets(header, sizeof header, f));
  const int count = split(header, field, 32);
  const int time = find(field, count, "time"), altitude = find(field, count, "altitudeMsl_m");
  const int velocity = find(field, count, "feVelocity_m_s_X"), density = find(field, count, "airDensity_kg_m3");
  int n = 0;
  for (; fgets(line, sizeof line, f) != NULL; n++) {
    assert_int_equal(split(line, field, 32), count);
    assert_true(n < ROWS);
    rows[n] = (nasa_row){c->number, atof(field[time]), atof(field[altitude]), {0}, atof(field[density])};
    for (int i = 0; i < 3; i++) rows[n].vel_ned_m_s[i] = atof(field[velocity + i]);
  }
  fclose(f);
  assert_int_equal(n, ROWS);
}

static void add_share(nasa_row *mean, const nasa_row *row) {
  mean->number = row->number;
  mean->time_s += row->time_s / TOOLS;
  mean->altitude_m += row->altitude_m / TOOLS;
  mean->density_kg_m3 += row->density_kg_m3 / TOOLS;
  for (int i = 0; i < 3; i++) mean->vel_ned_m_s[i] += row->vel_ned_m_s[i] / TOOLS;
}

static void every_tool(void **unused) {
  static const char *tools[TOOLS] = {"sim_01", "sim_02", "sim_03", "sim_04", "sim_06"};
  static nasa_row rows[ROWS];
  const char *shared = wf_test_shared();
  for (size_t c = 0; c < CASE_COUNT; c++) {
    nasa_row mean[ROWS] = {0};
    for (int t = 0; t < TOOLS; t++) {
      char path[1024];
      snprintf(path, sizeof path, "%s/data/nasa/%s/Atmos_%02d_%s_si_units.csv", shared, NASA_CASES[c].folder,
               NASA_CASES[c].number, tools[t]);
      read_tool(&NASA_CASES[c], path, rows);
      worst w = {0};
      for (int i = 0; i < ROWS; i++) {
        compare(&NASA_CASES[c], &rows[i], &w);
        add_share(&mean[i], &rows[i]);
      }
      judge(&NASA_CASES[c], tools[t], true, &w);
    }
    worst w = {0};
    for (int i = 0; i < ROWS; i++) compare(&NASA_CASES[c], &mean[i], &w);
    judge(&NASA_CASES[c], "mean", false, &w);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest own[] = {cmocka_unit_test(own_table), cmocka_unit_test(tolerance_bites),
                                   cmocka_unit_test(northward_in_the_inertial_frame)};
  const struct CMUnitTest given[] = {cmocka_unit_test(every_tool)};
  if (argc < 2 || strcmp(argv[1], "shared") != 0) return cmocka_run_group_tests(own, NULL, NULL);
  if (wf_test_shared() == NULL) return WF_TEST_SKIPPED;
  return cmocka_run_group_tests(given, NULL, NULL);
}
