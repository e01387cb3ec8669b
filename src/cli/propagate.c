// watchfire propagate: a state to its impact, as JSON Lines.
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "motion/impact.h"
#include "propagate_state.h"

#define NAME "propagate"
#define TOLERANCE_M 1e-3
#define DEG_PER_RAD (180.0 / 3.14159265358979323846)

static const char HELP[] =
    "Usage: watchfire propagate [OPTION…] STATE.json\n"
    "Flies a state without engines over the rotating Earth and prints it as JSON Lines; the last line says where and\n"
    "when it comes down, with its 95 % ellipse when the state has a covariance.\n\n"
    "  --until impact|SECONDS       how long (default: impact)\n"
    "  --step S                     seconds between lines (default: 1)\n"
    "  --gravity j2|j4              zonal terms of the Earth's field (default: j2)\n"
    "  --medium vacuum|atmosphere   default: vacuum when the ballistic coefficient is null. In the atmosphere the\n"
    "                               ellipse includes 30 % in the coefficient, 5 % in density and 10 m/s of wind;\n"
    "                               a coefficient of null is then taken as 5,000 kg/m2\n\n"
    "STATE.json ('-' is standard input): ECEF, metres and m/s; covariance 21 numbers (upper triangle by rows) or 6 x "
    "6\n"
    "  {\"time_s\":0,\"position_m\":[x,y,z],\"velocity_m_s\":[vx,vy,vz],\n"
    "   \"ballistic_coefficient_kg_m2\":null,\"covariance\":[…]}\n\n"
    "Example:\n"
    "  echo '{\"time_s\":0,\"position_m\":[-4244587,-3663178,3205838],\"velocity_m_s\":[202,-2842,825],\n"
    "        \"ballistic_coefficient_kg_m2\":null}' | watchfire propagate --step 60 -\n";

typedef enum medium { MEDIUM_DEFAULT, MEDIUM_VACUUM, MEDIUM_ATMOSPHERE } medium;
typedef struct options {
  double until_s;  // infinite: impact
  double step_s;
  wf_gravity gravity;
  medium medium;
  const char *path;
  bool help;
} options;

static bool parse_positive(const char *text, double *out) {
  char *end;
  *out = strtod(text, &end);
  return end != text && *end == '\0' && isfinite(*out) && *out > 0.0;
}

static int parse_options(int argc, char **argv, options *o) {
  static const struct option longs[] = {
      {"until", required_argument, NULL, 'u'},   {"step", required_argument, NULL, 's'},
      {"gravity", required_argument, NULL, 'g'}, {"medium", required_argument, NULL, 'm'},
      {"help", no_argument, NULL, 'h'},          {0}};
  *o = (options){.until_s = INFINITY, .step_s = 1.0, .gravity = WF_GRAVITY_J2};
  optind = 1;
  opterr = 0;
  for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
    if (c == 'h') {
      o->help = true;
      return WF_CLI_OK;
    } else if (c == 'u') {
      if (strcmp(optarg, "impact") == 0)
        o->until_s = INFINITY;
      else if (!parse_positive(optarg, &o->until_s))
        return wf_cli_usage_error(NAME, "--until: '%s' is neither 'impact' nor seconds above 0", optarg);
    } else if (c == 's') {
      if (!parse_positive(optarg, &o->step_s))
        return wf_cli_usage_error(NAME, "--step: '%s' is not seconds above 0", optarg);
    } else if (c == 'g') {
      if (strcmp(optarg, "j2") != 0 && strcmp(optarg, "j4") != 0)
        return wf_cli_usage_error(NAME, "--gravity: '%s' is neither j2 nor j4", optarg);
      o->gravity = optarg[1] == '2' ? WF_GRAVITY_J2 : WF_GRAVITY_J4;
    } else if (c == 'm') {
      o->medium = strcmp(optarg, "vacuum") == 0 ? MEDIUM_VACUUM : MEDIUM_ATMOSPHERE;
      if (o->medium == MEDIUM_ATMOSPHERE && strcmp(optarg, "atmosphere") != 0)
        return wf_cli_usage_error(NAME, "--medium: '%s' is neither vacuum nor atmosphere", optarg);
    } else {
      return wf_cli_usage_error(NAME, "'%s' is not an option, or lacks its value", argv[optind - 1]);
    }
  }
  if (optind + 1 != argc) return wf_cli_usage_error(NAME, "exactly one STATE.json is wanted ('-' is standard input)");
  o->path = argv[optind];
  return WF_CLI_OK;
}

static json_t *vector(const double v[3]) {
  return json_pack("[f,f,f]", v[0], v[1], v[2]);
}

