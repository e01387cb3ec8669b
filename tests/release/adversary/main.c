// --known: he knows the radar's reach and least elevation, too. --only, --above: only of objects there is told, and the
// radars are such that see all of it.
// adversary [--flights N] [--sites N] [--seed S] [--level NAME]… [--check]: where somebody who hears a nation's shared
// flights thinks that its radar stands, clue by clue, at each level of the guard. --check: exit 1 unless the full guard
// keeps it to 100 km and no guard leaves it below 5 km (medians).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/rng.h"
#include "shared.h"

#define SITES_MAX 50

static const char *const CLUE_NAMES[CLUES + 1] = {"shape", "scatter", "rotation", "rate", "first", "last", "all"};

typedef struct options {
  int flights, sites;
  uint64_t seed;
  const char *level[8];
  int levels;
  double bias, hold_s;  // hold_s < 0: the level's
  bool check, each, known, boxed;
  double box_deg[4], above_m;  // south north west east
} options;

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *v, int n) {
  qsort(v, (size_t)n, sizeof *v, by_size);
  return n % 2 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

// Whether a radar sees all of what is told of: then no edge of it is the radar's.
static bool covers(const radar *r, const options *o) {
  for (int i = 0; i <= 8 && o->boxed; i++)
    for (int j = 0; j <= 8; j++)
      for (int k = 0; k < 2; k++) {
        const wf_lla at = {(o->box_deg[0] + (o->box_deg[1] - o->box_deg[0]) * i / 8) * WF_DEG,
                           (o->box_deg[2] + (o->box_deg[3] - o->box_deg[2]) * j / 8) * WF_DEG, k ? 400e3 : o->above_m};
        double x[3];
        wf_geo_ecef_from_lla(&at, x);
        if (!sees(r, x)) return false;
      }
  return true;
}

static radar choose_radar(wf_rng *rng, const flights *f, const options *o) {
  radar r = {.range_max_m = 900e3, .el_min_rad = 2 * WF_DEG, .sigma_range_m = 30, .sigma_angle_rad = 1e-3, .scan_s = 2};
  do {
    r.site = (wf_lla){wf_rng_between(rng, 33, 44) * WF_DEG, wf_rng_between(rng, 128, 141) * WF_DEG, 300};
  } while (flights_seen(f, &r) < f->count * 8 / 10 || !covers(&r, o));
  r.bias_az_rad = o->bias * 3e-4 * wf_rng_normal(rng);
  r.bias_el_rad = o->bias * 3e-4 * wf_rng_normal(rng);
  r.bias_range_m = o->bias * 10 * wf_rng_normal(rng);
  return r;
}

static bool rule_of(const char *level, wf_release_rule *out) {
  wf_release_policy policy = {0};
  wf_audience audience = {0};
  if (wf_audience_parse("JPN KOR", &audience) != WF_OK ||
      wf_release_profile("warning-data", &audience, &policy) != WF_OK)
    return false;
  *out = policy.rule[0];
  return strcmp(level, "warning-data") == 0 || wf_release_guard_level(level, &out->guard_sigma_m, &out->guard_hold_s);
}

static void print_head(void) {
  printf("median error of the site, km (in brackets: of its bearing from the launches, degrees)\n%-14s", "level");
  for (int c = 0; c <= CLUES; c++) printf(" %15s", CLUE_NAMES[c]);
  printf("\n");
}

static bool try_level(const options *o, flights *f, const radar *radars, const char *level, told *t, double *best_km) {
  static double km[CLUES + 1][SITES_MAX], deg[CLUES + 1][SITES_MAX], first_s[SITES_MAX * FLIGHTS_MAX];
  int first_count = 0;
  wf_release_rule rule;
  if (!rule_of(level, &rule)) {
    fprintf(stderr, "adversary: no level \"%s\"\n", level);
    return false;
  }
  if (o->hold_s >= 0) rule.guard_hold_s = o->hold_s;
  rule.only_above_m = o->above_m;
  rule.only_count = o->boxed;
  for (int i = 0; i < 2; i++) {
    rule.only[0].lat_rad[i] = o->box_deg[i] * WF_DEG;
    rule.only[0].lon_rad[i] = o->box_deg[2 + i] * WF_DEG;
  }
  for (int s = 0; s < o->sites; s++) {
    guess g;
    if (!tell_all(f, &radars[s], &rule, t)) return false;
    guess_site(f, t, &radars[s], &rule, o->known, &g);
    for (int i = 0; i < f->count; i++)
      if (t->first_s[i] >= 0) first_s[first_count++] = t->first_s[i];
    if (o->each) fprintf(stderr, "%s site %d: %.1f km, %zu statements\n", level, s, g.error_km[CLUE_ALL], t->count);
    for (int c = 0; c <= CLUES; c++) {
      km[c][s] = g.error_km[c];
      deg[c][s] = g.bearing_deg[c];
    }
  }
  printf("%-14s", level);
  for (int c = 0; c <= CLUES; c++) {
    const double m = median(km[c], o->sites);
    if (c == 0 || m < *best_km) *best_km = m;
    printf(" %8.1f (%4.1f)", m, median(deg[c], o->sites));
  }
  printf("  best %.1f; first word at %.0f s, %d of %d flights told\n", *best_km, median(first_s, first_count),
         first_count, o->sites * f->count);
  fflush(stdout);
  return true;
}

static bool parse(int argc, char **argv, options *o) {
  *o = (options){.flights = 100, .sites = 15, .seed = 1, .hold_s = -1};
  for (int i = 1; i < argc; i++) {
    const bool more = i + 1 < argc;
    if (strcmp(argv[i], "--check") == 0)
      o->check = true;
    else if (strcmp(argv[i], "--known") == 0)
      o->known = true;
    else if (strcmp(argv[i], "--each") == 0)
      o->each = true;
    else if (strcmp(argv[i], "--flights") == 0 && more)
      o->flights = atoi(argv[++i]);
    else if (strcmp(argv[i], "--sites") == 0 && more)
      o->sites = atoi(argv[++i]);
    else if (strcmp(argv[i], "--seed") == 0 && more)
      o->seed = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--hold") == 0 && more)
      o->hold_s = atof(argv[++i]);
    else if (strcmp(argv[i], "--above") == 0 && more)
      o->above_m = atof(argv[++i]);
    else if (strcmp(argv[i], "--only") == 0 && more)
      o->boxed =
          sscanf(argv[++i], "%lf,%lf,%lf,%lf", &o->box_deg[0], &o->box_deg[1], &o->box_deg[2], &o->box_deg[3]) == 4;
    else if (strcmp(argv[i], "--bias") == 0 && more)
      o->bias = atof(argv[++i]);
    else if (strcmp(argv[i], "--level") == 0 && more && o->levels < 8)
      o->level[o->levels++] = argv[++i];
    else
      return false;
  }
  static const char *const usual[] = {"off", "light", "medium", "warning-data"};
  for (int i = 0; o->levels == 0 && i < 4; i++) o->level[i] = usual[i];
  if (o->levels == 0) o->levels = 4;
  return o->flights >= 10 && o->flights <= FLIGHTS_MAX && o->sites >= 1 && o->sites <= SITES_MAX;
}

int main(int argc, char **argv) {
  static flights f;
  static told t;
  options o;
  radar radars[SITES_MAX];
  wf_rng rng;
  if (!parse(argc, argv, &o)) {
    fprintf(stderr,
            "Usage: adversary [--flights 10..200] [--sites 1..50] [--seed S] [--level NAME]… [--bias FACTOR] [--hold S]"
            " [--only S,N,W,E] [--above M] [--known] [--each] [--check]\n");
    return 2;
  }
  t.cap = 400u * FLIGHTS_MAX;
  t.item = calloc(t.cap, sizeof *t.item);
  if (t.item == NULL || !flights_make(&f, o.flights, o.seed)) return 2;
  wf_rng_seed_stream(&rng, o.seed, 77);
  for (int s = 0; s < o.sites; s++) radars[s] = choose_radar(&rng, &f, &o);
  printf("%d flights, %d radar sites, seed %llu\n", o.flights, o.sites, (unsigned long long)o.seed);
  print_head();
  bool good = true;
  for (int i = 0; i < o.levels; i++) {
    double km = 0;
    if (!try_level(&o, &f, radars, o.level[i], &t, &km)) return 2;
    if (strcmp(o.level[i], "off") == 0) good = good && km < 5.0;
    if (strcmp(o.level[i], "warning-data") == 0 || strcmp(o.level[i], "full") == 0) good = good && km >= 100.0;
  }
  if (o.check) printf("%s: without guard below 5 km, with it 100 km or more\n", good ? "holds" : "DOES NOT HOLD");
  flights_free(&f);
  free(t.item);
  return o.check && !good;
}
