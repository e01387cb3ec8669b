#ifndef WF_WARN_SEAS_TABLE_H
#define WF_WARN_SEAS_TABLE_H

#include "warn/seas.h"

typedef struct warn_sea {
  wf_sea sea;
  uint32_t ring_points[1];
  const double *lat_lon_rad;
} warn_sea;

extern const warn_sea WARN_SEAS[];
extern const size_t WARN_SEAS_COUNT;

#endif
