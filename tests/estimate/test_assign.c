// The assignment solver against brute force, and its refusals.
#include <stdlib.h>

#include "../wf_test.h"
#include "base/rng.h"
#include "estimate/assign.h"

#define ROWS 6
#define COLUMNS 6

typedef struct problem {
  size_t rows, columns, count;
  wf_arc_pair pair[ROWS * COLUMNS];
  double free_cost[ROWS];
} problem;

// Least total over all ways to give each row nothing or one of its columns.
static double brute(const problem *p, size_t row, unsigned used) {
  if (row == p->rows) return 0.0;
  double best = p->free_cost[row] + brute(p, row + 1, used);
  for (size_t k = 0; k < p->count; k++) {
    if (p->pair[k].row != row || (used >> p->pair[k].column) & 1u) continue;
    const double cost = p->pair[k].cost + brute(p, row + 1, used | 1u << p->pair[k].column);
    if (cost < best) best = cost;
  }
  return best;
}

static problem draw(wf_rng *rng) {
  problem p = {.rows = 1 + wf_rng_below(rng, ROWS), .columns = 1 + wf_rng_below(rng, COLUMNS)};
  const double density = wf_rng_between(rng, 0.2, 1.0);
  for (uint32_t r = 0; r < p.rows; r++) {
    p.free_cost[r] = wf_rng_between(rng, -2.0, 10.0);
    for (uint32_t c = 0; c < p.columns; c++)
      if (wf_rng_uniform(rng) < density) p.pair[p.count++] = (wf_arc_pair){r, c, wf_rng_between(rng, -20.0, 20.0)};
  }
  return p;
}

static void least_of_all(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 7);
  wf_assign *assign = wf_assign_new(ROWS, COLUMNS);
  for (int n = 0; n < 3000; n++) {
    const problem p = draw(&rng);
    uint32_t column_of[ROWS];
    double total, again = 0.0;
    assert_int_equal(wf_assign_solve(assign, p.pair, p.count, p.free_cost, p.rows, p.columns, column_of, &total),
                     WF_OK);
    unsigned used = 0;
    for (uint32_t r = 0; r < p.rows; r++) {
      if (column_of[r] == WF_ASSIGN_FREE) {
        again += p.free_cost[r];
        continue;
      }
      assert_false((used >> column_of[r]) & 1u);  // no column twice
      used |= 1u << column_of[r];
      for (size_t k = 0; k < p.count; k++)
        if (p.pair[k].row == r && p.pair[k].column == column_of[r]) again += p.pair[k].cost;
    }
    assert_float_equal(total, again, 1e-9);
    assert_float_equal(total, brute(&p, 0, 0), 1e-9);
  }
  wf_assign_free(assign);
}

static void refuses_malformed_input(void **state) {
  wf_assign *assign = wf_assign_new(2, 2);
  uint32_t column_of[3];
  const double free_cost[3] = {1, 1, 1};
  const wf_arc_pair unsorted[2] = {{1, 0, 0.0}, {0, 0, 0.0}};
  const wf_arc_pair outside[1] = {{0, 5, 0.0}};
  const wf_arc_pair not_a_number[1] = {{0, 0, 0.0 / 0.0}};
  assert_int_equal(wf_assign_solve(assign, unsorted, 2, free_cost, 2, 2, column_of, NULL), WF_EINVAL);
  assert_int_equal(wf_assign_solve(assign, outside, 1, free_cost, 2, 2, column_of, NULL), WF_EINVAL);
  assert_int_equal(wf_assign_solve(assign, not_a_number, 1, free_cost, 2, 2, column_of, NULL), WF_EINVAL);
  assert_int_equal(wf_assign_solve(assign, NULL, 0, free_cost, 3, 2, column_of, NULL), WF_EFULL);
  wf_assign_free(assign);
}

// Many separate pairs, as in a well-spread raid: every row must get its own near column.
static void large_and_sparse(void **state) {
  enum { N = 2000 };
  wf_assign *assign = wf_assign_new(N, N);
  wf_arc_pair *pair = calloc(2 * N, sizeof *pair);
  double *free_cost = calloc(N, sizeof *free_cost);
  uint32_t *column_of = calloc(N, sizeof *column_of);
  for (uint32_t r = 0; r < N; r++) {
    free_cost[r] = 50.0;
    pair[2 * r] = (wf_arc_pair){r, r, 1.0};
    pair[2 * r + 1] = (wf_arc_pair){r, (r + 1) % N, 1.5};
  }
  double total;
  assert_int_equal(wf_assign_solve(assign, pair, 2 * N, free_cost, N, N, column_of, &total), WF_OK);
  assert_float_equal(total, N, 1e-6);
  for (uint32_t r = 0; r < N; r++) assert_int_equal(column_of[r], r);
  free(pair);
  free(free_cost);
  free(column_of);
  wf_assign_free(assign);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(least_of_all),
      cmocka_unit_test(refuses_malformed_input),
      cmocka_unit_test(large_and_sparse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
