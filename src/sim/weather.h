// Air that is not the standard's: density and wind as smooth random functions of the height, one draw per scenario.
#ifndef WF_SIM_WEATHER_H
#define WF_SIM_WEATHER_H

#include <stdint.h>

#include "motion/dynamics.h"
#include "sim/scenario.h"

enum { WF_WEATHER_WAVES = 8 };

// Three functions of height: density over the standard's less 1, wind to the east, wind to the north.
typedef struct wf_weather {
  double sigma[3];
  double wave_per_m[3][WF_WEATHER_WAVES], phase_rad[3][WF_WEATHER_WAVES];
} wf_weather;

// Both sigmas 0: the standard atmosphere at rest.
void wf_weather_draw(const wf_scenario *scenario, wf_weather *out);
// A fall by span_s from state, which is replaced. height_m is where it begins; span_s short beside a fall through the
// air.
void wf_weather_fall(const wf_weather *weather, const wf_dynamics *dyn, double height_m, double span_s, double step_s,
                     double state[6]);

#endif
