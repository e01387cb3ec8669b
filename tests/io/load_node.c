// A whole node in mode test that says and hears records without meaning, for measurements and tests with real
// processes. Everything below it is the daemon's own: TLS, signatures, store. Reads commands from standard input, a
// line each, and answers each with a line of JSON:
//   say PRIORITY SIZE RATE COUNT [WINDOW]   COUNT records of SIZE bytes, RATE a second (0: as fast as WINDOW records
//                                           without a durable acknowledgement allow)
//   status | reset | quit                   reset forgets the measurements, not what was heard
//   freeze SECONDS                          does nothing at all for so long, then answers
// Each record carries the time it was said by the monotonic clock, which all processes of one machine share.
#define _GNU_SOURCE
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/driver.h"
#include "samples.h"

enum { LIVES = 64, SIZE_MAX_ = 60000, TURN_MAX = 128, WAITING = 1 << 20, PACE_NS = 100000 };
static const char MAGIC[8] = "WFLOAD1";

typedef struct payload {
  char magic[8];
  uint64_t life, serial, said_ns;
  uint32_t priority, spare;
} payload;

typedef struct load {  // what is being said at one priority
  uint64_t left, window, said, refused, serial;
  double rate, due_ns;
  uint32_t size;
} load;

typedef struct heard {  // from one life of one node, at one priority
  uint64_t life, unique, twice, backfill, relayed, *seen, seen_words;
  int64_t last_ns, live_first_ns, gap_max_ns;
  uint32_t priority;
  wf_nation origin;
  samples latency;  // live ones
} heard;

typedef struct waiting {
  uint64_t sequence, said_ns;
} waiting;
typedef struct fifo {  // of one stream class: said or heard, not yet acknowledged or verified
  waiting *item;
  uint64_t head, tail, epoch;
} fifo;

static uv_loop_t loop;
static wf_driver *driver;
static wf_nation self;
static uint64_t life;
static int pace_fd;
static bool pacing;
static load loads[WF_PRIORITY_BACKFILL];
static heard lives[LIVES];
static size_t life_count;
static fifo unacknowledged[4], unverified[4];  // by class
static samples acknowledged_us, verified_us;
static uint64_t acknowledged_count;
static uint8_t buffer[SIZE_MAX_];

static uint64_t now_ns(void) {
  return uv_hrtime();
}

static void must(bool good, const char *what) {
  if (good) return;
  fprintf(stderr, "load_node: %s\n", what);
  exit(1);
}

// ---- Hearing --------------------------------------------------------------------------------------------------------
static heard *heard_of(wf_nation origin, uint64_t of_life, uint32_t priority) {
  for (size_t i = 0; i < life_count; i++)
    if (lives[i].life == of_life && lives[i].priority == priority) return &lives[i];
  must(life_count < LIVES, "more lives than are kept");
  lives[life_count] = (heard){.life = of_life, .priority = priority, .origin = origin};
  return &lives[life_count++];
}

static bool first_time(heard *h, uint64_t serial) {
  const uint64_t word = serial / 64, bit = UINT64_C(1) << (serial % 64);
  if (word >= h->seen_words) {
    const uint64_t words = (word + 1) * 2;
    h->seen = realloc(h->seen, words * 8);
    must(h->seen != NULL, "out of memory");
    memset(h->seen + h->seen_words, 0, (words - h->seen_words) * 8);
    h->seen_words = words;
  }
  if (h->seen[word] & bit) return false;
  h->seen[word] |= bit;
  return true;
}

static void wait_for(fifo *f, uint64_t epoch, uint64_t sequence, uint64_t said_ns) {
  if (f->item == NULL) f->item = malloc(WAITING * sizeof *f->item);
  must(f->item != NULL, "out of memory");
  if (f->epoch != epoch) f->head = f->tail = 0;
  f->epoch = epoch;
  if (f->head - f->tail < WAITING) f->item[f->head++ % WAITING] = (waiting){sequence, said_ns};
}

