// An exchange that two hostile partners talk to: any frames in any order, signatures right and wrong, links that come
// and go, answers of the store that were never asked for. It must neither crash nor grow nor send outside an audience.
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "exchange/exchange.h"
#include "wire/bundle.h"
#include "wire/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static wf_exchange *x;
static wf_clock now;
static uint64_t tokens[64];
static unsigned token_count;

static void check_send(const wf_exchange_effect *e) {
  static wf_frame frame;
  char reason[WF_REASON_SIZE];
  wf_bundle bundle;
  if (wf_frame_decode(e->bytes, &frame, reason) != WF_OK) abort();
  const wf_status status = wf_frame_bundle(&frame, &bundle, reason);
  if (status == WF_ENOTFOUND) return;
  if (status != WF_OK) abort();
  if (!wf_audience_has(&bundle.stream.audience, e->nation)) abort();
}

static void step(wf_exchange_input input) {
  wf_exchange_effect e;
  if (wf_exchange_step(x, now, &input) == WF_EAGAIN) abort();
  while (wf_exchange_effect_next(x, &e)) {
    if (e.kind == WF_XE_SEND) check_send(&e);
    if (e.token) tokens[token_count++ % 64] = e.token;
  }
}

static void begin(void) {
  wf_exchange_config config = {.mode = WF_MODE_EXERCISE, .boot = 1, .partner_count = 2, .cache_bytes = 2u << 20};
  wf_nation_parse("JPN", &config.nation);
  wf_nation_parse("KOR", &config.partner[0].nation);
  wf_nation_parse("USA", &config.partner[1].nation);
  now = (wf_clock){{INT64_C(1795447435000000000)}, {1}};
  token_count = 0;
  memset(tokens, 0, sizeof tokens);
  x = wf_exchange_new(&config);
  step((wf_exchange_input){.kind = WF_XI_START});
}

// Each command: one byte of kind, one of choice, two of length, bytes.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  wf_reader r = wf_reader_of(data, size);
  begin();
  const size_t memory = wf_exchange_memory_bytes(x);
  for (int i = 0; i < 200 && r.offset < r.size && !r.failed; i++) {
    const uint8_t kind = (uint8_t)wf_read_uint(&r, 1), choice = (uint8_t)wf_read_uint(&r, 1);
    const size_t length = (size_t)wf_read_uint(&r, 2), left = r.size - r.offset;
    wf_exchange_input input = {.kind = (wf_exchange_input_kind)(1 + kind % 11),
                               .lane = choice & 1 ? WF_LANE_ALERT : WF_LANE_BULK,
                               .credit = 65536,
                               .ok = choice & 4,
                               .token = tokens[choice >> 2 & 63]};
    wf_nation_parse(choice & 2 ? "KOR" : "USA", &input.nation);
    if (input.kind == WF_XI_PARTNER) input.token = (uint64_t)(1 + (choice >> 2) % 3);
    input.bytes = wf_read_bytes(&r, length < left ? length : left);
    now.wall.ns += (choice & 0x80) ? 300000000 : 1000000;
    now.mono.ns += (choice & 0x80) ? 300000000 : 1000000;
    step(input);
  }
  // Own streams told of by partners take their memory when they are first heard of: at most sixteen times.
  if (wf_exchange_memory_bytes(x) > memory + 16 * 200 * 1024) abort();
  wf_exchange_free(x);
  return 0;
}
