// What the files of `watchfire report` share: what one replay of a recording has shown, and how it is told.
#ifndef WF_CLI_AFTER_ACTION_H
#define WF_CLI_AFTER_ACTION_H

#include <stdbool.h>
#include <stdio.h>

#include "model/action.h"
#include "node/journal.h"

enum { REPORT_EVENTS_MAX = 32, REPORT_SAMPLES_MAX = 1500, REPORT_LINES_MAX = 600, REPORT_PRODUCTS_MAX = 256 };

typedef struct report_sample {  // of one second
  wf_time at;
  float shared_m, alone_m[WF_NATION_MAX];  // 95 % semi-major axes; 0: no area
  wf_impact_area shared;                   // the area itself, for the map
  float lat_deg, lon_deg, height_m;        // where the object was; height below -1e6: not known
} report_sample;

typedef struct report_event {
  wf_value_event value;  // as it stood last
  size_t sample_count;
  uint32_t every;  // only every so many seconds is kept
  report_sample *sample;
} report_event;

typedef struct report_line {
  wf_time at;
  enum { REPORT_START, REPORT_PRODUCT, REPORT_ACTION, REPORT_ALARM } kind;
  wf_product product;  // as it was then
  wf_action action;
  wf_alarm_kind alarm;
  char text[160];
} report_line;

typedef struct report {
  const char *name, *language;
  wf_nation nation;
  wf_mode mode;
  char version[64];
  wf_time from, until;
  bool identical;
  char difference[WF_JOURNAL_TEXT_SIZE], end[WF_JOURNAL_TEXT_SIZE];
  size_t event_count, line_count, lines_lost, product_count;
  report_event event[REPORT_EVENTS_MAX];
  report_line *line;
  wf_product product[REPORT_PRODUCTS_MAX];  // as they stood last
  const wf_node *node;  // at the end: its areas
} report;

// after_action_write.c: one HTML file that needs nothing else.
void report_write(const report *r, FILE *to);
// after_action_text.c
typedef enum report_word {
  WORD_TITLE, WORD_NOTIONAL, WORD_RECORDING, WORD_NATION, WORD_MODE, WORD_SPAN, WORD_IDENTICAL, WORD_NOT_IDENTICAL,
  WORD_EVENTS, WORD_VALUE, WORD_SHARED, WORD_ALONE, WORD_DETECTED, WORD_TRACKED, WORD_LAUNCH, WORD_AREA20, WORD_SIZE,
  WORD_IMPACT, WORD_NEVER, WORD_MAP, WORD_MAP_SAYS, WORD_CLOSE, WORD_CLOSE_SAYS, WORD_SIZES, WORD_SIZES_SAYS, WORD_PRODUCTS, WORD_PRODUCT, WORD_STATE,
  WORD_PROPOSED, WORD_RELEASED, WORD_FIRST, WORD_SECOND, WORD_AREAS, WORD_NONE, WORD_TIMELINE, WORD_TIME, WORD_WHAT,
  WORD_WHO, WORD_REASON, WORD_ACTION, WORD_ALARM, WORD_START, WORD_NO_RECEIPTS, WORD_EARLIER, WORD_LOST_LINES,
  WORD_SECONDS_AFTER, WORD_OUTCOME, WORD_COUNT
} report_word;
const char *report_text(const report *r, report_word word);
const char *report_stage(const report *r, uint8_t stage);
const char *report_state(const report *r, uint8_t state);
const char *report_mode(const report *r);
bool report_language(const char *name);

#endif