static void settle(fifo *f, uint64_t epoch, uint64_t reached, samples *into, uint64_t now) {
  if (f->epoch != epoch) return;
  for (; f->tail < f->head && f->item[f->tail % WAITING].sequence <= reached; f->tail++)
    samples_add(into, (double)(now - f->item[f->tail % WAITING].said_ns) * 1e-3);
}

static void on_heard(void *context, const wf_exchange_effect *e) {
  const uint64_t now = now_ns();
  payload p;
  const uint8_t *at = memmem(e->bytes.data, e->bytes.size, MAGIC, sizeof MAGIC);
  if (at == NULL || e->kind != WF_XE_DELIVER) return;
  memcpy(&p, at, sizeof p);
  const int class = e->row.stream.stream_class;
  if (e->own) {
    if (p.life == life) wait_for(&unacknowledged[class], e->epoch, e->sequence, p.said_ns);
    return;
  }
  heard *h = heard_of(e->row.stream.origin, p.life, p.priority);
  if (!first_time(h, p.serial)) {
    h->twice++;
    return;
  }
  h->unique++;
  h->relayed += e->relayed;
  if (h->last_ns != 0 && (int64_t)now - h->last_ns > h->gap_max_ns) h->gap_max_ns = (int64_t)now - h->last_ns;
  h->last_ns = (int64_t)now;
  if (e->backfill) {
    h->backfill++;
    return;
  }
  if (h->live_first_ns == 0) h->live_first_ns = (int64_t)now;
  samples_add(&h->latency, (double)(now - p.said_ns) * 1e-3);
  wait_for(&unverified[class], e->epoch, e->sequence, p.said_ns);
}

// ---- Saying ---------------------------------------------------------------------------------------------------------
static bool say_one(uint32_t priority) {
  load *l = &loads[priority];
  payload p = {.life = life, .serial = l->serial, .said_ns = now_ns(), .priority = priority};
  memcpy(p.magic, MAGIC, sizeof MAGIC);
  memcpy(buffer, &p, sizeof p);
  if (wf_driver_say_test_data(driver, (wf_priority)priority, (wf_bytes){buffer, l->size}) != WF_OK) {
    l->refused++;
    return false;
  }
  l->serial++;
  l->said++;
  l->left--;
  return true;
}

static uint64_t open_count(void) {
  uint64_t said = 0;
  for (int i = 0; i < WF_PRIORITY_BACKFILL; i++) said += loads[i].said;
  return said - acknowledged_count;
}

static void say_due(void) {
  const double now = (double)now_ns();
  for (uint32_t i = 0; i < WF_PRIORITY_BACKFILL; i++) {
    load *l = &loads[i];
    if (l->rate <= 0) continue;
    for (int k = 0; k < TURN_MAX && l->left > 0 && l->due_ns <= now; k++, l->due_ns += 1e9 / l->rate)
      if (!say_one(i)) break;
  }
}

static void say_freely(void) {
  for (uint32_t i = 0; i < WF_PRIORITY_BACKFILL; i++)
    for (int k = 0; k < TURN_MAX && loads[i].rate <= 0 && loads[i].left > 0 && open_count() < loads[i].window; k++)
      if (!say_one(i)) break;
}

static void pace(bool on) {
  const struct itimerspec every = {{0, on ? PACE_NS : 0}, {0, on ? PACE_NS : 0}};
  if (on != pacing) must(timerfd_settime(pace_fd, 0, &every, NULL) == 0, "timerfd");
  pacing = on;
}

static bool nothing_left(void) {
  for (int i = 0; i < WF_PRIORITY_BACKFILL; i++)
    if (loads[i].left > 0) return false;
  return true;
}

static void on_due(uv_poll_t *poll, int status, int events) {
  uint64_t times;
  if (read(pace_fd, &times, sizeof times) > 0) say_due();
  if (nothing_left()) pace(false);
}

