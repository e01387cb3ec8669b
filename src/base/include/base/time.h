// Time is a type. wf_time: POSIX UTC in nanoseconds (leap seconds smeared away by the clock source).
// wf_mono: a monotonic clock in nanoseconds; the two never mix.
#ifndef WF_BASE_TIME_H
#define WF_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct wf_time {
  int64_t ns;
} wf_time;
typedef struct wf_mono {
  int64_t ns;
} wf_mono;

#define WF_NS_PER_S INT64_C(1000000000)
#define WF_NS_PER_MS INT64_C(1000000)
#define WF_TIME_RFC3339_SIZE 31  // "2026-11-23T15:43:55.123456789Z" and NUL

static inline wf_time wf_time_add_ns(wf_time t, int64_t ns) {
  return (wf_time){t.ns + ns};
}
static inline int64_t wf_time_diff_ns(wf_time later, wf_time earlier) {
  return later.ns - earlier.ns;
}
static inline double wf_time_diff_s(wf_time later, wf_time earlier) {
  return (double)(later.ns - earlier.ns) * 1e-9;
}
static inline bool wf_time_before(wf_time a, wf_time b) {
  return a.ns < b.ns;
}
static inline int64_t wf_mono_diff_ns(wf_mono later, wf_mono earlier) {
  return later.ns - earlier.ns;
}

// Nearest nanosecond; saturates at the ends of int64 (and NaN gives 0).
int64_t wf_ns_from_s(double seconds);
wf_time wf_time_from_s(double seconds);
wf_time wf_time_add_s(wf_time t, double seconds);
double wf_time_to_s(wf_time t);

// RFC 3339 in UTC with the given number of decimals (0..9), cut, never rounded up. Returns out.
char *wf_time_format(wf_time t, int decimals, char out[WF_TIME_RFC3339_SIZE]);
// Accepts "YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)", digits beyond ns cut; second 60 only at the end of a UTC day.
// WF_EFORMAT otherwise, WF_ETIME outside 1677-09-21 .. 2262-04-11. No locale, no time zone database.
wf_status wf_time_parse(const char *text, wf_time *out);

#endif