static json_t *line_of(double time_s, const double state[6]) {
  wf_lla lla;
  wf_geo_lla_from_ecef(state, &lla);
  return json_pack("{s:f,s:o,s:o,s:f,s:f,s:f}", "time_s", time_s, "position_m", vector(state), "velocity_m_s",
                   vector(state + 3), "lat_deg", lla.lat_rad * DEG_PER_RAD, "lon_deg", lla.lon_rad * DEG_PER_RAD,
                   "height_m", lla.h_m);
}

static void print_line(json_t *line) {
  json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
  fputc('\n', stdout);
  json_decref(line);
}

static json_t *known(bool has, double value) {
  return has ? json_real(value) : json_null();
}

static void add_impact(json_t *line, const wf_cli_state *in, const wf_impact *impact) {
  if (impact->reason != WF_IMPACT_OK) {
    json_object_set_new(line, "impact", json_null());
    json_object_set_new(line, "reason", json_string(wf_impact_reason_name(impact->reason)));
    return;
  }
  const bool has = in->has_covariance;  // without one the size of the area is not known
  json_object_set_new(
      line, "impact",
      json_pack("{s:f,s:o,s:f,s:f,s:f,s:o,s:o,s:o}", "time_s", in->time_s + impact->delay_s, "time_sigma_s",
                known(has, impact->delay_sigma_s), "lat_deg", impact->lat_rad * DEG_PER_RAD, "lon_deg",
                impact->lon_rad * DEG_PER_RAD, "speed_m_s", impact->speed_m_s, "semi_major_95_m",
                known(has, impact->semi_major_95_m), "semi_minor_95_m", known(has, impact->semi_minor_95_m),
                "azimuth_deg", known(has, impact->azimuth_rad * DEG_PER_RAD)));
}

// Lines at whole steps, then the end with the impact.
static int fly(const options *o, const wf_cli_state *in, const wf_dynamics *dyn, const wf_impact *impact) {
  double state[6], end_s = o->until_s;
  memcpy(state, in->state_ecef, sizeof state);
  if (impact->reason == WF_IMPACT_OK && impact->delay_s < end_s) end_s = impact->delay_s;
  if (impact->reason == WF_IMPACT_BELOW_GROUND || !isfinite(end_s)) end_s = 0.0;  // nothing to fly, or no end to it
  double t = 0.0;
  for (long n = 1; t < end_s; n++) {
    print_line(line_of(in->time_s + t, state));
    const double whole = (double)n * o->step_s, next = whole < end_s ? whole : end_s;
    if (wf_motion_propagate_adaptive(dyn, next - t, TOLERANCE_M, state) != WF_OK) {
      fprintf(stderr, "watchfire propagate: the flight cannot be followed beyond %.3f s\n", in->time_s + t);
      return WF_CLI_BAD_INPUT;
    }
    t = next;
  }
  json_t *last = line_of(in->time_s + t, state);
  add_impact(last, in, impact);
  print_line(last);
  return WF_CLI_OK;
}

int wf_cli_propagate(int argc, char **argv) {
  options o;
  wf_cli_state in;
  int code = parse_options(argc, argv, &o);
  if (code != WF_CLI_OK) return code;
  if (o.help) {
    fputs(HELP, stdout);
    return WF_CLI_OK;
  }
  code = wf_cli_state_read(o.path, &in);
  if (code != WF_CLI_OK) return code;
  const bool air = o.medium == MEDIUM_ATMOSPHERE || (o.medium == MEDIUM_DEFAULT && in.beta_kg_m2 > 0.0);
  wf_impact_options opt = air ? WF_IMPACT_ATMOSPHERE : WF_IMPACT_VACUUM;
  if (air && in.beta_kg_m2 > 0.0)
    opt.beta_kg_m2 = in.beta_kg_m2;
  else if (air)
    fprintf(stderr, "watchfire propagate: no ballistic coefficient given: %.0f kg/m2 taken\n", opt.beta_kg_m2);
  opt.gravity = o.gravity;
  opt.tolerance_m = TOLERANCE_M;
  wf_impact impact;
  const wf_status status = wf_motion_impact(&opt, in.state_ecef, in.has_covariance ? in.covariance : NULL, &impact);
  if (status == WF_EINVAL) {
    fprintf(stderr, "watchfire propagate: %s: the state is out of range\n", o.path);
    return WF_CLI_BAD_INPUT;
  }
  const wf_dynamics dyn = {o.gravity, air ? 1.0 / opt.beta_kg_m2 : 0.0};
  code = fly(&o, &in, &dyn, &impact);
  return fflush(stdout) == 0 ? code : WF_CLI_BAD_INPUT;
}
