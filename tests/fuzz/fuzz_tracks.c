// tracks.jsonl from outside: whatever it holds, it must be read, measured against a truth and reported.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void measure(const wf_score_tracks *tracks, wf_diag *diag) {
  const wf_csv_truth truth[2] = {{0.0, 1, {6.5e6, 0, 0, 0, 1000, 0}}, {1.0, 1, {6.5e6, 1000, 0, 0, 1000, 0}}};
  wf_score_scene scene;
  wf_score_matches matches = {0};
  wf_score_siap_run siap = {0};
  wf_score_nearest nearest;
  wf_score_identity identity = {0};
  wf_score_errors errors = {0};
  if (wf_score_scene_build(truth, 2, "truth", tracks, diag, &scene) != WF_OK ||
      wf_score_match(&scene, 10e3, &matches) != WF_OK || wf_score_siap_compute(&scene, &matches, &siap) != WF_OK ||
      wf_score_nearest_compute(&scene, &matches, &nearest) != WF_OK ||
      wf_score_identity_nearest(&scene, &matches, &identity) != WF_OK ||
      wf_score_errors_compute(&scene, identity.target, NULL, 0.0, &errors) != WF_OK)
    abort();  // only for lack of memory
  const wf_score_result result = {&scene, &matches, &siap, &nearest, &identity, &errors, &errors, .per_scan = true};
  json_t *report = wf_score_report(&result);
  char *text = report == NULL ? NULL : json_dumps(report, 0);
  if (text == NULL) abort();
  free(text);
  json_decref(report);
  wf_score_errors_free(&errors);
  wf_score_identity_free(&identity);
  wf_score_siap_free(&siap);
  wf_score_matches_free(&matches);
  wf_score_scene_free(&scene);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  char *copy = malloc(size);
  if (copy == NULL) return 0;
  for (size_t i = 0; i < size; i++) copy[i] = (char)data[i];
  FILE *file = fmemopen(copy, size, "r");
  wf_diag diag = {0};
  wf_score_tracks tracks;
  if (file != NULL && wf_score_tracks_parse(file, "tracks", &diag, &tracks) == WF_OK) measure(&tracks, &diag);
  if (file != NULL) {
    wf_score_tracks_free(&tracks);
    fclose(file);
  }
  free(copy);
  return 0;
}
