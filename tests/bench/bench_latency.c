// From a radar's datagram at one nation to the partner's track: real sockets, mutual TLS 1.3, signatures, durable
// store. In the same run, for scale: one message of the same size over a bare TLS 1.3 connection, one way.
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/driver.h"
#include "io/pki.h"
#include "sim/feeder.h"

enum { SAMPLES_MAX = 4096, MESSAGES = 2000, MESSAGE_SIZE = 400, BASE_PORT = 47300 };
#define RATE 10.0
#define FROM_S 150.0
#define TO_S 390.0

typedef struct sample {
  int64_t record_ns, mono_ns;
} sample;

static char dir[64];

static int64_t mono_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * WF_NS_PER_S + t.tv_nsec;
}

static void must(bool ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "bench_latency: %s\n", what);
  exit(1);
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void report(const char *name, double *us, size_t n) {
  qsort(us, n, sizeof *us, compare);
  printf("{\"metric\":\"%s\",\"samples\":%zu,\"p50_us\":%.0f,\"p90_us\":%.0f,\"p99_us\":%.0f}\n", name, n, us[n / 2],
         us[n * 9 / 10], us[n * 99 / 100]);
}

// ---- Two nodes, a thread each -------------------------------------------------------------------------------------
typedef struct bench_node {
  wf_config config;
  pthread_t thread;
  atomic_bool ready, stop;
  uv_async_t wake;
  sample seen[SAMPLES_MAX];
  size_t seen_count;
  int64_t newest_ns;
  uint64_t records, bytes;
  wf_nation partner;
} bench_node;

// The partner's news is in the national picture when a contribution of it newer than any before shows in a track.
static void watch(void *context, const wf_node *node) {
  bench_node *b = context;
  const wf_common_track *tracks[16];
  const size_t count = wf_node_national(node, tracks, 16);
  for (size_t i = 0; i < count; i++)
    for (int k = 0; k < tracks[i]->contributor_count; k++) {
      const struct wf_contributor *c = &tracks[i]->contributor[k];
      if (wf_nation_compare(c->nation, b->partner) != 0 || c->last_valid.ns <= b->newest_ns) continue;
      b->newest_ns = c->last_valid.ns;
      if (b->seen_count < SAMPLES_MAX) b->seen[b->seen_count++] = (sample){c->last_valid.ns, mono_ns()};
    }
}

static void on_wake(uv_async_t *async) {
  uv_stop(async->loop);
}

