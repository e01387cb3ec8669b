// Announced windows: NAVAREA, HYDROPAC and NOTAM text → when and where. Context for people; nothing is ever suppressed
// or held back by it (2023-11-21: launched 77 minutes before its window), so no rule includes this header.
#ifndef WF_WARN_WINDOWS_H
#define WF_WARN_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "model/product.h"

enum { WF_WINDOW_POINTS_MAX = 32, WF_WINDOWS_MAX = 16, WF_WINDOWS_TEXT_MAX = 64 * 1024 };

typedef struct wf_window {
  char zone[8];  // "A", "1", …; empty when the text names none
  wf_time from, to;
  int daily_from_s, daily_to_s;  // seconds of the UTC day, each day from..to (may pass midnight); −1: the whole time
  size_t point_count;            // 1: a place; 3 and more: a ring, not closed
  double lat_lon_rad[2 * WF_WINDOW_POINTS_MAX];
} wf_window;

// Understood: coordinates 36-45.5N 123-20.0E, 36-45-30N 123-20-00E and 364530N1232000E, zones "A. …"; times 301500Z MAY
// TO 101500Z JUN 23, 0200Z TO 0700Z DAILY 04 TO 08 APR 09 (also THRU), NOTAM B) and C) YYMMDDHHMM, 2023-05-30 15:00 ..
// 2023-06-10 15:00 UTC, 2012-12-10..22 07:00-12:00 KST daily. A year that is not said is the one nearest to `issued`.
// WF_EFORMAT with the reason when there is no time or no place, WF_EFULL, WF_EINVAL for numbers out of range. Bounded.
wf_status wf_windows_parse(const char *text, size_t size, wf_time issued, wf_window out[WF_WINDOWS_MAX], size_t *count,
                           char reason[96]);

typedef enum wf_window_match { WF_WINDOW_NOWHERE, WF_WINDOW_PLACE_ONLY, WF_WINDOW_INSIDE } wf_window_match;
// The best of the windows for a place and a time.
wf_window_match wf_windows_match(const wf_window *windows, size_t count, double lat_rad, double lon_rad, wf_time at);

// All of them in few words: from the first to the last moment, and a circle around every place. WF_EINVAL: none.
wf_status wf_windows_bulletin(const wf_window *windows, size_t count, const char *origin, wf_bulletin *out);

#endif
