// The posterior Cramér–Rao bound of each truth at each of its scans (Tichavský, Muravchik & Nehorai 1998): no prior, no
// process noise, the truth's own detections, association known. For deterministic motion it is the inverse of the
// Fisher information Σ (H Φ)ᵀ R⁻¹ (H Φ) of all detections so far (Van Trees 1968, section 2.4).
#ifndef WF_SCORE_BOUND_H
#define WF_SCORE_BOUND_H

#include "detections.h"

typedef enum wf_score_motion {
  WF_SCORE_MOTION_NEITHER,
  WF_SCORE_MOTION_COAST,
  WF_SCORE_MOTION_STRAIGHT
} wf_score_motion;

typedef struct wf_score_bounds {
  double *position_m2, *velocity_m2_s2;  // per truth row: traces of the bound; NaN where there is none
  double *covariance;                    // per truth row, 21 numbers: the bound itself, where there is one
  uint8_t *motion;                       // per truth object (wf_score_motion)
  uint32_t objects_of[3];                // how many objects move how
  uint32_t rows_without;                 // rows before the detections determine a state, or after the motion changed
} wf_score_bounds;

// A truth moves freely (J2 gravity) or straight in ECEF, whichever its own states follow. From the first step that
// follows neither (thrust, drag, a manoeuvre) on it has no bound. Detections at times without a truth state are told.
wf_status wf_score_bounds_compute(const wf_score_scene *scene, const wf_score_plots *plots, const char *plots_path,
                                  wf_diag *diag, wf_score_bounds *out);
void wf_score_bounds_free(wf_score_bounds *bounds);

// State and, when not NULL, 6×6 transition over dt_s.
void wf_score_move(wf_score_motion motion, double dt_s, double state[6], double *stm);

#endif
