// Probabilities of single pairings, by loopy belief propagation (Williams & Lau 2014, "Approximate evaluation of marginal
// association probabilities with belief propagation", eqs. 30–33): always converges, exact where the graph has no loop.
#ifndef WF_ESTIMATE_MARGINAL_H
#define WF_ESTIMATE_MARGINAL_H

#include "estimate/assign.h"

typedef struct wf_marginal wf_marginal;  // working memory

wf_marginal *wf_marginal_new(size_t pairs_max, size_t columns_max);
void wf_marginal_free(wf_marginal *marginal);

// The problem of wf_assign_solve: pairs sorted by row, costs −ln(likelihood ratio against a false plot), free_cost
// −ln(probability of not being seen). probability[pair]; what is missing to 1 in a row is the probability of none.
wf_status wf_marginal_solve(wf_marginal *marginal, const wf_arc_pair *pairs, size_t pair_count, const double *free_cost,
                            size_t columns, double *probability);

#endif
