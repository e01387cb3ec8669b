#include "sensor/envelope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 4, EACH = 3, COUNT_AT = 3 };

void wf_envelope_asterix(wf_envelope *out, wf_asterix_framing framing) {
  *out = (wf_envelope){HEAD, {0, WF_ENVELOPE_ASTERIX, (uint8_t)framing, 0}};
}

static wf_status choose(wf_asterix_editions *editions, const uint8_t edition[EACH]) {
  char text[16];
  snprintf(text, sizeof text, "%u.%u", edition[1], edition[2]);
  return wf_asterix_choose(editions, edition[0], text);
}

wf_status wf_envelope_edition(wf_envelope *e, const char *text) {
  char *end = NULL;
  const unsigned long category = strtoul(text, &end, 10);
  if (end == text || *end != ':' || category > 255) return WF_EFORMAT;
  text = end + 1;
  const unsigned long major = strtoul(text, &end, 10);
  if (end == text || *end != '.' || major > 255) return WF_EFORMAT;
  text = end + 1;
  const unsigned long minor = strtoul(text, &end, 10);
  if (end == text || *end != '\0' || minor > 255) return WF_EFORMAT;
  if (e->bytes[COUNT_AT] == WF_ENVELOPE_EDITIONS_MAX) return WF_EFULL;
  uint8_t *edition = e->bytes + e->size;
  edition[0] = (uint8_t)category;
  edition[1] = (uint8_t)major;
  edition[2] = (uint8_t)minor;
  wf_asterix_editions scratch;
  wf_asterix_editions_newest(&scratch);
  if (choose(&scratch, edition) != WF_OK) return WF_ENOTFOUND;
  e->size = (uint8_t)(e->size + EACH);
  e->bytes[COUNT_AT]++;
  return WF_OK;
}

bool wf_envelope_is(wf_bytes datagram) {
  return datagram.size > 0 && datagram.data[0] == 0;
}

wf_status wf_envelope_open(wf_bytes datagram, wf_envelope *envelope, wf_bytes *content) {
  if (datagram.size < HEAD || !wf_envelope_is(datagram)) return WF_EFORMAT;
  const size_t size = HEAD + EACH * (size_t)datagram.data[COUNT_AT];
  if (datagram.data[1] != WF_ENVELOPE_ASTERIX || datagram.data[2] > WF_ASTERIX_FINAL || size > WF_ENVELOPE_MAX ||
      datagram.size < size)
    return WF_EFORMAT;
  envelope->size = (uint8_t)size;
  memcpy(envelope->bytes, datagram.data, size);
  *content = (wf_bytes){datagram.data + size, datagram.size - size};
  return WF_OK;
}

wf_status wf_envelope_input(const wf_envelope *e, wf_radar_input *out) {
  wf_asterix_editions editions;
  wf_asterix_editions_newest(&editions);
  for (size_t at = HEAD; at + EACH <= e->size; at += EACH)
    if (choose(&editions, e->bytes + at) != WF_OK) return WF_ENOTFOUND;
  wf_radar_input_init(out, &editions, (wf_asterix_framing)e->bytes[2]);
  return WF_OK;
}
