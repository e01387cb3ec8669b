// Many numbers, and where their percentiles lie.
#ifndef WF_BENCH_SAMPLES_H
#define WF_BENCH_SAMPLES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct samples {
  float *us;
  size_t count, capacity;
} samples;

static inline void samples_add(samples *s, double us) {
  if (s->count == s->capacity) {
    const size_t capacity = s->capacity == 0 ? 65536 : s->capacity * 2;
    float *grown = realloc(s->us, capacity * sizeof *grown);
    if (grown == NULL) return;
    s->us = grown;
    s->capacity = capacity;
  }
  s->us[s->count++] = (float)us;
}

static inline int samples_compare(const void *a, const void *b) {
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

// "name":{"n":…,"p50_us":…,"p99_us":…,"p999_us":…,"max_us":…}
static inline void samples_print(const char *name, const samples *s) {
  const size_t n = s->count;
  float *sorted = malloc((n + 1) * sizeof *sorted);
  if (sorted == NULL) exit(1);
  if (n > 0) memcpy(sorted, s->us, n * sizeof *sorted);
  qsort(sorted, n, sizeof *sorted, samples_compare);
  printf("\"%s\":{\"n\":%zu", name, n);
  if (n > 0)
    printf(",\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f", (double)sorted[n / 2],
           (double)sorted[n * 99 / 100], (double)sorted[n * 999 / 1000], (double)sorted[n - 1]);
  putchar('}');
  free(sorted);
}

#endif
