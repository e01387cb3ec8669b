// Normal numbers from a secret and what they are for.
#ifndef WF_RELEASE_GUARD_NOISE_H
#define WF_RELEASE_GUARD_NOISE_H

#include "release/guard.h"

#define GUARD_NORMALS 8

typedef enum guard_purpose {
  GUARD_BEGIN = 1,
  GUARD_FALL,
  GUARD_THRUST,
  GUARD_PLACE,
  GUARD_LAUNCH,
  GUARD_NAME,
  GUARD_OPEN,
  GUARD_CLOSE
} guard_purpose;

void guard_normals(const uint8_t secret[WF_GUARD_SECRET_SIZE], uint64_t object, wf_time time, guard_purpose purpose,
                   double out[GUARD_NORMALS]);

// In [0, 1), of two whole numbers.
double guard_uniform(const uint8_t secret[WF_GUARD_SECRET_SIZE], uint64_t a, uint64_t b, guard_purpose purpose);

#endif
