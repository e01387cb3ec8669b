// What a driver puts in front of a foreign datagram before it gives it to the core: the format and how to read it. So
// an input of the core, and a recording of it, says all by itself. Watchfire's own report never begins with this octet.
//
//   00, format (1: ASTERIX), framing, number of editions; for each: category, major, minor
#ifndef WF_SENSOR_ENVELOPE_H
#define WF_SENSOR_ENVELOPE_H

#include "sensor/radar.h"

enum { WF_ENVELOPE_ASTERIX = 1, WF_ENVELOPE_EDITIONS_MAX = 16, WF_ENVELOPE_MAX = 4 + 3 * WF_ENVELOPE_EDITIONS_MAX };

typedef struct wf_envelope {
  uint8_t size;
  uint8_t bytes[WF_ENVELOPE_MAX];
} wf_envelope;

void wf_envelope_asterix(wf_envelope *out, wf_asterix_framing framing);
// Adds "48:1.21". WF_EFORMAT, WF_ENOTFOUND (no such edition), WF_EFULL.
wf_status wf_envelope_edition(wf_envelope *envelope, const char *text);

bool wf_envelope_is(wf_bytes datagram);
// How to read it, and what is behind the envelope. WF_EFORMAT, WF_ENOTFOUND.
wf_status wf_envelope_open(wf_bytes datagram, wf_envelope *envelope, wf_bytes *content);
wf_status wf_envelope_input(const wf_envelope *envelope, wf_radar_input *out);

#endif
