// Who speaks, to whom, and in which mode.
#ifndef WF_MODEL_NATION_H
#define WF_MODEL_NATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

// ISO 3166-1 alpha-3 in capitals and a NUL: "JPN". All-zero = none.
typedef struct wf_nation { char code[4]; } wf_nation;

#define WF_NATION_MAX 8  // members of one sharing community
#define WF_AUDIENCE_TEXT_SIZE (WF_NATION_MAX * 4)

// The set of nations that may hold a record, the origin included; sorted by code, no duplicates.
typedef struct wf_audience { uint8_t count; wf_nation member[WF_NATION_MAX]; } wf_audience;

// Exercise, test and live never mix: in certificates, stream names, records and on screens. 0 is no mode.
typedef enum wf_mode { WF_MODE_NONE = 0, WF_MODE_LIVE = 1, WF_MODE_TEST = 2, WF_MODE_EXERCISE = 3 } wf_mode;

wf_status wf_nation_parse(const char *text, wf_nation *out);  // exactly three capital letters
static inline uint32_t wf_nation_bits(wf_nation n) {
  return (uint32_t)(uint8_t)n.code[0] << 24 | (uint32_t)(uint8_t)n.code[1] << 16 | (uint32_t)(uint8_t)n.code[2] << 8 |
         (uint32_t)(uint8_t)n.code[3];
}
// By code; below, equal to or above 0. Inline: every record asks several times.
static inline int wf_nation_compare(wf_nation a, wf_nation b) {
  const uint32_t x = wf_nation_bits(a), y = wf_nation_bits(b);
  return (x > y) - (x < y);
}
wf_status wf_audience_add(wf_audience *audience, wf_nation nation);  // WF_EEXIST when there, WF_EFULL
bool wf_audience_has(const wf_audience *audience, wf_nation nation);
bool wf_audience_equal(const wf_audience *a, const wf_audience *b);
// "JPN KOR USA". Returns out.
char *wf_audience_format(const wf_audience *audience, char out[WF_AUDIENCE_TEXT_SIZE]);
wf_status wf_audience_parse(const char *text, wf_audience *out);

const char *wf_mode_name(wf_mode mode);  // "live", "test", "exercise", "none"
wf_status wf_mode_parse(const char *text, wf_mode *out);

#endif
