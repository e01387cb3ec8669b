// Any bytes as ASTERIX, in any editions: records or named faults; a record encodes, and what was encoded is the same
// record.
#include <stdlib.h>

#include "sensor/asterix.h"
#include "sensor/asterix_framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static wf_asterix_record record, again;

static void encode_again(const wf_asterix_editions *editions) {
  static uint8_t bytes[1 << 18];
  size_t length;
  wf_asterix_fault fault;
  if (wf_asterix_encode(&record, bytes + 3, sizeof bytes - 3, &length) != WF_OK) return;  // random field sequencing
  const unsigned category = wf_asterix_category(record.spec);
  if (wf_asterix_block(category, bytes, length) != WF_OK) return;  // longer than what it came from, by empty octets
  wf_asterix_cursor cursor = wf_asterix_cursor_of(editions, (wf_bytes){bytes, length + 3});
  if (wf_asterix_next(&cursor, &again, &fault) != WF_OK) abort();
  if (again.value_count != record.value_count || again.item_count != record.item_count) abort();
  for (uint16_t i = 0; i < record.value_count; i++)
    if (again.value[i].field != record.value[i].field || again.value[i].rep != record.value[i].rep) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char text[1 << 20];
  wf_asterix_editions editions;
  wf_asterix_editions_newest(&editions);
  if (size < 1) return 0;
  for (size_t i = data[0] % 40; i > 0; i--) {
    const wf_asterix_spec *spec = wf_asterix_spec_at(i);
    if (spec) wf_asterix_choose(&editions, wf_asterix_category(spec), wf_asterix_edition(spec));
    if (data[0] & 0x80) break;
  }
  const wf_bytes input = {data + 1, size - 1};
  const wf_asterix_framing framing = wf_asterix_framing_of(input, true);
  wf_bytes piece;
  for (size_t at = 0; wf_asterix_piece(framing, input, &at, &piece);) {
    wf_asterix_cursor cursor = wf_asterix_cursor_of(&editions, piece);
    wf_asterix_fault fault;
    for (wf_status status; (status = wf_asterix_next(&cursor, &record, &fault)) != WF_EAGAIN;) {
      char told[WF_ASTERIX_TEXT_SIZE];
      size_t length;
      if (status != WF_OK) {
        if (fault.kind == WF_ASTERIX_FINE || fault.at > piece.size) abort();
        wf_asterix_fault_text(&fault, told);
        continue;
      }
      if (wf_asterix_json(&record, text, sizeof text, &length) != WF_OK) abort();
      wf_asterix_json_raw(&record, text, sizeof text, &length);
      encode_again(&editions);
    }
  }
  return 0;
}
