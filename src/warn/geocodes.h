#ifndef WF_WARN_GEOCODES_H
#define WF_WARN_GEOCODES_H

#include <stdbool.h>

enum { WARN_GEOCODE_SIZE = 16 };
// False for an area that has no other code than its own.
bool warn_geocode(const char *iso, const char **scheme, char out[WARN_GEOCODE_SIZE]);

#endif
