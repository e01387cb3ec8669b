// The report of `watchfire score` as JSON (docs/score.md says what every field is).
#ifndef WF_SCORE_REPORT_H
#define WF_SCORE_REPORT_H

#include <jansson.h>

#include "bound.h"
#include "common.h"
#include "gospa.h"
#include "identity.h"
#include "impact_error.h"
#include "nees.h"
#include "siap.h"

// Everything measured. What was not asked for, or could not be, is NULL.
typedef struct wf_score_result {
  const wf_score_scene *scene;
  const wf_score_matches *matches;
  const wf_score_siap_run *siap;
  const wf_score_nearest *nearest;
  const wf_score_identity *identity;
  const wf_score_errors *errors;             // against the identity
  const wf_score_errors *assignment_errors;  // against the scan's best assignment
  const wf_score_bounds *bounds;
  const wf_score_starts *starts;
  const wf_score_impacts *impacts;
  const wf_score_common *common;
  double from_age_s;
  bool per_scan;
} wf_score_result;

// NULL when out of memory.
json_t *wf_score_report(const wf_score_result *result);

#endif
