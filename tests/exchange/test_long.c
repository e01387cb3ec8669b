// Long troubles in virtual time: a partner frozen for an hour, a partner cut off for ten minutes. What it costs the
// others, and how soon all is well again.
#include <stdio.h>
#include <string.h>

#include "net.h"

enum { SIZE = 256, JPN = 0, KOR = 1, USA = 2 };

static wf_frame frame;
static int64_t hello_ns, live_ns;  // from JPN to KOR: the last hello (of two lanes) before the first live record

static bool watch(net *n, uint32_t from, uint32_t to, uint8_t *bytes, size_t *size) {
  char reason[WF_REASON_SIZE];
  if (from != JPN || to != KOR || live_ns) return true;
  if (wf_frame_decode((wf_bytes){bytes, *size}, &frame, reason) != WF_OK) return true;
  const bool live = frame.kind == WF_FRAME_PART || (frame.kind == WF_FRAME_DELIVER && !frame.deliver.backfill);
  if (frame.kind == WF_FRAME_HELLO) hello_ns = n->mono_ns;
  if (live && hello_ns && live_ns == 0) live_ns = n->mono_ns;
  return true;
}

static int failed(const net *n, const char *what) {
  printf("FAILED: %s%s%s\n", what, n->failure[0] ? ": " : "", n->failure);
  return 1;
}

// Says at an even rate; returns the most that `to` was ever behind, in records.
static uint64_t say(net *n, double rate, double seconds, uint32_t to, uint64_t said_before) {
  static const uint8_t payload[SIZE];
  const wf_audience all = net_audience("JPN KOR USA");
  const uint64_t count = (uint64_t)(rate * seconds);
  uint64_t most = 0;
  for (uint64_t i = 0; i < count; i++) {
    net_publish(n, JPN, &all, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, (wf_bytes){payload, SIZE});
    net_run(n, (int64_t)(1e9 / rate));
    if (i % 256 != 255) continue;
    const uint64_t behind = said_before + i + 1 - net_delivered(n, to);
    if (behind > most) most = behind;
  }
  return most;
}

static net *world(void) {
  net_config config;
  net_defaults(&config);
  config.seed = 1;
  net *n = net_new(&config);
  n->tamper = watch;
  for (uint32_t i = 0; i < 3; i++) net_start(n, i);
  net_run(n, 2 * WF_NS_PER_S);
  return n;
}

static uint64_t delivered(net *n, uint32_t node) {
  return net_delivered(n, node);
}

static int frozen_for_an_hour(void) {
  net *n = world();
  const double rate = 4;
  const uint64_t before = say(n, rate, 600, USA, 0), said = 2400;
  const size_t memory = wf_exchange_memory_bytes(n->node[JPN].x);
  n->node[KOR].stalled = true;
  const uint64_t during = say(n, rate, 3600, USA, said);
  n->node[KOR].stalled = false;
  const int64_t thawed_ns = n->mono_ns;
  const uint64_t all = said + 14400;
  while (delivered(n, KOR) < all && n->mono_ns - thawed_ns < 60 * WF_NS_PER_S) net_run(n, 100 * WF_NS_PER_MS);
  const double whole_s = (double)(n->mono_ns - thawed_ns) * 1e-9;
  net_run(n, 2 * WF_NS_PER_S);
  net_check_all(n);
  printf(
      "frozen for an hour: the healthy one was at most %llu records behind (%llu before), the author's memory grew by "
      "%zu "
      "bytes, the frozen one had all %llu after %.1f s\n",
      (unsigned long long)during, (unsigned long long)before, wf_exchange_memory_bytes(n->node[JPN].x) - memory,
      (unsigned long long)all, whole_s);
  const bool good = n->failure[0] == 0 && during <= before + 1 && delivered(n, KOR) == all && whole_s < 20 &&
                    wf_exchange_memory_bytes(n->node[JPN].x) == memory;
  const int code = good ? 0 : failed(n, "frozen for an hour");
  net_free(n);
  return code;
}

static int cut_off_for_ten_minutes(void) {
  net *n = world();
  const double rate = 50;
  net_cut(n, JPN, KOR, true);
  net_cut(n, KOR, USA, true);
  say(n, rate, 600, USA, 0);
  hello_ns = live_ns = 0;
  net_cut(n, JPN, KOR, false);
  net_cut(n, KOR, USA, false);
  const int64_t healed_ns = n->mono_ns;
  const uint64_t backlog = 30000;
  uint64_t said = backlog;
  while (delivered(n, KOR) < said && n->mono_ns - healed_ns < 60 * WF_NS_PER_S) {
    say(n, rate, 0.1, USA, said);
    said += 5;
    net_run(n, 50 * WF_NS_PER_MS);
  }
  const double whole_s = (double)(n->mono_ns - healed_ns) * 1e-9;
  net_run(n, 2 * WF_NS_PER_S);
  net_check_all(n);
  const double trip_ms = 2 * (double)(n->config.link_delay_ns + n->config.link_jitter_ns) * 1e-6;
  const double live_ms = (double)(live_ns - hello_ns) * 1e-6;
  printf(
      "cut off for ten minutes at %.0f/s: live data leave %.1f ms after the hello (a round trip is up to %.0f ms), all "
      "%llu "
      "are there %.1f s after the line is back, nothing lost, nothing twice\n",
      rate, live_ms, trip_ms, (unsigned long long)said, whole_s);
  const bool good =
      n->failure[0] == 0 && delivered(n, KOR) == said && live_ns > 0 && live_ms <= trip_ms && whole_s < 10;
  const int code = good ? 0 : failed(n, "cut off for ten minutes");
  net_free(n);
  return code;
}

int main(void) {
  const int frozen = frozen_for_an_hour(), cut = cut_off_for_ten_minutes();
  return frozen || cut;
}
