#include "warn/areas.h"

#include "areas_table.h"

const wf_area *wf_areas_of(wf_nation nation, size_t *count) {
  for (size_t i = 0; i < WARN_AREAS_COUNT; i++)
    if (wf_nation_compare(WARN_AREAS[i].nation, nation) == 0) {
      *count = WARN_AREAS[i].count;
      return WARN_AREAS[i].areas;
    }
  *count = 0;
  return NULL;
}
