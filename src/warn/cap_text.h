// The words of one product in one language.
#ifndef WF_WARN_CAP_TEXT_H
#define WF_WARN_CAP_TEXT_H

#include <string.h>

#include "text.h"
#include "warn/warn.h"

typedef struct warn_saying {
  const wf_product *product;
  const wf_area *areas;
  size_t area_count;
  const warn_text *text;
  int language;
} warn_saying;

// Seconds east of UTC in which the issuer's people read clocks: 9 h for JPN and KOR; the USA has many zones: UTC.
int warn_zone_s(wf_nation issuer);
// The name in the language, in English when there is none, the code when the area is unknown.
const char *warn_area_name(const wf_area *areas, size_t area_count, const char *code, int language);
void warn_head(const warn_saying *saying, warn_line *out);
void warn_describe(const warn_saying *saying, warn_line *out);

#endif
