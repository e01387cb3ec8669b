// Global nearest neighbour: the set of pairings with the greatest joint likelihood, ln det S and clutter included.
// Where tracks compete for plots, the probabilities of all pairings are found too: the track takes the plot it is
// given, and its covariance takes the chance that it was another's.
#include "internal.h"

#define SHARE_LEAST 0.01

// Arcs that compete with another, in a track or for a plot. Returns how many; `at` of each in the order of arcs.
static size_t competing(wf_tracker *t, const group *g) {
  for (uint32_t c = 0; c < g->count; c++) t->degree[c] = 0;
  for (size_t k = 0; k < t->arcs; k++) t->degree[t->arc[k].column]++;
  size_t count = 0;
  for (size_t from = 0, to; from < t->arcs; from = to) {
    bool alone = true;
    for (to = from; to < t->arcs && t->arc[to].row == t->arc[from].row; to++)
      if (t->degree[t->arc[to].column] > 1) alone = false;
    if (to - from > 1) alone = false;
    for (size_t k = from; k < to; k++) {
      t->probability[k] = 1.0;
      if (!alone) t->unsure[count++] = t->pair[k];
    }
  }
  return count;
}

// Probability of each arc; 1 where nothing competes.
static void weigh_arcs(wf_tracker *t, const group *g) {
  const size_t count = competing(t, g);
  if (count == 0) return;
  double *found = t->found;
  if (wf_marginal_solve(t->marginal, t->unsure, count, t->free_cost, g->count, found) != WF_OK) return;
  for (size_t k = 0, u = 0; k < t->arcs && u < count; k++)
    if (t->unsure[u].row == t->arc[k].row && t->unsure[u].column == t->arc[k].column) t->probability[k] = found[u++];
}

// What else the row of arc k may have made.
static rivals rivals_of(const wf_tracker *t, const group *g, size_t k) {
  rivals r = {.own = t->probability[k]};
  double sum = 0.0;
  size_t from = k;
  while (from > 0 && t->arc[from - 1].row == t->arc[k].row) from--;
  for (size_t i = from; i < t->arcs && t->arc[i].row == t->arc[k].row; i++) {
    sum += t->probability[i];
    if (i == k || t->probability[i] < SHARE_LEAST || r.count == RIVALS) continue;
    r.plot[r.count] = &g->plot[t->arc[i].column];
    r.share[r.count++] = t->probability[i];
  }
  r.none = sum < 1.0 && (r.count > 0 || r.own < 1.0) ? 1.0 - sum : 0.0;
  return r;
}

void wf_track_associate(wf_tracker *t, const group *g, bool confirmed) {
  wf_track_gate(t, g, confirmed);
  if (t->arcs == 0) return;
  const size_t rows = t->arc[t->arcs - 1].row + 1;
  for (size_t k = 0; k < t->arcs; k++) t->pair[k] = (wf_arc_pair){t->arc[k].row, t->arc[k].column, t->arc[k].cost};
  // The memory is as large as the tables: this cannot fail.
  if (wf_assign_solve(t->assign, t->pair, t->arcs, t->free_cost, rows, g->count, t->column_of, NULL) != WF_OK) return;
  weigh_arcs(t, g);
  if (confirmed) wf_track_crowd_meet(t, g);
  for (size_t k = 0; k < t->arcs; k++) {
    const arc *a = &t->arc[k];
    if (t->column_of[a->row] != a->column) continue;
    object *o = &t->object[t->row_object[a->row]];
    const rivals others = rivals_of(t, g, k);
    t->taken[a->column] = 1;
    o->llr += -a->cost;
    wf_track_update(t, o, &g->plot[a->column], t->plot_id[a->column], a->log_l, &others);
    t->stats.associated++;
  }
}
