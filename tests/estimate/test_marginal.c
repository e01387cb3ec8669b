// Marginal association probabilities: exact without loops, close to the full sum with them.
#include <math.h>

#include "../wf_test.h"
#include "base/rng.h"
#include "estimate/marginal.h"

#define N 4

typedef struct problem {
  size_t rows, columns, count;
  wf_arc_pair pair[N * N];
  double free_cost[N];
} problem;

// Sums the weights of all joint assignments, and of those that hold each pair.
static double sum_all(const problem *p, size_t row, unsigned used, double weight, unsigned held, double *of_pair) {
  if (row == p->rows) {
    for (size_t k = 0; k < p->count; k++)
      if ((held >> k) & 1u) of_pair[k] += weight;
    return weight;
  }
  double total = sum_all(p, row + 1, used, weight, held, of_pair);  // not seen: the reference, weight 1
  for (size_t k = 0; k < p->count; k++) {
    if (p->pair[k].row != row || (used >> p->pair[k].column) & 1u) continue;
    total += sum_all(p, row + 1, used | 1u << p->pair[k].column, weight * exp(p->free_cost[row] - p->pair[k].cost),
                     held | 1u << k, of_pair);
  }
  return total;
}

static problem draw(wf_rng *rng, double density, double reach) {
  problem p = {.rows = 1 + wf_rng_below(rng, N), .columns = 1 + wf_rng_below(rng, N)};
  for (uint32_t r = 0; r < p.rows; r++) {
    p.free_cost[r] = 2.3;
    for (uint32_t c = 0; c < p.columns; c++)
      if (wf_rng_uniform(rng) < density) p.pair[p.count++] = (wf_arc_pair){r, c, wf_rng_between(rng, -reach, reach)};
  }
  return p;
}

static double worst(const problem *p, wf_marginal *m) {
  double exact[N * N] = {0}, got[N * N], most = 0.0;
  const double total = sum_all(p, 0, 0, 1.0, 0, exact);
  assert_int_equal(wf_marginal_solve(m, p->pair, p->count, p->free_cost, p->columns, got), WF_OK);
  for (size_t k = 0; k < p->count; k++) {
    assert_true(got[k] >= 0.0 && got[k] <= 1.0 + 1e-9);
    most = fmax(most, fabs(got[k] - exact[k] / total));
  }
  return most;
}

static void exact_on_a_chain(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 2);
  wf_marginal *m = wf_marginal_new(N * N, N);
  for (int n = 0; n < 500; n++) {  // row r may have columns r and r + 1: no loop
    problem p = {.rows = 3, .columns = 4};
    for (uint32_t r = 0; r < 3; r++) {
      p.free_cost[r] = wf_rng_between(&rng, 0.0, 4.0);
      p.pair[p.count++] = (wf_arc_pair){r, r, wf_rng_between(&rng, -4.0, 4.0)};
      p.pair[p.count++] = (wf_arc_pair){r, r + 1, wf_rng_between(&rng, -4.0, 4.0)};
    }
    assert_true(worst(&p, m) < 1e-3);
  }
  wf_marginal_free(m);
}

static void close_with_loops(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 3);
  wf_marginal *m = wf_marginal_new(N * N, N);
  double mean = 0.0;
  for (int n = 0; n < 500; n++) {
    const problem p = draw(&rng, 0.8, 4.0);
    mean += worst(&p, m) / 500.0;
  }
  print_message("loops: greatest error of a probability, mean over problems %.4f\n", mean);
  assert_true(mean < 0.06);
  const wf_arc_pair one[1] = {{0, 0, -1000.0}};  // beyond what exp can hold
  const double free_cost[1] = {2.3};
  double probability;
  assert_int_equal(wf_marginal_solve(m, one, 1, free_cost, 1, &probability), WF_OK);
  assert_float_equal(probability, 1.0, 1e-9);
  assert_int_equal(wf_marginal_solve(m, one, N * N + 1, free_cost, 1, &probability), WF_EFULL);
  wf_marginal_free(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(exact_on_a_chain), cmocka_unit_test(close_with_loops)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
