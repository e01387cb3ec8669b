// The documented flights (tests/flights), all of them, one line each, then the bars. Arguments: the sensor file, and
// how many draws of the noise (default 1), or the beginning of a date to fly only some.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../flights/fly.h"

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

typedef struct errors {
  double m[FLIGHTS * 100];
  int n, inside, asked;
} errors;

static void add(errors *e, bool valid, double error_m, bool inside) {
  e->asked++;
  if (!valid) return;
  e->m[e->n++] = error_m;
  e->inside += inside;
}

static void say(const char *what, errors *e) {
  qsort(e->m, (size_t)e->n, sizeof e->m[0], by_size);
  if (e->n == 0) return;
  printf(
      "%s: stated for %d of %d, median %.1f km, 90th percentile %.1f km, greatest %.1f km, inside the 95 %% area %d\n",
      what, e->n, e->asked, e->m[e->n / 2] / 1e3, e->m[(int)(0.9 * e->n)] / 1e3, e->m[e->n - 1] / 1e3, e->inside);
}

static void line(const entry *e, const fly_path *p, const fly_result *r) {
  static const char *const KIND[] = {"ballistic", "space launch", "not ballistic", "failure"};
  printf("| %s | %s | %s | %.0f | %.0f | %.1f | ", e->date, e->name, KIND[e->kind], p->burnout_s, p->down_s,
         r->detected_s);
  if (r->launch_valid)
    printf("%.1f (%.1f%s) | ", r->launch_error_m / 1e3, r->launch_area_m / 1e3, r->launch_inside ? "" : " missed");
  else
    printf("– | ");
  if (r->impact_valid && e->kind != NOT_BALLISTIC)
    printf("%.1f (%.1f%s) | ", r->impact_error_m / 1e3, r->impact_area_m / 1e3, r->impact_inside ? "" : " missed");
  else
    printf("– | ");
  if (e->kind == NOT_BALLISTIC)
    printf("%d of %d | ", r->footprints_holding, r->footprints);
  else
    printf("– | ");
  printf("%s %.2f%s | ", wf_flight_class_name(r->found), r->share,
         e->kind == FAILURE || r->found == fly_label(e->label) ? "" : " WRONG");
  for (int i = 0; i < 3; i++)
    if (r->looks[i] > 0)
      printf("%.2f%s", r->nees[i] / r->looks[i] / 6.0, i < 2 ? ", " : " | ");
    else
      printf("–%s", i < 2 ? ", " : " | ");
  printf("%d | %s%s%s%s |\n", r->numbers, wf_life_reason_name(r->reason), r->passed ? ", PASSED" : "",
         r->not_ballistic_said ? ", not ballistic" : "", r->failed_said ? ", failed" : "");
}

int main(int argc, char **argv) {
  static errors launch, impact;
  double nees[3] = {0};
  int runs[3] = {0};
  int right = 0, classed = 0, passed = 0, failures = 0, holding = 0, prints = 0, stated = 0, said = 0, turns = 0;
  const int draws = argc > 2 && strlen(argv[2]) < 4 ? atoi(argv[2]) : 1;
  const char *only = argc > 2 && strlen(argv[2]) >= 4 ? argv[2] : "";
  wf_scenario *sensors = argc > 1 ? fly_sensors(argv[1]) : NULL;
  if (sensors == NULL) return 1;
  printf(
      "| date | flight | kind | burnout s | down s | detected s | launch error (area) km | impact error (area) km | "
      "footprint holds the fall | class | NEES/6 boost, coast, re-entry | tracks | end "
      "|\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (size_t i = 0; i < FLIGHTS; i++) {
    const entry *e = &TABLE[i];
    fly_path path;
    if (strncmp(e->date, only, strlen(only)) != 0) continue;
    if (!fly_path_of(e, &path)) {
      printf("%s %s: no such flight\n", e->date, e->name);
      return 1;
    }
    for (int draw = 0; draw < draws; draw++) {
      fly_result r;
      fly_watch(sensors, e, &path, 100 * (i + 1) + (uint64_t)draw, &r);
      if (draw == 0) line(e, &path, &r);
      if (e->kind != FAILURE) {
        classed++;
        right += r.found == fly_label(e->label);
      }
      if (e->kind == BALLISTIC) {
        for (int part = 0; part < 3; part++)
          if (r.looks[part] > 0) {
            nees[part] += r.nees[part] / r.looks[part] / 6.0;
            runs[part]++;
          }
        add(&launch, r.launch_valid, r.launch_error_m, r.launch_inside);
        add(&impact, r.impact_valid, r.impact_error_m, r.impact_inside);
      }
      if (e->kind == NOT_BALLISTIC) {
        turns++;
        said += r.not_ballistic_said;
        holding += r.footprints_holding;
        prints += r.footprints;
        stated += r.falls_stated;
      }
      failures += e->kind == FAILURE;
      passed += e->kind == FAILURE && r.passed;
    }
    fly_path_free(&path);
  }
  printf("\nclasses: %d of %d right (%.3f)\n", right, classed, (double)right / classed);
  say("launch point, ballistic", &launch);
  say("impact at the later of half flight and burnout + 30 s, ballistic", &impact);
  printf(
      "not ballistic: said of %d of %d flights; footprint holds the fall at %d of %d looks after the first turn; "
      "impact areas stated then: %d\n",
      said, turns, holding, prints, stated);
  printf("failures: %d of %d said to be over (impact time passed) while above 20 km or 50 km off\n", passed, failures);
  printf("NEES/6, ballistic, mean of each run's mean: boost %.2f, coast %.2f, re-entry %.2f (%d, %d, %d runs)\n",
         nees[0] / runs[0], nees[1] / runs[1], nees[2] / runs[2], runs[0], runs[1], runs[2]);
  wf_scenario_free(sensors);
  return 0;
}
