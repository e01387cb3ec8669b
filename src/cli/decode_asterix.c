#include <stdio.h>

#include "decode.h"
#include "io/pcap.h"

// A record has at most 64 KiB of bytes and 4096 values; a line has room for each with its name.
enum { LINE_SIZE = 1 << 20 };

static wf_asterix_record record;
static char line[LINE_SIZE];

static void write_record(wf_decode *d, size_t offset) {
  size_t length = 0;
  const wf_status status = d->raw ? wf_asterix_json_raw(&record, line, LINE_SIZE - 1, &length)
                                  : wf_asterix_json(&record, line, LINE_SIZE - 1, &length);
  if (status != WF_OK) {
    wf_decode_complain(d, offset + record.at, "a record longer than %d bytes of text", LINE_SIZE);
    return;
  }
  if (record.unknown > 0)
    wf_decode_complain(d, offset + record.at, "category %03u edition %s: %u octets of unknown extensions skipped",
                       wf_asterix_category(record.spec), wf_asterix_edition(record.spec), record.unknown);
  if (record.outside > 0) {
    const wf_asterix_fault note = {.kind = WF_ASTERIX_OUT_OF_RANGE,
                                   .category = (uint8_t)wf_asterix_category(record.spec),
                                   .spec = record.spec,
                                   .field = record.outside_field,
                                   .raw = record.outside_raw};
    char text[WF_ASTERIX_TEXT_SIZE];
    fprintf(stderr, "decode: %s:%zu: note: %s, as its specification has it\n", d->name, offset + record.at,
            wf_asterix_fault_text(&note, text));
  }
  line[length++] = '\n';
  fwrite(line, 1, length, stdout);
}

static void decode_blocks(wf_decode *d, wf_bytes blocks, size_t offset) {
  wf_asterix_cursor cursor = wf_asterix_cursor_of(&d->editions, blocks);
  wf_asterix_fault fault;
  char text[WF_ASTERIX_TEXT_SIZE];
  for (wf_status status; (status = wf_asterix_next(&cursor, &record, &fault)) != WF_EAGAIN;) {
    if (status == WF_OK)
      write_record(d, offset);
    else
      wf_decode_complain(d, offset + fault.at, "%s", wf_asterix_fault_text(&fault, text));
  }
}

static void decode_framed(wf_decode *d, wf_bytes data, size_t offset, bool file) {
  const wf_asterix_framing framing = d->framing != WF_ASTERIX_AUTO ? d->framing : wf_asterix_framing_of(data, file);
  wf_bytes piece;
  for (size_t at = 0; wf_asterix_piece(framing, data, &at, &piece);)
    decode_blocks(d, piece, offset + (size_t)(piece.data - data.data));
}

void wf_decode_asterix(wf_decode *d, wf_bytes data) {
  wf_pcap pcap;
  wf_packet packet;
  char reason[WF_IO_REASON_SIZE];
  if (!wf_pcap_is(data)) {
    decode_framed(d, data, 0, true);
    return;
  }
  wf_status status = wf_pcap_open(&pcap, data, reason);
  while (status == WF_OK && (status = wf_pcap_next(&pcap, &packet, reason)) == WF_OK)
    decode_framed(d, packet.payload, packet.offset, false);
  if (status == WF_EFORMAT) wf_decode_complain(d, data.size, "%s", reason);
  if (pcap.skipped > 0)
    fprintf(stderr, "decode: %s: %llu of %llu packets hold no whole UDP datagram\n", d->name,
            (unsigned long long)pcap.skipped, (unsigned long long)pcap.packets);
}
