#include "estimate/assign.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Columns 0..columns−1 are plots; column columns + r is row r's private "stays free".
struct wf_assign {
  size_t rows_max, columns_max;
  uint32_t *first;    // rows + 1: pairs of row r are first[r] .. first[r + 1] − 1
  uint32_t *row_of;   // per column, the row that has it
  uint32_t *taken;    // per row, the column it has
  double *price;      // dual per column
  double *distance;   // per column, of the present search
  uint32_t *via;      // per column: the row the shortest path comes from
  uint8_t *mark;      // per column: 0 untouched, 1 reached, 2 settled
  uint32_t *touched;  // columns reached in the present search
};

void wf_assign_free(wf_assign *a) {
  if (a == NULL) return;
  free(a->first);
  free(a->row_of);
  free(a->taken);
  free(a->price);
  free(a->distance);
  free(a->via);
  free(a->mark);
  free(a->touched);
  free(a);
}

wf_assign *wf_assign_new(size_t rows_max, size_t columns_max) {
  wf_assign *a = calloc(1, sizeof *a);
  if (a == NULL) return NULL;
  const size_t all = rows_max + columns_max + 1;
  a->rows_max = rows_max;
  a->columns_max = columns_max;
  a->first = calloc(rows_max + 1, sizeof *a->first);
  a->taken = calloc(rows_max + 1, sizeof *a->taken);
  a->row_of = calloc(all, sizeof *a->row_of);
  a->price = calloc(all, sizeof *a->price);
  a->distance = calloc(all, sizeof *a->distance);
  a->via = calloc(all, sizeof *a->via);
  a->mark = calloc(all, sizeof *a->mark);
  a->touched = calloc(all, sizeof *a->touched);
  if (a->first != NULL && a->taken != NULL && a->row_of != NULL && a->price != NULL && a->distance != NULL &&
      a->via != NULL && a->mark != NULL && a->touched != NULL)
    return a;
  wf_assign_free(a);
  return NULL;
}

static wf_status index_rows(wf_assign *a, const wf_arc_pair *pairs, size_t count, size_t rows, size_t columns) {
  if (rows > a->rows_max || columns > a->columns_max) return WF_EFULL;
  size_t at = 0;
  for (size_t row = 0; row < rows; row++) {
    a->first[row] = (uint32_t)at;
    for (; at < count && pairs[at].row == row; at++)
      if (pairs[at].column >= columns || !isfinite(pairs[at].cost)) return WF_EINVAL;
  }
  a->first[rows] = (uint32_t)at;
  return at == count ? WF_OK : WF_EINVAL;
}

typedef struct search {
  uint32_t count, end;
  double least;
} search;

static void reach(wf_assign *a, search *s, uint32_t column, uint32_t row, double distance) {
  if (a->mark[column] == 2 || (a->mark[column] == 1 && distance >= a->distance[column])) return;
  if (a->mark[column] == 0) a->touched[s->count++] = column;
  a->mark[column] = 1;
  a->distance[column] = distance;
  a->via[column] = row;
}

// Everything row can go to, when the path to it is `so_far` long. base: the reduced cost of what it holds (its dual).
static void expand(wf_assign *a, search *s, const wf_arc_pair *pairs, const double *free_cost, uint32_t columns,
                   uint32_t row, double so_far, double dual) {
  for (uint32_t p = a->first[row]; p < a->first[row + 1]; p++)
    reach(a, s, pairs[p].column, row, so_far + pairs[p].cost - a->price[pairs[p].column] - dual);
  reach(a, s, columns + row, row, so_far + free_cost[row] - a->price[columns + row] - dual);
}

static uint32_t nearest(const wf_assign *a, const search *s) {
  uint32_t best = WF_ASSIGN_FREE;
  for (uint32_t i = 0; i < s->count; i++) {
    const uint32_t c = a->touched[i];
    if (a->mark[c] == 1 && (best == WF_ASSIGN_FREE || a->distance[c] < a->distance[best])) best = c;
  }
  return best;
}

static double cost_of(const wf_assign *a, const wf_arc_pair *pairs, const double *free_cost, uint32_t columns,
                      uint32_t row, uint32_t column) {
  if (column >= columns) return free_cost[row];
  for (uint32_t p = a->first[row]; p < a->first[row + 1]; p++)
    if (pairs[p].column == column) return pairs[p].cost;
  return INFINITY;
}

// Gives `row` a column by the shortest augmenting path, and keeps the prices dual feasible.
static void augment(wf_assign *a, const wf_arc_pair *pairs, const double *free_cost, uint32_t columns, uint32_t row) {
  search s = {0};
  expand(a, &s, pairs, free_cost, columns, row, 0.0, 0.0);
  uint32_t end = WF_ASSIGN_FREE;
  while (end == WF_ASSIGN_FREE) {
    const uint32_t c = nearest(a, &s);  // there is always one: the row's own free column
    a->mark[c] = 2;
    const uint32_t owner = a->row_of[c];
    if (owner == WF_ASSIGN_FREE) {
      end = c;
    } else {
      const double dual = cost_of(a, pairs, free_cost, columns, owner, c) - a->price[c];
      expand(a, &s, pairs, free_cost, columns, owner, a->distance[c], dual);
    }
  }
  for (uint32_t i = 0; i < s.count; i++) {
    const uint32_t c = a->touched[i];
    if (a->mark[c] == 2) a->price[c] += a->distance[c] - a->distance[end];
    a->mark[c] = 0;
  }
  for (uint32_t c = end;;) {
    const uint32_t owner = a->via[c], before = a->taken[owner];
    a->row_of[c] = owner;
    a->taken[owner] = c;
    if (owner == row) return;
    c = before;
  }
}

wf_status wf_assign_solve(wf_assign *a, const wf_arc_pair *pairs, size_t pair_count, const double *free_cost,
                          size_t rows, size_t columns, uint32_t *column_of, double *total) {
  const wf_status status = index_rows(a, pairs, pair_count, rows, columns);
  if (status != WF_OK) return status;
  for (size_t c = 0; c < rows + columns; c++) {
    a->row_of[c] = WF_ASSIGN_FREE;
    a->price[c] = 0.0;
    a->mark[c] = 0;
  }
  for (size_t row = 0; row < rows; row++) a->taken[row] = WF_ASSIGN_FREE;
  for (size_t row = 0; row < rows; row++) augment(a, pairs, free_cost, (uint32_t)columns, (uint32_t)row);
  double sum = 0.0;
  for (size_t row = 0; row < rows; row++) {
    const uint32_t c = a->taken[row];
    sum += cost_of(a, pairs, free_cost, (uint32_t)columns, (uint32_t)row, c);
    column_of[row] = c >= columns ? WF_ASSIGN_FREE : c;
  }
  if (total != NULL) *total = sum;
  return WF_OK;
}
