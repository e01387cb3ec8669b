// Sparse two-dimensional assignment: rows (tracks) to columns (plots) at least total cost, each row may stay free at
// its own cost. Successive shortest augmenting paths with dual prices (Jonker & Volgenant 1987; sparse as in their
// LAPJVsp): a row only ever touches its own cluster, so separate clusters are solved separately by themselves.
#ifndef WF_ESTIMATE_ASSIGN_H
#define WF_ESTIMATE_ASSIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define WF_ASSIGN_FREE UINT32_MAX

typedef struct wf_arc_pair { uint32_t row, column; double cost; } wf_arc_pair;

typedef struct wf_assign wf_assign;  // working memory

wf_assign *wf_assign_new(size_t rows_max, size_t columns_max);  // NULL when out of memory
void wf_assign_free(wf_assign *assign);

// pairs sorted by row (any order of columns within; finite costs); free_cost[row] is what a row costs unassigned.
// column_of[row] receives a column or WF_ASSIGN_FREE; *total (may be NULL) the least total cost. Ties are broken the
// same way for the same input. WF_EFULL when rows or columns exceed the memory, WF_EINVAL when the input is malformed.
wf_status wf_assign_solve(wf_assign *assign, const wf_arc_pair *pairs, size_t pair_count, const double *free_cost,
                          size_t rows, size_t columns, uint32_t *column_of, double *total);

#endif