// Acknowledged by all partners; verified here.
static void on_turn(uv_check_t *check) {
  const uint64_t now = now_ns();
  wf_stream_view view[64];
  const size_t count = wf_node_streams(wf_driver_node(driver), view, 64);
  for (size_t i = 0; i < count; i++) {
    const wf_stream_view *v = &view[i];
    const int class = v->name.stream_class;
    if (wf_nation_compare(v->name.origin, self) != 0) {
      settle(&unverified[class], v->epoch, v->contiguous, &verified_us, now);
      continue;
    }
    uint64_t least = UINT64_MAX;
    for (int p = 0, k = 0; p < v->name.audience.count; p++)
      if (wf_nation_compare(v->name.audience.member[p], self) != 0) {
        if (v->acknowledged[k] < least) least = v->acknowledged[k];
        k++;
      }
    const uint64_t before = unacknowledged[class].tail;
    settle(&unacknowledged[class], v->epoch, least, &acknowledged_us, now);
    acknowledged_count += unacknowledged[class].tail - before;
  }
  say_freely();
}

// ---- Commands -------------------------------------------------------------------------------------------------------
// How many from the first on are all there.
static uint64_t whole(const heard *h) {
  uint64_t word = 0;
  while (word < h->seen_words && h->seen[word] == UINT64_MAX) word++;
  return word == h->seen_words ? word * 64 : word * 64 + (uint64_t)__builtin_ctzll(~h->seen[word]);
}

static void print_heard(const heard *h, bool first) {
  printf(
      "%s{\"origin\":\"%s\",\"life\":%llu,\"priority\":%u,\"unique\":%llu,\"whole\":%llu,\"twice\":%llu,\"backfill\":%"
      "llu,\"relayed\":"
      "%llu,"
      "\"gap_max_ms\":%.1f,\"last_ns\":%lld,\"live_first_ns\":%lld,",
      first ? "" : ",", h->origin.code, (unsigned long long)h->life, h->priority, (unsigned long long)h->unique,
      (unsigned long long)whole(h), (unsigned long long)h->twice, (unsigned long long)h->backfill,
      (unsigned long long)h->relayed, (double)h->gap_max_ns * 1e-6, (long long)h->last_ns, (long long)h->live_first_ns);
  samples_print("latency", &h->latency);
  putchar('}');
}

static void print_links(void) {
  wf_link_view link[WF_NATION_MAX];
  const size_t count = wf_node_links(wf_driver_node(driver), link, WF_NATION_MAX);
  printf("\"links\":[");
  for (size_t i = 0; i < count; i++)
    printf(
        "%s{\"nation\":\"%s\",\"up\":%s,\"missing\":%llu,\"backfill_left\":%llu,\"duplicates\":%llu,\"rtt_ms\":%.2f}",
        i ? "," : "", link[i].nation.code, link[i].up[0] && link[i].up[1] ? "true" : "false",
        (unsigned long long)link[i].missing_records, (unsigned long long)link[i].backfill_left,
        (unsigned long long)link[i].duplicates, link[i].round_trip_ms);
  printf("],");
}

static void print_status(void) {
  uint64_t said = 0, left = 0, refused = 0;
  wf_node_counters c;
  wf_node_counters_get(wf_driver_node(driver), &c);
  for (int i = 0; i < WF_PRIORITY_BACKFILL; i++) {
    said += loads[i].said;
    left += loads[i].left;
    refused += loads[i].refused;
  }
  printf(
      "{\"life\":%llu,\"said\":%llu,\"left\":%llu,\"refused\":%llu,\"acknowledged\":%llu,\"durable\":%s,\"retracted\":%"
      "llu,"
      "\"aside\":%llu,\"now_ns\":%llu,",
      (unsigned long long)life, (unsigned long long)said, (unsigned long long)left, (unsigned long long)refused,
      (unsigned long long)acknowledged_count, wf_node_durable(wf_driver_node(driver)) ? "true" : "false",
      (unsigned long long)c.records_retracted, (unsigned long long)c.records_aside, (unsigned long long)now_ns());
  print_links();
  printf("\"heard\":[");
  for (size_t i = 0; i < life_count; i++) print_heard(&lives[i], i == 0);
  printf("],");
  samples_print("acknowledged_us", &acknowledged_us);
  putchar(',');
  samples_print("verified_us", &verified_us);
  printf("}\n");
}

