// Bounded byte reader and writer, big-endian. A reader that runs out sets `failed` and returns zeros from
// then on, so a decoder checks once at the end.
#ifndef WF_BASE_BYTES_H
#define WF_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct wf_bytes {
  const uint8_t *data;
  size_t size;
} wf_bytes;  // borrowed, never owned

typedef struct wf_reader {
  const uint8_t *data;
  size_t size, offset;
  bool failed;
} wf_reader;
typedef struct wf_writer {
  uint8_t *data;
  size_t size, offset;
  bool failed;
} wf_writer;

static inline wf_reader wf_reader_of(const void *data, size_t size) {
  return (wf_reader){data, size, 0, false};
}
static inline wf_writer wf_writer_of(void *data, size_t size) {
  return (wf_writer){data, size, 0, false};
}

uint64_t wf_read_uint(wf_reader *r, unsigned bytes);  // 1..8 bytes
wf_bytes wf_read_bytes(wf_reader *r, size_t size);
void wf_write_uint(wf_writer *w, uint64_t value, unsigned bytes);
void wf_write_bytes(wf_writer *w, const void *data, size_t size);

// Lower-case hexadecimal. out has 2·size + 1 characters.
void wf_hex(const void *data, size_t size, char *out);
// Reads exactly 2·size characters; false on anything else.
bool wf_unhex(const char *text, void *out, size_t size);

#endif
