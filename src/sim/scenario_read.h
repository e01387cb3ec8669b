// Reading a scenario's values: strict numbers within stated ranges; the first error sticks, with its line, and every
// later read gives its fallback, so that the readers stay flat and the caller looks at `status` once.
#ifndef WF_SIM_SCENARIO_READ_H
#define WF_SIM_SCENARIO_READ_H

#include "scenario_schema.h"
#include "yaml/where.h"

#define WF_YAML_PATH_SIZE 96

typedef struct wf_reading {
  const wf_yaml_where *where;
  wf_scenario_error *error;
  wf_status status;
} wf_reading;

// base: path of the mapping ("nations[0].radars[1]"), key: of the value in it (either may be "").
__attribute__((format(printf, 4, 5))) void wf_reading_fail(wf_reading *r, const char *base, const char *key,
                                                           const char *format, ...);
// text NULL gives fallback; the value must be a finite number within low..high. unit multiplies text, not fallback.
double wf_reading_number(wf_reading *r, const char *base, const char *key, const char *text, double fallback,
                         double low, double high, double unit);
int wf_reading_integer(wf_reading *r, const char *base, const char *key, const char *text, int fallback, int low,
                       int high);
// Letters, digits, '-', '_' and '.': safe in file names and CSV. text NULL leaves out untouched.
void wf_reading_name(wf_reading *r, const char *base, const char *key, const char *text, char *out, size_t out_size);
// [low, high] in text; NULL leaves out untouched.
void wf_reading_pair(wf_reading *r, const char *base, const char *key, char *const *pair, double low, double high,
                     double unit, double out[2]);
uint16_t wf_reading_nation(wf_reading *r, const char *base, const char *key, const char *text, const wf_scenario *s);

// The parts. Arrays are allocated here and owned by the scenario.
void wf_reading_nations(wf_reading *r, const wf_yaml_scenario *raw, wf_scenario *s);
void wf_reading_launches(wf_reading *r, const wf_yaml_scenario *raw, wf_scenario *s);
void wf_reading_faults(wf_reading *r, const wf_yaml_scenario *raw, wf_scenario *s);

#endif
