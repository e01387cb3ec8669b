// What tools/areas/generate.py writes.
#ifndef WF_WARN_AREAS_TABLE_H
#define WF_WARN_AREAS_TABLE_H

#include "warn/areas.h"

typedef struct warn_nation_areas {
  wf_nation nation;
  const wf_area *areas;
  size_t count;
} warn_nation_areas;

extern const warn_nation_areas WARN_AREAS[];
extern const size_t WARN_AREAS_COUNT;

#endif