static void *run_node(void *argument) {
  bench_node *b = argument;
  uv_loop_t loop;
  wf_driver *driver = NULL;
  char reason[WF_IO_REASON_SIZE] = "";
  const wf_log_sink quiet = {NULL, NULL};
  uv_loop_init(&loop);
  uv_async_init(&loop, &b->wake, on_wake);
  must(wf_driver_new(&b->config, &loop, &quiet, "bench", &driver, reason) == WF_OK, reason);
  wf_driver_watch(driver, watch, b);
  atomic_store(&b->ready, true);
  uv_run(&loop, UV_RUN_DEFAULT);
  wf_driver_free(driver);
  uv_close((uv_handle_t *)&b->wake, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_loop_close(&loop);
  return NULL;
}

static void make_keys(const char *name) {
  char authority[96], bundle[96], reason[WF_IO_REASON_SIZE] = "";
  wf_nation nation;
  const wf_pki_request node = {.role = WF_PKI_NODE, .name = "1", .from_s = -60, .for_s = 86400};
  snprintf(authority, sizeof authority, "%s/%s", dir, name);
  snprintf(bundle, sizeof bundle, "%s/%s.pem", dir, name);
  must(wf_nation_parse(name, &nation) == WF_OK &&
           wf_pki_init(authority, nation, WF_MODE_EXERCISE, 864000, false, reason) == WF_OK &&
           wf_pki_issue(authority, &node, reason) == WF_OK && wf_pki_export(authority, bundle, false, reason) == WF_OK,
       reason);
}

// The text of a node.yaml, read as the daemon reads it; sensors come from the scenario.
static void configure(bench_node *b, const char *name, const char *partner, int port, int partner_port,
                      const wf_scenario *s, const char *real_epoch) {
  char path[96], start[WF_TIME_RFC3339_SIZE];
  snprintf(path, sizeof path, "%s/%s.yaml", dir, name);
  FILE *f = fopen(path, "w");
  must(f != NULL, path);
  fprintf(f,
          "nation: %s\nmode: exercise\nkeys: {certificate: %s/node-1.pem, key: %s/node-1.key, signing_key: "
          "%s/node-1.sign}\n",
          name, name, name, name);
  fprintf(f, "listen: 127.0.0.1:%d\nudp: [{listen: 127.0.0.1:%d}]\nstore: %s.db\nfeed: %s.sock\n", port, port, name,
          name);
  fprintf(f, "partners: [{nation: %s, address: 127.0.0.1:%d, trust: %s.pem}]\n", partner, partner_port, partner);
  fprintf(f, "clock: {record_epoch: %s, real_epoch: %s, rate: %g}\n", wf_time_format(s->start, 9, start), real_epoch,
          RATE);
  fclose(f);
  wf_diag diag = {NULL, NULL, 0};
  wf_config *config = wf_config_load(path, &diag);
  must(config != NULL, "node.yaml");
  config->sensor_count = (uint32_t)wf_scenario_registry(s, config->nation, config->sensors, WF_SENSOR_MAX);
  b->config = *config;  // lives as long as the program
  b->partner = config->partner[0].nation;
}

// ---- Plots in -----------------------------------------------------------------------------------------------------
static size_t send_plots(const wf_scenario *s, const wf_truth *truth, wf_nation nation, int port, wf_time real_epoch,
                         sample *sent) {
  wf_feeder *feeder = wf_feeder_new(s, truth, WF_MODE_EXERCISE);
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  size_t count = 0;
  for (wf_fed fed; wf_feeder_next(feeder, &fed);) {
    const double at_s = wf_time_diff_s(fed.arrival, s->start);
    if (at_s > TO_S) break;
    if (at_s < FROM_S || wf_nation_compare(s->nation[fed.nation], nation) != 0) continue;
    const int64_t due_ns = real_epoch.ns + (int64_t)(at_s / RATE * 1e9);
    const struct timespec due = {due_ns / WF_NS_PER_S, due_ns % WF_NS_PER_S};
    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &due, NULL);
    if (fed.plots > 0 && count < SAMPLES_MAX) sent[count++] = (sample){fed.scan.ns, mono_ns()};
    sendto(fd, fed.datagram.data, fed.datagram.size, 0, (const struct sockaddr *)&to, sizeof to);
  }
  close(fd);
  wf_feeder_free(feeder);
  return count;
}

// A contribution is as new as the newest plot in it: the last datagram whose scan is not later.
static size_t match(const bench_node *b, const sample *sent, size_t sent_count, double *us) {
  size_t n = 0;
  for (size_t i = 0; i < b->seen_count; i++) {
    const sample *from = NULL;
    for (size_t k = 0; k < sent_count; k++)
      if (sent[k].record_ns <= b->seen[i].record_ns && (from == NULL || sent[k].record_ns > from->record_ns))
        from = &sent[k];
    if (from != NULL && b->seen[i].record_ns - from->record_ns < WF_NS_PER_S)
      us[n++] = (double)(b->seen[i].mono_ns - from->mono_ns) / 1000;
  }
  return n;
}

// ---- The bare hop -------------------------------------------------------------------------------------------------
typedef struct hop {
  int fd;
  SSL_CTX *context;
  double us[MESSAGES];
} hop;

static SSL_CTX *hop_context(const SSL_METHOD *method) {
  SSL_CTX *c = SSL_CTX_new(method);
  char certificate[96], key[96];
  snprintf(certificate, sizeof certificate, "%s/JPN/node-1.pem", dir);
  snprintf(key, sizeof key, "%s/JPN/node-1.key", dir);
  SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION);
  SSL_CTX_set_num_tickets(c, 0);
  must(SSL_CTX_use_certificate_file(c, certificate, SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_use_PrivateKey_file(c, key, SSL_FILETYPE_PEM) == 1,
       "keys");
  return c;
}

