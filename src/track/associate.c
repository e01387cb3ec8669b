// Global nearest neighbour: the set of pairings with the greatest joint likelihood, ln det S and clutter included.
#include "internal.h"

void wf_track_associate(wf_tracker *t, const group *g, bool confirmed) {
  wf_track_gate(t, g, confirmed);
  if (t->arcs == 0) return;
  const size_t rows = t->arc[t->arcs - 1].row + 1;
  for (size_t k = 0; k < t->arcs; k++) t->pair[k] = (wf_arc_pair){t->arc[k].row, t->arc[k].column, t->arc[k].cost};
  // The memory is as large as the tables: this cannot fail.
  if (wf_assign_solve(t->assign, t->pair, t->arcs, t->free_cost, rows, g->count, t->column_of, NULL) != WF_OK) return;
  for (size_t k = 0; k < t->arcs; k++) {
    const arc *a = &t->arc[k];
    if (t->column_of[a->row] != a->column) continue;
    object *o = &t->object[t->row_object[a->row]];
    t->taken[a->column] = 1;
    o->llr += -a->cost;
    wf_track_update(t, o, g, &g->plot[a->column], t->plot_id[a->column], a->log_l);
    t->stats.associated++;
  }
}
