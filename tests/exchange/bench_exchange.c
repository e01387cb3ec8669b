// What the exchange itself costs, without sockets and disk: one author, two partners in one thread, real Ed25519 and
// BLAKE2b, 256-byte records. Prints records per second for records published one by one (a bundle each) and in bursts.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exchange/exchange.h"
#include "wire/codec.h"

enum { NODES = 3, WAITING = 65536 };

typedef struct node {
  wf_exchange *x;
  wf_nation nation;
  uint8_t public_key[32], secret_key[64];
  uint64_t delivered;
} node;

typedef struct waiting {
  uint32_t to;
  wf_exchange_input input;
  uint8_t *bytes;
} waiting;

static node nodes[NODES];
static waiting ring[WAITING];
static size_t head, tail;
static uint64_t signs, verifies;

// Of this process, so that other work on the machine does not count.
static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static wf_clock now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  const int64_t ns = t.tv_sec * WF_NS_PER_S + t.tv_nsec;
  return (wf_clock){{INT64_C(1795447435000000000) + ns}, {ns}};
}

static void later(uint32_t to, wf_exchange_input input) {
  waiting *w = &ring[head++ % WAITING];
  *w = (waiting){to, input, NULL};
  if (input.bytes.size) {
    w->bytes = malloc(input.bytes.size);
    memcpy(w->bytes, input.bytes.data, input.bytes.size);
    w->input.bytes.data = w->bytes;
  }
}

static uint32_t index_of(wf_nation nation) {
  for (uint32_t i = 0; i < NODES; i++)
    if (wf_nation_compare(nodes[i].nation, nation) == 0) return i;
  return 0;
}

static void perform(uint32_t i, const wf_exchange_effect *e) {
  uint8_t signature[WF_SIGNATURE_SIZE];
  bool ok;
  switch (e->kind) {
    case WF_XE_SEND:
      later(index_of(e->nation),
            (wf_exchange_input){.kind = WF_XI_FRAME, .nation = nodes[i].nation, .lane = e->lane, .bytes = e->bytes});
      break;
    case WF_XE_SIGN:
      signs++;
      crypto_sign_detached(signature, NULL, e->bytes.data, e->bytes.size, nodes[i].secret_key);
      later(i, (wf_exchange_input){.kind = WF_XI_SIGNED, .token = e->token, .bytes = {signature, sizeof signature}});
      break;
    case WF_XE_VERIFY:
      verifies++;
      ok = crypto_sign_verify_detached(e->signature, e->bytes.data, e->bytes.size,
                                       nodes[index_of(e->nation)].public_key) == 0;
      later(i, (wf_exchange_input){.kind = WF_XI_VERIFIED, .token = e->token, .ok = ok});
      break;
    case WF_XE_STORE:
    case WF_XE_EPOCH:
      later(i, (wf_exchange_input){.kind = WF_XI_STORED, .token = e->token, .ok = true});
      break;
    case WF_XE_DELIVER:
      nodes[i].delivered++;
      break;
    case WF_XE_ALARM:
      printf("alarm: %s\n", e->text);
      break;
    default:
      break;
  }
}

static void step(uint32_t i, wf_exchange_input input) {
  wf_exchange_effect e;
  wf_exchange_step(nodes[i].x, now(), &input);
  while (wf_exchange_effect_next(nodes[i].x, &e)) perform(i, &e);
}

static void settle(void) {
  while (tail != head) {
    waiting w = ring[tail++ % WAITING];
    step(w.to, w.input);
    free(w.bytes);
  }
}

static void open_world(void) {
  static const char *const code[NODES] = {"JPN", "KOR", "USA"};
  for (uint32_t i = 0; i < NODES; i++) {
    wf_exchange_config c = {.mode = WF_MODE_TEST};
    wf_nation_parse(code[i], &c.nation);
    nodes[i].nation = c.nation;
    crypto_sign_keypair(nodes[i].public_key, nodes[i].secret_key);
    for (uint32_t k = 0; k < NODES; k++)
      if (k != i) wf_nation_parse(code[k], &c.partner[c.partner_count++].nation);
    nodes[i].x = wf_exchange_new(&c);
    step(i, (wf_exchange_input){.kind = WF_XI_START});
  }
  for (uint32_t i = 0; i < NODES; i++)
    for (uint32_t k = 0; k < NODES; k++)
      for (int lane = 1; k != i && lane <= 2; lane++)
        step(i, (wf_exchange_input){.kind = WF_XI_LINK_UP, .nation = nodes[k].nation, .lane = (wf_lane)lane});
  settle();
}

static void give_credit(void) {
  for (uint32_t i = 0; i < NODES; i++)
    for (uint32_t k = 0; k < NODES; k++)
      for (int lane = 1; k != i && lane <= 2; lane++)
        step(i, (wf_exchange_input){
                    .kind = WF_XI_WRITABLE, .nation = nodes[k].nation, .lane = (wf_lane)lane, .credit = 1 << 30});
}

static void run(const char *what, uint32_t burst, uint32_t rounds) {
  uint8_t payload[256], bytes[512];
  uint32_t stream;
  size_t length;
  wf_audience audience;
  wf_audience_parse("JPN KOR USA", &audience);
  wf_exchange_open_stream(nodes[0].x, &audience, WF_STREAM_CONTRIBUTIONS, &stream);
  randombytes_buf(payload, sizeof payload);
  const wf_record_body body = {.kind = WF_BODY_OPAQUE, .valid_time = now().wall, .opaque = {payload, sizeof payload}};
  wf_wire_encode_record(&body, bytes, sizeof bytes, &length);
  const uint64_t before = nodes[1].delivered;
  signs = verifies = 0;
  const double start = seconds();
  for (uint32_t r = 0; r < rounds; r++) {
    for (uint32_t b = 0; b < burst; b++)
      step(
          0,
          (wf_exchange_input){
              .kind = WF_XI_PUBLISH, .stream = stream, .priority = WF_PRIORITY_CONTRIBUTION, .bytes = {bytes, length}});
    settle();
    if (r % 16 == 0) give_credit();
    settle();
  }
  const double took = seconds() - start;
  const uint64_t done = nodes[1].delivered - before;
  printf(
      "%-28s %9.0f records/s through all three nodes in one thread, %6.2f us each, %.3f signatures and %.3f checks per "
      "record, %s\n",
      what, (double)done / took, took / (double)done * 1e6, (double)signs / (double)done,
      (double)verifies / (double)done,
      done == (uint64_t)burst * rounds && nodes[2].delivered == nodes[1].delivered ? "nothing lost" : "LOST");
}

int main(void) {
  if (sodium_init() < 0) return 2;
  open_world();
  give_credit();
  settle();
  run("one by one", 1, 5000);
  run("bursts of 16", 16, 1000);
  run("bursts of 256", 256, 400);
  for (uint32_t i = 0; i < NODES; i++) wf_exchange_free(nodes[i].x);
  return 0;
}
