#include "estimate/marginal.h"

#include <math.h>
#include <stdlib.h>

#include "base/fmath.h"

#define ITERATIONS_MAX 60
#define SETTLED 1e-4
#define EXPONENT_MAX 300.0

struct wf_marginal {
  size_t pairs_max, columns_max;
  double *weight;   // per pair: likelihood ratio against not being seen
  double *to_plot;  // message of the row to the column
  double *to_row;   // … and back
  double *sum;      // per column, of messages
};

void wf_marginal_free(wf_marginal *m) {
  if (m == NULL) return;
  free(m->weight);
  free(m->to_plot);
  free(m->to_row);
  free(m->sum);
  free(m);
}

wf_marginal *wf_marginal_new(size_t pairs_max, size_t columns_max) {
  wf_marginal *m = calloc(1, sizeof *m);
  if (m == NULL) return NULL;
  m->pairs_max = pairs_max;
  m->columns_max = columns_max;
  m->weight = calloc(pairs_max + 1, sizeof *m->weight);
  m->to_plot = calloc(pairs_max + 1, sizeof *m->to_plot);
  m->to_row = calloc(pairs_max + 1, sizeof *m->to_row);
  m->sum = calloc(columns_max + 1, sizeof *m->sum);
  if (m->weight != NULL && m->to_plot != NULL && m->to_row != NULL && m->sum != NULL) return m;
  wf_marginal_free(m);
  return NULL;
}

// One round of messages; returns the greatest change.
static double exchange(wf_marginal *m, const wf_arc_pair *pairs, size_t count, size_t columns) {
  double change = 0.0;
  for (size_t c = 0; c < columns; c++) m->sum[c] = 0.0;
  for (size_t from = 0, to; from < count; from = to) {
    double total = 1.0;
    for (to = from; to < count && pairs[to].row == pairs[from].row; to++) total += m->weight[to] * m->to_row[to];
    for (size_t k = from; k < to; k++) {
      const double others = total - m->weight[k] * m->to_row[k];
      m->to_plot[k] = m->weight[k] / (others > 1.0 ? others : 1.0);
      m->sum[pairs[k].column] += m->to_plot[k];
    }
  }
  for (size_t k = 0; k < count; k++) {
    const double others = m->sum[pairs[k].column] - m->to_plot[k];
    const double next = 1.0 / (1.0 + (others > 0.0 ? others : 0.0));
    const double moved = fabs(next - m->to_row[k]);
    if (moved > change) change = moved;
    m->to_row[k] = next;
  }
  return change;
}

wf_status wf_marginal_solve(wf_marginal *m, const wf_arc_pair *pairs, size_t pair_count, const double *free_cost,
                            size_t columns, double *probability) {
  if (pair_count > m->pairs_max || columns > m->columns_max) return WF_EFULL;
  for (size_t k = 0; k < pair_count; k++) {
    const double exponent = free_cost[pairs[k].row] - pairs[k].cost;
    m->weight[k] = wf_exp(exponent > EXPONENT_MAX ? EXPONENT_MAX : exponent < -EXPONENT_MAX ? -EXPONENT_MAX : exponent);
    m->to_row[k] = 1.0;
  }
  for (int i = 0; i < ITERATIONS_MAX && exchange(m, pairs, pair_count, columns) > SETTLED; i++) {
  }
  for (size_t from = 0, to; from < pair_count; from = to) {
    double total = 1.0;
    for (to = from; to < pair_count && pairs[to].row == pairs[from].row; to++) total += m->weight[to] * m->to_row[to];
    for (size_t k = from; k < to; k++) probability[k] = m->weight[k] * m->to_row[k] / total;
  }
  return WF_OK;
}
