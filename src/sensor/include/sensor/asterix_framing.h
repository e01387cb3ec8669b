// What some recorders and radars wrap around ASTERIX blocks: found out from the bytes or told.
#ifndef WF_SENSOR_ASTERIX_FRAMING_H
#define WF_SENSOR_ASTERIX_FRAMING_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/status.h"

typedef enum wf_asterix_framing {
  WF_ASTERIX_AUTO = 0,
  WF_ASTERIX_PLAIN,   // blocks one behind the other, as the standard has them
  WF_ASTERIX_ORADIS,  // in front of them a length of two octets that counts itself and four octets of time
  WF_ASTERIX_FINAL,   // recorder file: 2200 octets of head, and ten after each block
} wf_asterix_framing;

wf_status wf_asterix_framing_parse(const char *text, wf_asterix_framing *out);  // "auto", "plain", "oradis", "final"
// The one whose lengths come out even; plain when none does. FINAL only for whole files.
wf_asterix_framing wf_asterix_framing_of(wf_bytes data, bool file);
// The next run of blocks; false at the end. *at begins at 0.
bool wf_asterix_piece(wf_asterix_framing framing, wf_bytes data, size_t *at, wf_bytes *piece);

#endif
