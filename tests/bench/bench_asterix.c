// Full decode of category 048: every item of every record to values, and to JSON. Input: a capture given as argument,
// its blocks repeated to 64 MiB; without one, records made by dice, all items of edition 1.32. usage: bench_asterix
// [FILE.pcap]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../sensor/records.h"
#include "io/pcap.h"

enum { BYTES = 64 << 20 };
static wf_asterix_record record;
static char text[1 << 20];

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t from_capture(const char *path, uint8_t *out) {
  static uint8_t file[1 << 20];
  FILE *f = fopen(path, "rb");
  if (f == NULL) return 0;
  const size_t size = fread(file, 1, sizeof file, f);
  fclose(f);
  wf_pcap pcap;
  wf_packet packet;
  char reason[WF_IO_REASON_SIZE];
  size_t used = 0;
  if (wf_pcap_open(&pcap, (wf_bytes){file, size}, reason) != WF_OK) return 0;
  while (wf_pcap_next(&pcap, &packet, reason) == WF_OK) {
    if (packet.payload.size == 0 || packet.payload.data[0] != 48) continue;
    memcpy(out + used, packet.payload.data, packet.payload.size);
    used += packet.payload.size;
  }
  return used;
}

static size_t from_dice(const wf_asterix_editions *editions, uint8_t *out) {
  wf_rng rng;
  size_t used = 0;
  wf_rng_seed(&rng, 48);
  for (int i = 0; i < 100; i++) {
    size_t length = 0;
    if (test_record(&rng, editions->spec[48], editions->expansion[48], 0.7, &record) != WF_OK) abort();
    if (wf_asterix_encode(&record, out + used + 3, 65000, &length) != WF_OK) abort();
    if (wf_asterix_block(48, out + used, length) != WF_OK) abort();
    used += length + 3;
  }
  return used;
}

static void run(const wf_asterix_editions *editions, wf_bytes input, bool json) {
  wf_asterix_cursor cursor = wf_asterix_cursor_of(editions, input);
  wf_asterix_fault fault;
  size_t records = 0, values = 0, bytes = 0, length = 0;
  int64_t sum = 0;
  const double begin = now_s();
  while (wf_asterix_next(&cursor, &record, &fault) == WF_OK) {
    records++;
    values += record.value_count;
    sum += record.value[record.value_count - 1].raw;
    if (!json) continue;
    if (wf_asterix_json(&record, text, sizeof text, &length) != WF_OK) abort();
    bytes += length;
  }
  const double took = now_s() - begin;
  if (cursor.at != input.size) abort();
  printf("%-7s %9zu records, %10zu values, %6.1f MB in %.2f s: %9.0f records/s, %6.0f MB/s (check %lld)\n",
         json ? "JSON" : "decode", records, values, 1e-6 * (double)input.size, took, (double)records / took,
         1e-6 * (double)(json ? bytes : input.size) / took, (long long)sum);
}

int main(int argc, char **argv) {
  wf_asterix_editions editions;
  wf_asterix_editions_newest(&editions);
  uint8_t *data = malloc(BYTES + (1 << 20));
  if (data == NULL) return 2;
  const size_t once = argc > 1 ? from_capture(argv[1], data) : from_dice(&editions, data);
  if (once == 0) {
    fprintf(stderr, "bench_asterix: no category 048 in %s\n", argc > 1 ? argv[1] : "what was made");
    return 2;
  }
  size_t size = once;
  for (; size + once <= BYTES; size += once) memcpy(data + size, data, once);
  for (int i = 0; i < 3; i++) run(&editions, (wf_bytes){data, size}, false);
  run(&editions, (wf_bytes){data, size}, true);
  free(data);
  return 0;
}
