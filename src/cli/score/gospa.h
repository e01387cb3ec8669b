// GOSPA with p = 2, α = 2 and no switching term (Rahmathullah, García-Fernández & Svensson 2017, proposition 1), and
// OSPA with p = 2 (Schuhmacher, Vo & Vo 2008, eq. 3), of the positions in one scan.
#ifndef WF_SCORE_GOSPA_H
#define WF_SCORE_GOSPA_H

#include "match.h"

typedef struct wf_score_gospa {
  double distance_m;  // √ of the sum of the three
  double localisation_m2, missed_m2, false_m2;
  uint32_t n_missed, n_false;
} wf_score_gospa;

void wf_score_gospa_scan(const wf_score_scene *scene, const wf_score_matches *matches, uint32_t scan,
                         wf_score_gospa *out);
double wf_score_ospa_scan(const wf_score_scene *scene, const wf_score_matches *matches, uint32_t scan);

// Plain means over all scans; n_missed and n_false as means too.
typedef struct wf_score_gospa_mean {
  double distance_m, localisation_m2, missed_m2, false_m2, n_missed, n_false, ospa_m;
} wf_score_gospa_mean;
void wf_score_gospa_run(const wf_score_scene *scene, const wf_score_matches *matches, wf_score_gospa_mean *out);

#endif