static void *hop_receive(void *argument) {
  hop *h = argument;
  SSL *ssl = SSL_new(h->context);
  SSL_set_fd(ssl, h->fd);
  must(SSL_accept(ssl) == 1, "accept");
  for (int i = 0; i < MESSAGES; i++) {
    uint8_t message[MESSAGE_SIZE];
    for (int got = 0, n; got < MESSAGE_SIZE; got += n)
      must((n = SSL_read(ssl, message + got, MESSAGE_SIZE - got)) > 0, "read");
    int64_t sent;
    memcpy(&sent, message, sizeof sent);
    h->us[i] = (double)(mono_ns() - sent) / 1000;
  }
  SSL_free(ssl);
  return NULL;
}

static void tcp_pair(int pair[2]) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof a;
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  must(bind(listener, (struct sockaddr *)&a, size) == 0 && listen(listener, 1) == 0 &&
           getsockname(listener, (struct sockaddr *)&a, &size) == 0,
       "bind");
  pair[0] = socket(AF_INET, SOCK_STREAM, 0);
  must(connect(pair[0], (struct sockaddr *)&a, size) == 0, "connect");
  pair[1] = accept(listener, NULL, NULL);
  close(listener);
}

static void bare_hop(void) {
  static hop h;
  int pair[2];
  pthread_t thread;
  tcp_pair(pair);
  SSL_CTX *client = hop_context(TLS_client_method());
  h.fd = pair[1];
  h.context = hop_context(TLS_server_method());
  pthread_create(&thread, NULL, hop_receive, &h);
  SSL *ssl = SSL_new(client);
  SSL_set_fd(ssl, pair[0]);
  must(SSL_connect(ssl) == 1, "handshake");
  uint8_t message[MESSAGE_SIZE] = {0};
  for (int i = 0; i < MESSAGES; i++) {
    const struct timespec pause = {0, 2000000};
    nanosleep(&pause, NULL);
    const int64_t now = mono_ns();
    memcpy(message, &now, sizeof now);
    must(SSL_write(ssl, message, MESSAGE_SIZE) == MESSAGE_SIZE, "write");
  }
  pthread_join(thread, NULL);
  report("bare TLS 1.3 hop, 400 bytes, one way", h.us, MESSAGES);
  SSL_free(ssl);
  SSL_CTX_free(client);
  SSL_CTX_free(h.context);
  close(pair[0]);
  close(pair[1]);
}

int main(void) {
  static bench_node jpn, kor;
  static sample sent[SAMPLES_MAX];
  static double us[SAMPLES_MAX];
  wf_scenario *s = NULL;
  wf_truth *truth = NULL;
  signal(SIGPIPE, SIG_IGN);
  snprintf(dir, sizeof dir, "/tmp/wf_latency_XXXXXX");
  must(mkdtemp(dir) != NULL, dir);
  must(wf_scenario_load_builtin("trilateral", &s, NULL) == WF_OK && wf_truth_create(s, &truth, NULL) == WF_OK,
       "scenario");
  make_keys("JPN");
  make_keys("KOR");
  bare_hop();
  const wf_time real_epoch = wf_time_add_s(wf_io_clock_utc(), 1.0 - FROM_S / RATE);
  char text[WF_TIME_RFC3339_SIZE];
  wf_time_format(real_epoch, 9, text);
  configure(&jpn, "JPN", "KOR", BASE_PORT, BASE_PORT + 1, s, text);
  configure(&kor, "KOR", "JPN", BASE_PORT + 1, BASE_PORT, s, text);
  pthread_create(&kor.thread, NULL, run_node, &kor);
  pthread_create(&jpn.thread, NULL, run_node, &jpn);
  const size_t count = send_plots(s, truth, jpn.config.nation, BASE_PORT, real_epoch, sent);
  usleep(500000);
  must(atomic_load(&jpn.ready) && atomic_load(&kor.ready), "the nodes did not start");
  uv_async_send(&jpn.wake);
  uv_async_send(&kor.wake);
  pthread_join(jpn.thread, NULL);
  pthread_join(kor.thread, NULL);
  const size_t n = match(&kor, sent, count, us);
  must(n > 50, "too few contributions arrived");
  report("plot in at JPN to track at KOR", us, n);
  wf_truth_free(truth);
  wf_scenario_free(s);
  char command[96];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command);
}
