#include "lean.h"

#include <string.h>

#include "base/mat.h"
#include "motion/dynamics.h"

#define N WF_LEAN

void wf_lean_carry(wf_lean *lean, const double stm[36]) {
  double v[6 * N];
  if (!lean->known) return;
  wf_mat_mul(6, 6, N, stm, lean->v, v);
  memcpy(lean->v, v, sizeof v);
}

// L (6×4), D (4×4) and w of the increment, the clock's column from Y itself: stamps that are late by τ show the state
// at the stamped time where it was τ before, x − f τ with f = dx/dt, so L_τ = −Y f, D_ττ = fᵀ Y f, D_bτ = −Lᵀ f, w_τ =
// −fᵀ v.
static void dependence(const wf_tracklet *t, bool vacuum, const double y[36], double l[6 * N], double d[N * N],
                       double w[N]) {
  const wf_dynamics dyn = {vacuum ? WF_GRAVITY_J2 : WF_GRAVITY_J4, 0.0};
  double f[6], yf[6], own[9];
  memcpy(f, t->reference + 3, 3 * sizeof *f);
  wf_motion_acceleration(&dyn, t->reference, t->reference + 3, f + 3, NULL, NULL, NULL);
  wf_mat_mul(6, 6, 1, y, f, yf);
  wf_mat_unpack_upper(3, t->lean_information, own);
  for (int i = 0; i < 6; i++) {
    for (int c = 0; c < 3; c++) l[N * i + c] = t->lean[3 * i + c];
    l[N * i + 3] = -yf[i];
  }
  d[N * 3 + 3] = w[3] = 0.0;
  for (int i = 0; i < 6; i++) {
    d[N * 3 + 3] += f[i] * yf[i];
    w[3] -= f[i] * t->vector[i];
  }
  for (int a = 0; a < 3; a++) {
    w[a] = t->lean_vector[a];
    d[N * a + 3] = 0.0;
    for (int i = 0; i < 6; i++) d[N * a + 3] -= t->lean[3 * i + a] * f[i];
    d[N * 3 + a] = d[N * a + 3];
    for (int b = 0; b < 3; b++) d[N * a + b] = own[3 * a + b];
  }
}

// With G = Y V + L, e = before − reference and g = v − Y e: V⁺ = V − P⁺ G, and integrating the state out leaves for b
// VᵀYV + VᵀL + LᵀV + D − GᵀP⁺G and Vᵀg − Lᵀe + w − GᵀP⁺g.
void wf_lean_measure(wf_lean *lean, const wf_tracklet *t, bool vacuum, bool fresh, const double before[6],
                     const double *p_after, int n) {
  double y[36], l[6 * N], d[N * N], w[N], big[6 * N], pg[6 * N], e[6], g[6], pv[6];
  if (fresh) {
    memset(lean, 0, sizeof *lean);
    lean->known = t->leans;
  }
  if (!lean->known) return;
  wf_mat_unpack_upper(6, t->information, y);
  if (t->leans) {
    dependence(t, vacuum, y, l, d, w);
  } else {
    memset(l, 0, sizeof l);
    memset(d, 0, sizeof d);
    memset(w, 0, sizeof w);
  }
  wf_mat_mul(6, 6, N, y, lean->v, big);
  for (int i = 0; i < 6; i++) e[i] = before[i] - t->reference[i];
  for (int i = 0; i < 6; i++) {
    g[i] = t->vector[i];
    for (int j = 0; j < 6; j++) g[i] -= y[6 * i + j] * e[j];
  }
  for (int a = 0; a < N; a++) {
    for (int i = 0; i < 6; i++) lean->vector[a] += lean->v[N * i + a] * g[i] - l[N * i + a] * e[i];
    lean->vector[a] += w[a];
    for (int b = 0; b < N; b++) {
      double sum = d[N * a + b];
      for (int i = 0; i < 6; i++)
        sum += lean->v[N * i + a] * (big[N * i + b] + l[N * i + b]) + l[N * i + a] * lean->v[N * i + b];
      lean->information[N * a + b] += sum;
    }
  }
  for (int i = 0; i < 6 * N; i++) big[i] += l[i];  // G
  for (int i = 0; i < 6; i++) {
    pv[i] = 0.0;
    for (int j = 0; j < 6; j++) pv[i] += p_after[n * i + j] * g[j];
    for (int a = 0; a < N; a++) {
      pg[N * i + a] = 0.0;
      for (int j = 0; j < 6; j++) pg[N * i + a] += p_after[n * i + j] * big[N * j + a];
    }
  }
  for (int a = 0; a < N; a++)
    for (int i = 0; i < 6; i++) {
      lean->vector[a] -= big[N * i + a] * pv[i];
      for (int b = 0; b < N; b++) lean->information[N * a + b] -= big[N * i + a] * pg[N * i + b];
    }
  wf_mat_symmetrise(N, lean->information);
  for (int i = 0; i < 6 * N; i++) lean->v[i] -= pg[i];
}
