// "Now" for the core: record time and monotonic time. An exercise may run its record time faster than real time; round
// trips, heartbeats and everything else about the machine stay on the monotonic clock, which is always real.
#ifndef WF_IO_CLOCK_H
#define WF_IO_CLOCK_H

#include "exchange/exchange.h"

// Record time = record_epoch + rate · (UTC − real_epoch). Nodes that share the three numbers agree, whenever they
// start.
typedef struct wf_io_clock {
  wf_time record_epoch, real_epoch;
  double rate;
} wf_io_clock;

static inline wf_io_clock wf_io_clock_real(void) {
  return (wf_io_clock){{0}, {0}, 1.0};
}
wf_clock wf_io_clock_now(const wf_io_clock *clock);
wf_time wf_io_clock_utc(void);

#endif
