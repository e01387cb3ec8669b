#include "common.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct said {
  int64_t time_ns;
  const char *name;
  const wf_score_line *line;
} said;

static int by_time(const void *a, const void *b) {
  const said *x = a, *y = b;
  if (x->time_ns != y->time_ns) return x->time_ns < y->time_ns ? -1 : 1;
  const int name = strcmp(x->name, y->name);
  return name != 0 ? name : (x->line > y->line) - (x->line < y->line);
}

// In order of time and name; what was said of a track at a time for the second time replaces the first.
static said *list(const wf_score_tracks *t, size_t *count) {
  said *s = malloc((t->count + 1) * sizeof *s);
  if (s == NULL) return NULL;
  for (size_t i = 0; i < t->count; i++) s[i] = (said){t->line[i].time_ns, t->name[t->line[i].track], &t->line[i]};
  qsort(s, t->count, sizeof *s, by_time);
  size_t kept = 0;
  for (size_t i = 0; i < t->count; i++) {
    const bool again = kept > 0 && s[kept - 1].time_ns == s[i].time_ns && strcmp(s[kept - 1].name, s[i].name) == 0;
    if (again) kept--;
    s[kept++] = s[i];
  }
  *count = kept;
  return s;
}

static size_t end_of_scan(const said *s, size_t from, size_t count) {
  size_t to = from;
  while (to < count && s[to].time_ns == s[from].time_ns) to++;
  return to;
}

static void meet(const wf_score_line *a, const wf_score_line *b, wf_score_common *out) {
  double d2 = 0.0;
  for (int i = 0; i < 3; i++) d2 += (a->state[i] - b->state[i]) * (a->state[i] - b->state[i]);
  out->both++;
  out->identical += memcmp(a->state, b->state, sizeof a->state) == 0;
  out->sum_m += sqrt(d2);
  if (sqrt(d2) > out->most_m) out->most_m = sqrt(d2);
}

static void compare_scan(const said *a, size_t n, const said *b, size_t m, wf_score_common *out) {
  out->scans++;
  out->here += n;
  out->there += m;
  for (size_t i = 0, j = 0; i < n && j < m;) {
    const int order = strcmp(a[i].name, b[j].name);
    if (order == 0) meet(a[i].line, b[j].line, out);
    i += order <= 0;
    j += order >= 0;
  }
}

wf_status wf_score_common_compute(const wf_score_tracks *here, const wf_score_tracks *there, wf_score_common *out) {
  size_t n, m;
  said *a = list(here, &n), *b = list(there, &m);
  memset(out, 0, sizeof *out);
  for (size_t i = 0, j = 0; a != NULL && b != NULL && i < n && j < m;) {
    const size_t i_end = end_of_scan(a, i, n), j_end = end_of_scan(b, j, m);
    const int64_t d = a[i].time_ns - b[j].time_ns;
    if (d == 0) compare_scan(a + i, i_end - i, b + j, j_end - j, out);
    if (d <= 0) i = i_end;
    if (d >= 0) j = j_end;
  }
  const bool whole = a != NULL && b != NULL;
  free(a);
  free(b);
  return whole ? WF_OK : WF_ENOMEM;
}

json_t *wf_score_common_report(const wf_score_common *c) {
  const size_t all = c->here + c->there - c->both;
  return json_pack("{s:I, s:I, s:I, s:f, s:f, s:f, s:f}", "scans", (json_int_t)c->scans, "reports", (json_int_t)all,
                   "common_reports", (json_int_t)c->both, "commonality", all > 0 ? (double)c->both / (double)all : 0.0,
                   "identical", c->both > 0 ? (double)c->identical / (double)c->both : 0.0, "mean_apart_m",
                   c->both > 0 ? c->sum_m / (double)c->both : 0.0, "most_apart_m", c->most_m);
}
