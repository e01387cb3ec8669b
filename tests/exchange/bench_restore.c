// What a start costs: a log of many bundles of one record each, given back to a new exchange. Prints bundles per
// second.
//   bench_restore [BUNDLES]
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exchange/exchange.h"
#include "wire/codec.h"

static wf_exchange *x;
static wf_clock now = {{INT64_C(1795447435000000000)}, {1}};
static uint8_t *log_bytes;
static size_t log_used, log_size, *log_at, log_count, delivered;
static wf_exchange_input answers[64];
static size_t answer_count;

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void keep(wf_bytes bytes) {
  if (log_used + bytes.size > log_size) log_bytes = realloc(log_bytes, log_size = 2 * log_size + bytes.size);
  memcpy(log_bytes + log_used, bytes.data, bytes.size);
  log_at[log_count++] = log_used;
  log_used += bytes.size;
}

static void step(wf_exchange_input input) {
  static const uint8_t signature[WF_SIGNATURE_SIZE];
  wf_exchange_effect e;
  wf_exchange_step(x, now, &input);
  while (wf_exchange_effect_next(x, &e)) {
    wf_exchange_input answer = {.token = e.token, .ok = true};
    if (e.kind == WF_XE_DELIVER) delivered++;
    if (e.kind == WF_XE_STORE) keep(e.bytes);
    if (e.kind == WF_XE_SIGN) answer.bytes = (wf_bytes){signature, sizeof signature};
    answer.kind = e.kind == WF_XE_SIGN ? WF_XI_SIGNED : WF_XI_STORED;
    if (e.kind == WF_XE_SIGN || e.kind == WF_XE_STORE || e.kind == WF_XE_EPOCH) answers[answer_count++] = answer;
  }
  while (answer_count > 0) step(answers[--answer_count]);
}

static void open_exchange(uint64_t epoch_stored) {
  wf_exchange_config config = {.mode = WF_MODE_TEST, .partner_count = 1};
  wf_nation_parse("JPN", &config.nation);
  wf_nation_parse("KOR", &config.partner[0].nation);
  x = wf_exchange_new(&config);
  step((wf_exchange_input){.kind = WF_XI_START, .epoch_stored = epoch_stored});
}

static void publish(void) {
  static const uint8_t content[256];
  wf_audience audience = {0};
  uint8_t bytes[512];
  size_t size;
  uint32_t stream;
  const wf_record_body body = {.kind = WF_BODY_OPAQUE, .valid_time = now.wall, .opaque = {content, sizeof content}};
  wf_audience_parse("JPN KOR", &audience);
  wf_exchange_open_stream(x, &audience, WF_STREAM_CONTRIBUTIONS, &stream);
  wf_wire_encode_record(&body, bytes, sizeof bytes, &size);
  step((wf_exchange_input){
      .kind = WF_XI_PUBLISH, .stream = stream, .priority = WF_PRIORITY_CONTRIBUTION, .bytes = {bytes, size}});
}

int main(int count, char **arguments) {
  const size_t bundles = count > 1 ? strtoull(arguments[1], NULL, 10) : 1000000;
  if (sodium_init() < 0) return 1;
  log_at = malloc((bundles + 1) * sizeof *log_at);
  open_exchange(0);
  for (size_t i = 0; i < bundles; i++) publish();
  const uint64_t epoch = wf_exchange_epoch(x);
  wf_exchange_free(x);
  log_at[log_count] = log_used;
  const size_t stored = log_count;
  delivered = 0;
  const double begun = seconds();
  open_exchange(epoch);
  for (size_t i = 0; i < stored; i++)
    step((wf_exchange_input){.kind = WF_XI_RESTORE, .bytes = {log_bytes + log_at[i], log_at[i + 1] - log_at[i]}});
  const double took = seconds() - begun;
  printf("%zu bundles of one 256-byte record restored in %.2f s of CPU time, %.0f bundles/s, %.2f us each\n", stored,
         took, (double)stored / took, took / (double)stored * 1e6);
  wf_exchange_free(x);
  free(log_bytes);
  free(log_at);
  return delivered == stored ? 0 : 1;
}
