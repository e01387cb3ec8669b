// Scenarios for tests: a small one as numbered lines, of which a test replaces some.
#ifndef WF_TEST_SIM_FIXTURE_H
#define WF_TEST_SIM_FIXTURE_H

#include <stdlib.h>

#include "../wf_test.h"
#include "sim/sensing.h"

#define FIXTURE_LINES 29

#define assert_near(value, expected, tolerance)                                                             \
  do {                                                                                                      \
    const double near_v = (value), near_e = (expected), near_t = (tolerance);                               \
    if (!(near_v - near_e <= near_t && near_e - near_v <= near_t))                                          \
      fail_msg("%s = %.12g is not within %g of %.12g", #value, near_v, near_t, near_e);                      \
  } while (0)

static const char *const fixture_line[FIXTURE_LINES] = {
    "name: test",                                                                  // 1
    "title: A test",                                                               // 2
    "start: 2026-03-10T21:58:00Z",                                                 // 3
    "duration_s: 640",                                                             // 4
    "seed: 7",                                                                     // 5
    "nations:",                                                                    // 6
    "  - nation: JPN",                                                             // 7
    "    radars:",                                                                 // 8
    "      - name: R1",                                                            // 9
    "        lat_deg: 38.4",                                                       // 10
    "        lon_deg: 131.8",                                                      // 11
    "        range_max_km: 800",                                                   // 12
    "        scan_period_s: 1",                                                    // 13
    "  - nation: KOR",                                                             // 14
    "    infrared:",                                                               // 15
    "      - name: I1",                                                            // 16
    "        lon_deg: 120",                                                        // 17
    "launches:",                                                                   // 18
    "  - at_s: 10",                                                                // 19
    "    lat_deg: 40",                                                             // 20
    "    lon_deg: 125.3",                                                          // 21
    "    azimuth_deg: 84",                                                         // 22
    "    flight: {apogee_km: 320, range_km: 1100}",                                // 23
    "    salvo: {count: 1, interval_s: 10, azimuth_step_deg: 2}",                  // 24
    "faults:",                                                                     // 25
    "  links:",                                                                    // 26
    "    - {between: [JPN, KOR], from_s: 1, to_s: 2, kind: delay, delay_s: 0.5}",  // 27
    "  nodes:",                                                                    // 28
    "    - {nation: JPN, kill_s: 5, restart_s: 9}",                                // 29
};

typedef struct fixture_change {
  int line;
  const char *text;
} fixture_change;  // text NULL: the line is left out

static inline wf_status fixture_load(const fixture_change *change, int changes, wf_scenario **out,
                                     wf_scenario_error *error) {
  char text[16384];
  size_t used = 0;
  for (int i = 0; i < FIXTURE_LINES; i++) {
    const char *line = fixture_line[i];
    for (int k = 0; k < changes; k++)
      if (change[k].line == i + 1) line = change[k].text;
    if (line) used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", line);
  }
  assert_true(used < sizeof text);
  return wf_scenario_load_yaml(text, used, out, error);
}

// The scenario with its changes, flown.
typedef struct fixture {
  wf_scenario *scenario;
  wf_truth *truth;
} fixture;

static inline fixture fixture_fly(const fixture_change *change, int changes) {
  fixture f;
  wf_scenario_error error;
  wf_status status = fixture_load(change, changes, &f.scenario, &error);
  if (status) fail_msg("line %u: %s", error.line, error.text);
  assert_int_equal(wf_truth_create(f.scenario, &f.truth, NULL), WF_OK);
  return f;
}

static inline void fixture_free(fixture *f) {
  wf_truth_free(f->truth);
  wf_scenario_free(f->scenario);
}

// Every plot of a nation (-1: all); free() it.
static inline wf_sensed *fixture_sense(const fixture *f, int nation, wf_sensing_order order, size_t *count) {
  size_t room = 1 << 12;
  wf_sensed *all = malloc(room * sizeof *all);
  wf_sensing *sensing;
  assert_int_equal(wf_sensing_create(f->scenario, f->truth, nation, order, &sensing), WF_OK);
  *count = 0;
  while (wf_sensing_next(sensing, &all[*count])) {
    if (++*count == room) all = realloc(all, (room *= 2) * sizeof *all);
  }
  wf_sensing_free(sensing);
  return all;
}

#endif
