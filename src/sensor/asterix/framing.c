// What some recorders and radars wrap around blocks.
#include "sensor/asterix_framing.h"

enum { ORADIS_HEAD = 6, FINAL_HEAD = 2200, FINAL_TAIL = 10, BLOCK_HEAD = 3 };

static size_t u16(const uint8_t *p) {
  return (size_t)p[0] << 8 | p[1];
}

// Whether blocks lie one behind the other, with `tail` bytes after each, up to the very end.
static bool chain_fits(wf_bytes data, size_t at, size_t tail) {
  if (at >= data.size) return false;
  while (at < data.size) {
    if (data.size - at < BLOCK_HEAD) return false;
    const size_t length = u16(data.data + at + 1);
    if (length < BLOCK_HEAD || data.size - at < length) return false;
    at += length;
    if (tail > 0 && data.size - at < tail) return at == data.size;  // the last one may lack it
    at += tail;
  }
  return true;
}

static bool oradis_fits(wf_bytes data) {
  size_t at = 0;
  while (at < data.size) {
    if (data.size - at < ORADIS_HEAD + BLOCK_HEAD) return false;
    const size_t length = u16(data.data + at);
    if (length < ORADIS_HEAD + BLOCK_HEAD || data.size - at < length) return false;
    const wf_bytes inner = {data.data + at + ORADIS_HEAD, length - ORADIS_HEAD};
    if (!chain_fits(inner, 0, 0)) return false;
    at += length;
  }
  return data.size > 0;
}

wf_asterix_framing wf_asterix_framing_of(wf_bytes data, bool file) {
  if (chain_fits(data, 0, 0)) return WF_ASTERIX_PLAIN;
  if (oradis_fits(data)) return WF_ASTERIX_ORADIS;
  if (file && chain_fits(data, FINAL_HEAD, FINAL_TAIL)) return WF_ASTERIX_FINAL;
  return WF_ASTERIX_PLAIN;
}

bool wf_asterix_piece(wf_asterix_framing framing, wf_bytes data, size_t *at, wf_bytes *piece) {
  if (framing == WF_ASTERIX_FINAL && *at == 0) *at = FINAL_HEAD;
  if (*at >= data.size) return false;
  const uint8_t *p = data.data + *at;
  const size_t left = data.size - *at;
  size_t before = 0, take = left, after = 0;
  if (framing == WF_ASTERIX_ORADIS && left >= ORADIS_HEAD && u16(p) >= ORADIS_HEAD && u16(p) <= left) {
    before = ORADIS_HEAD;
    take = u16(p) - ORADIS_HEAD;
  } else if (framing == WF_ASTERIX_FINAL && left >= BLOCK_HEAD && u16(p + 1) >= BLOCK_HEAD && u16(p + 1) <= left) {
    take = u16(p + 1);
    after = left - take < FINAL_TAIL ? left - take : FINAL_TAIL;
  }
  *piece = (wf_bytes){p + before, take};
  *at += before + take + after;
  return true;
}

wf_status wf_asterix_framing_parse(const char *text, wf_asterix_framing *out) {
  static const char *const NAMES[] = {"auto", "plain", "oradis", "final"};
  for (int i = 0; i < 4; i++) {
    const char *a = NAMES[i], *b = text;
    while (*a != '\0' && *a == *b) a++, b++;
    if (*a == '\0' && *b == '\0') {
      *out = (wf_asterix_framing)i;
      return WF_OK;
    }
  }
  return WF_ENOTFOUND;
}
