// A scenario: nations, their notional sensors, launches and faults. Read from YAML (docs/scenarios.md says every key,
// unit and default); everything else in this room, the demo and the storm start from this structure.
#ifndef WF_SIM_SCENARIO_H
#define WF_SIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"
#include "model/sensor.h"
#include "motion/powered.h"

#define WF_SCENARIO_DEFAULT "trilateral"
#define WF_SCENARIO_NAME_SIZE 48
#define WF_SCENARIO_OUTAGES_MAX 8
#define WF_SCENARIO_SENSORS_MAX 512   // of all nations
#define WF_SCENARIO_LAUNCHES_MAX 256  // salvos counted one by one
#define WF_SCENARIO_FAULTS_MAX 256    // of links and of nodes, each
#define WF_SCENARIO_PIECES_MAX 16

// All times in seconds are since the scenario's start unless the name says otherwise.
typedef struct wf_scenario_span {
  double from_s, to_s;
} wf_scenario_span;

typedef struct wf_scenario_sensor {
  uint16_t nation;    // index in wf_scenario.nation
  uint16_t registry;  // index within its nation: what wf_plot.sensor says
  wf_sensor known;    // what its own nation's node is configured with
  // What the nation does not know: the registration error the sensor really has, added to every target report.
  double bias_range_m, bias_az_rad, bias_el_rad;
  double range_min_m;          // radar
  double first_seen_height_m;  // infrared: above the cloud; sees only thrusting objects
  double phase_s;              // time of the first scan
  double latency_s;            // from measurement to the report's arrival at its node
  int outage_count;            // while out: no scan, no clutter
  wf_scenario_span outage[WF_SCENARIO_OUTAGES_MAX];
} wf_scenario_sensor;

typedef enum wf_failure_kind { WF_FAILURE_NONE, WF_FAILURE_THRUST_END, WF_FAILURE_BREAKUP } wf_failure_kind;

typedef struct wf_scenario_launch {
  char name[WF_SCENARIO_NAME_SIZE];
  double at_s;
  wf_lla site;
  double azimuth_rad;
  bool solve;  // true: reach apogee_m and range_m; false: fly `vehicle` as given
  double apogee_m, range_m;
  wf_vehicle vehicle;  // when !solve
  double beta_kg_m2;   // of the body that falls; 0: what the solved vehicle brings
  struct {
    wf_failure_kind kind;
    double at_s;        // after this launch
    double beta_kg_m2;  // of what falls then
    int pieces;         // break-up: bodies that fall (1..WF_SCENARIO_PIECES_MAX)
    double spread_m_s;  // break-up: 1-sigma of each piece's extra velocity per axis
  } failure;
} wf_scenario_launch;

typedef enum wf_link_fault_kind { WF_LINK_CUT, WF_LINK_DELAY, WF_LINK_LOSS } wf_link_fault_kind;

typedef struct wf_scenario_link_fault {
  uint16_t nation[2];  // both directions between these two
  double from_s, to_s;
  wf_link_fault_kind kind;
  double delay_s;  // WF_LINK_DELAY: added one way
  double loss;     // WF_LINK_LOSS: probability per packet, 0..1
} wf_scenario_link_fault;

typedef struct wf_scenario_node_fault {
  uint16_t nation;
  double kill_s;     // as kill -9
  double restart_s;  // negative: never started again
} wf_scenario_node_fault;

typedef struct wf_scenario {
  char name[WF_SCENARIO_NAME_SIZE];
  char title[128];
  char description[1024];
  wf_time start;
  double duration_s;
  uint64_t seed;  // change it before wf_truth_create and wf_sensing_create
  double density_sigma_ratio, wind_sigma_m_s;  // of the air things fall through, about the standard's at rest; 0 as read
  size_t nation_count;
  wf_nation nation[WF_NATION_MAX];
  size_t sensor_count;  // grouped by nation, in the nation's order
  wf_scenario_sensor *sensor;
  size_t launch_count;  // a salvo is expanded into its launches
  wf_scenario_launch *launch;
  size_t link_fault_count;
  wf_scenario_link_fault *link_fault;
  size_t node_fault_count;
  wf_scenario_node_fault *node_fault;
} wf_scenario;

typedef struct wf_scenario_error {
  unsigned line;   // 1-based; 0 when no line applies
  char text[240];  // "lat_deg: 95 is not within −90..90"
} wf_scenario_error;

// text: YAML, need not end in NUL. WF_EFORMAT: not YAML or not the schema; WF_EINVAL: a value out of its range;
// WF_ENOMEM. error (may be NULL) says what and where. The result is released with wf_scenario_free.
wf_status wf_scenario_load_yaml(const char *text, size_t size, wf_scenario **out, wf_scenario_error *error);
void wf_scenario_free(wf_scenario *scenario);

// Scenarios compiled into the program (scenarios/*.yaml).
typedef struct wf_scenario_builtin {
  const char *name;
  const char *text;
  size_t size;
} wf_scenario_builtin;
size_t wf_scenario_builtin_count(void);
const wf_scenario_builtin *wf_scenario_builtin_at(size_t index);
// WF_ENOTFOUND when no built-in scenario has that name.
wf_status wf_scenario_load_builtin(const char *name, wf_scenario **out, wf_scenario_error *error);

// Index of a nation, or -1.
int wf_scenario_nation_index(const wf_scenario *scenario, wf_nation nation);
// The registry of one nation, in order (index i of `out` is wf_plot.sensor i). Returns how many it has.
size_t wf_scenario_registry(const wf_scenario *scenario, wf_nation nation, wf_sensor *out, size_t max);

#endif
