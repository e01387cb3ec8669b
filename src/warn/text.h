// What a warning says, in each language. Templates hold {slots}; everything else is for people to read as it stands.
#ifndef WF_WARN_TEXT_H
#define WF_WARN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/product.h"

enum { WARN_EN, WARN_JA, WARN_KO, WARN_LANGUAGE_COUNT };
enum { WARN_STAGES = WF_STAGE_LAST + 1 };

typedef struct warn_stage_text {
  const char *headline;  // {areas} where own areas are named
  const char *says;      // first sentences of the description
  const char *todo;      // the instruction
} warn_stage_text;

typedef struct warn_text {
  const char *tag;                    // RFC 3066, for <language>
  const char *frame[4];               // by wf_mode: comes before everything people read
  const char *note[4];                // by wf_mode: what the frame means
  const char *event, *sender;         // sender: {nation}
  const char *area_name;              // of the impact ellipse
  const char *nowhere;                // in {areas} when none is named
  const char *separator, *more;       // between names; more: {count}
  const char *launch;                 // {time} {place} {size}
  const char *direction;              // {compass} {distance}
  const char *impact;                 // {earliest} {latest} {place} {length} {width}
  const char *threatened, *area;      // {list}; one of it: {name} {time}
  const char *concerned;              // {list} of names, where a time would say nothing
  const char *overhead, *above;       // {list}; one of it: {name} {time} {until} {height}
  const char *sea, *sea_part, *fell;  // {list}: falls into it; a part of the area is sea; fell into it
  const char *coast[3];               // {area} {distance}: within 200 nautical miles, not sure, beyond
  const char *not_warned;             // {area}
  const char *salvo;                  // {count}
  const char *seen_by_word;           // {sources}: who reports it
  const char *seen_by, *alone;        // {sources}; the sentence for a single source
  const char *observed, *timed_out, *orbit, *out_of_reach;  // why the danger is over
  const char *source[6];                                    // by bit of the WF_SOURCE_ mask
  const char *compass[16];
  const char *place[4];  // {lat} {lon} in degrees; by (south ? 2 : 0) + (west ? 1 : 0)
  const char *clock;     // {hour} {minute} {zone}
  const char *bare;      // the same beside another one, without {zone}
  bool hour_plain;       // 7, not 07
  const char *zone_jpn, *zone_kor, *zone_utc;
  warn_stage_text stage[WARN_STAGES];
  // Information only, by wf_bulletin_kind.
  const char *bulletin_event[3];
  const char *bulletin[3];        // {time} {from} {to} {place} {size} {origin}
  const char *magnitude, *depth;  // {magnitude}; {depth}
  const char *dated;              // {year} {month} {day} {hour} {minute} {zone}
  const char *announced_area;
  const char *no_explosion;  // of a seismic event that is corrected
  warn_stage_text bulletin_correction, bulletin_cancel;
} warn_text;

// What a product says: that of its stage, or of what is information only.
const warn_stage_text *warn_words(const warn_text *text, const wf_product *product);

extern const warn_text *const WARN_TEXT[WARN_LANGUAGE_COUNT];

// Text that grows up to its size; `cut` says that something did not fit.
typedef struct warn_line {
  char *text;
  size_t size, length;
  bool cut;
} warn_line;

typedef struct warn_slot {
  const char *name, *value;
} warn_slot;

void warn_put(warn_line *line, const char *text);
// The template with its {slots} filled in; a slot that is not in the list stays as it is (and fails the tests).
void warn_put_filled(warn_line *line, const char *pattern, const warn_slot *slots, size_t slot_count);

#endif
