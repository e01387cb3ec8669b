// What the formats of `watchfire decode` share.
#ifndef WF_CLI_DECODE_H
#define WF_CLI_DECODE_H

#include "sensor/asterix.h"
#include "sensor/asterix_framing.h"

typedef struct wf_decode {
  const char *format;  // NULL: by the file's beginning
  const char *name;    // of the file being read
  wf_asterix_editions editions;
  wf_asterix_framing framing;
  bool raw;
  unsigned long bad;  // places complained of
} wf_decode;

// "decode: FILE:AT: …" on stderr; at is a byte offset or a line.
__attribute__((format(printf, 3, 4))) void wf_decode_complain(wf_decode *d, size_t at, const char *format, ...);

void wf_decode_asterix(wf_decode *d, wf_bytes data);
void wf_decode_quakeml(wf_decode *d, wf_bytes data);
void wf_decode_oem(wf_decode *d, wf_bytes data);
void wf_decode_tdm(wf_decode *d, wf_bytes data);

#endif