static void reset(void) {
  acknowledged_us.count = verified_us.count = 0;
  for (size_t i = 0; i < life_count; i++) {
    lives[i].latency.count = 0;
    lives[i].gap_max_ns = lives[i].last_ns = lives[i].live_first_ns = 0;
  }
}

static bool say(const char *line) {
  unsigned priority, size;
  unsigned long long count, window = 8192;
  double rate;
  if (sscanf(line, "say %u %u %lf %llu %llu", &priority, &size, &rate, &count, &window) < 4) return false;
  if (priority >= WF_PRIORITY_BACKFILL || size < sizeof(payload) || size > sizeof buffer || rate < 0) return false;
  load *l = &loads[priority];
  l->size = size;
  l->rate = rate;
  l->left = count;
  l->window = window;
  l->due_ns = (double)now_ns();
  pace(true);
  return true;
}

static void command(const char *line) {
  if (strncmp(line, "quit", 4) == 0) {
    uv_stop(&loop);
  } else if (strncmp(line, "status", 6) == 0) {
    print_status();
  } else if (strncmp(line, "freeze ", 7) == 0) {
    sleep((unsigned)atoi(line + 7));
    printf("{\"ok\":true}\n");
  } else if (strncmp(line, "reset", 5) == 0) {
    reset();
    printf("{\"ok\":true}\n");
  } else {
    printf("{\"ok\":%s}\n", say(line) ? "true" : "false");
  }
  fflush(stdout);
}

static void on_input(uv_poll_t *poll, int status, int events) {
  static char text[4096];
  static size_t used;
  const ssize_t got = read(0, text + used, sizeof text - used - 1);
  if (got <= 0) uv_stop(&loop);
  if (got <= 0) return;
  used += (size_t)got;
  text[used] = '\0';
  for (char *end; (end = strchr(text, '\n')) != NULL;) {
    *end = '\0';
    command(text);
    used -= (size_t)(end + 1 - text);
    memmove(text, end + 1, used + 1);
  }
}

// ---- Life -----------------------------------------------------------------------------------------------------------
static void log_line(void *context, wf_log_level level, const char *line) {
  if (level <= WF_LOG_INFO) fprintf(stderr, "%.6f %s\n", (double)now_ns() * 1e-9, line);
}

static void start(const wf_config *config) {
  char why[WF_IO_REASON_SIZE] = "";
  static const wf_log_sink log = {log_line, NULL};
  static uv_poll_t due, input;
  static uv_check_t turn;
  uv_loop_init(&loop);
  self = config->nation;
  life = now_ns();
  must(wf_driver_new(config, &loop, &log, "load", &driver, why) == WF_OK, why);
  wf_driver_hear_test_data(driver, on_heard, NULL);
  uv_check_init(&loop, &turn);
  uv_check_start(&turn, on_turn);
  pace_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  must(pace_fd >= 0, "timerfd");
  prctl(PR_SET_TIMERSLACK, 1000UL);
  uv_poll_init(&loop, &due, pace_fd);
  uv_poll_start(&due, UV_READABLE, on_due);
  uv_poll_init(&loop, &input, 0);
  uv_poll_start(&input, UV_READABLE, on_input);
  printf("{\"running\":true}\n");
  fflush(stdout);
}

static void tell(void *context, const char *file, unsigned long line, const char *what) {
  fprintf(stderr, "%s:%lu: %s\n", file != NULL ? file : "", line, what);
}

int main(int argc, char **argv) {
  must(argc == 2, "usage: load_node node.yaml");
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  wf_diag diag = {tell, NULL, 0};
  wf_config *config = wf_config_load(argv[1], &diag);
  must(config != NULL && diag.count == 0, "configuration");
  must(config->mode == WF_MODE_TEST, "mode test only");
  start(config);
  uv_run(&loop, UV_RUN_DEFAULT);
  const wf_status status = wf_driver_free(driver);
  wf_config_free(config);
  return status == WF_OK ? 0 : 1;
}
