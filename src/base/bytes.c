#include "base/bytes.h"

#include <string.h>

static bool reader_has(wf_reader *r, size_t size) {
  if (r->failed || size > r->size - r->offset) r->failed = true;
  return !r->failed;
}

static bool writer_has(wf_writer *w, size_t size) {
  if (w->failed || size > w->size - w->offset) w->failed = true;
  return !w->failed;
}

uint64_t wf_read_uint(wf_reader *r, unsigned bytes) {
  if (bytes < 1 || bytes > 8) r->failed = true;
  if (!reader_has(r, bytes)) return 0;
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; i++) value = value << 8 | r->data[r->offset + i];
  r->offset += bytes;
  return value;
}

wf_bytes wf_read_bytes(wf_reader *r, size_t size) {
  if (!reader_has(r, size)) return (wf_bytes){NULL, 0};
  const wf_bytes out = {r->data + r->offset, size};
  r->offset += size;
  return out;
}

void wf_write_uint(wf_writer *w, uint64_t value, unsigned bytes) {
  // A value that does not fit its field is the writer's failure, never a silent truncation.
  if (bytes < 1 || bytes > 8 || (bytes < 8 && value >> (8 * bytes) != 0)) w->failed = true;
  if (!writer_has(w, bytes)) return;
  for (unsigned i = 0; i < bytes; i++) w->data[w->offset + i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
  w->offset += bytes;
}

void wf_write_bytes(wf_writer *w, const void *data, size_t size) {
  if (!writer_has(w, size)) return;
  if (size > 0) memcpy(w->data + w->offset, data, size);
  w->offset += size;
}

void wf_hex(const void *data, size_t size, char *out) {
  const uint8_t *bytes = data;
  for (size_t i = 0; i < size; i++) {
    out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
    out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
  }
  out[2 * size] = '\0';
}

static int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool wf_unhex(const char *text, void *out, size_t size) {
  uint8_t *bytes = out;
  for (size_t i = 0; i < size; i++) {
    const int high = nibble(text[2 * i]);
    const int low = high < 0 ? -1 : nibble(text[2 * i + 1]);  // never past a terminating NUL
    if (low < 0) return false;
    bytes[i] = (uint8_t)(high << 4 | low);
  }
  return text[2 * size] == '\0';
}
