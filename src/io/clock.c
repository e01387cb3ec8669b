#include "io/clock.h"

#include <math.h>
#include <time.h>

static int64_t read_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * WF_NS_PER_S + t.tv_nsec;
}

wf_time wf_io_clock_utc(void) {
  return (wf_time){read_ns(CLOCK_REALTIME)};
}

wf_clock wf_io_clock_now(const wf_io_clock *clock) {
  const int64_t since_ns = read_ns(CLOCK_REALTIME) - clock->real_epoch.ns;
  // A rate of 1 stays exact: a double holds only 53 bits of nanoseconds.
  const int64_t record_ns = clock->rate == 1.0 ? since_ns : llround((double)since_ns * clock->rate);
  return (wf_clock){{clock->record_epoch.ns + record_ns}, {read_ns(CLOCK_MONOTONIC)}};
}
