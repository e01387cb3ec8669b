// From the second confirmation to each local channel: files, the signed feed, agencies and two receivers on this
// machine, one product after another, with a feed that grows. Prints p50, p99 and the longest in milliseconds.
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../warn/products.h"
#include "io/channels.h"

enum { PRODUCTS = 200, RECEIVERS = 2 };

static char folder[64];

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void must(bool ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "bench_channels: %s\n", what);
  exit(1);
}

static wf_time now(void *context) {
  return test_time(80);
}
static void failed(void *context, const char *text) {
  fprintf(stderr, "%s\n", text);
}

// Takes whole requests and answers 200.
static void *serve(void *context) {
  const int listener = *(int *)context;
  static const char OK[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  char *text = malloc(1 << 20);
  for (;;) {
    const int fd = accept(listener, NULL, NULL);
    if (fd < 0) break;
    size_t size = 0, wanted = SIZE_MAX;
    while (size < wanted) {
      const ssize_t got = read(fd, text + size, (1 << 20) - 1 - size);
      if (got <= 0) break;
      text[size += (size_t)got] = '\0';
      const char *head = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
      if (head == NULL || length == NULL) continue;
      wanted = (size_t)(head + 4 - text) + strtoul(length + 16, NULL, 10);
      if (size < wanted && strstr(text, "Expect: 100-continue") != NULL && size == (size_t)(head + 4 - text))
        must(write(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25) == 25, "write");
    }
    must(write(fd, OK, sizeof OK - 1) > 0, "write");
    close(fd);
  }
  free(text);
  return NULL;
}

static uint16_t receiver(int *listener, pthread_t *thread) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  *listener = socket(AF_INET, SOCK_STREAM, 0);
  must(bind(*listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(*listener, 8) == 0, "listen");
  must(getsockname(*listener, (struct sockaddr *)&at, &size) == 0, "name");
  must(pthread_create(thread, NULL, serve, listener) == 0, "thread");
  return ntohs(at.sin_port);
}

static int delivered(const wf_channels *c, const char *id) {
  json_t *list = wf_channels_json(c), *channel, *receipt;
  size_t i, k;
  int n = 0;
  json_array_foreach(list, i, channel) json_array_foreach(json_object_get(channel, "receipts"), k, receipt) {
    if (strcmp(json_string_value(json_object_get(receipt, "product")), id) != 0) continue;
    n += strcmp(json_string_value(json_object_get(receipt, "state")), "delivered") == 0;
    break;
  }
  json_decref(list);
  return n;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void report(const char *name, double *ms) {
  qsort(ms, PRODUCTS, sizeof *ms, compare);
  printf("{\"metric\":\"%s\",\"samples\":%d,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f}\n", name, PRODUCTS,
         ms[PRODUCTS / 2], ms[PRODUCTS * 99 / 100], ms[PRODUCTS - 1]);
}

static void keys(char key[96], char certificate[96]) {
  char command[512];
  snprintf(key, 96, "%s/k.key", folder);
  snprintf(certificate, 96, "%s/k.pem", folder);
  snprintf(command, sizeof command,
           "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /O=JPN/CN=bench "
           "-keyout %s -out %s >/dev/null 2>&1",
           key, certificate);
  must(system(command) == 0, "openssl");
}

int main(void) {
  static double files_ms[PRODUCTS], all_ms[PRODUCTS];
  char key[96], certificate[96], url[RECEIVERS][64], reason[WF_IO_REASON_SIZE] = "";
  int listener[RECEIVERS];
  pthread_t thread[RECEIVERS];
  uv_loop_t loop;
  strcpy(folder, "/tmp/wf-bench-channels-XXXXXX");
  must(mkdtemp(folder) != NULL, "folder");
  keys(key, certificate);
  for (int i = 0; i < RECEIVERS; i++)
    snprintf(url[i], sizeof url[i], "http://127.0.0.1:%u/", receiver(&listener[i], &thread[i]));
  uv_loop_init(&loop);
  wf_channels_config config = {.loop = &loop,
                               .nation = {"JPN"},
                               .mode = WF_MODE_EXERCISE,
                               .directory = folder,
                               .key = key,
                               .certificate = certificate,
                               .post_count = RECEIVERS,
                               .post = {url[0], url[1]},
                               .areas = TEST_AREAS,
                               .area_count = TEST_AREA_COUNT,
                               .now = now,
                               .failed = failed};
  wf_channels *c = wf_channels_open(&config, reason);
  must(c != NULL, reason);
  for (int i = 0; i < PRODUCTS; i++) {
    wf_product p = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_THREATENED_AREAS);
    char id[20];
    p.id = 0x1000u + (uint64_t)i;
    snprintf(id, sizeof id, "%016llx", (unsigned long long)p.id);
    const double start_ms = now_ms();
    wf_channels_release(c, &p);  // returns when files, feed and agencies have it
    files_ms[i] = now_ms() - start_ms;
    while (delivered(c, id) < 3 + RECEIVERS && now_ms() - start_ms < 5000) uv_run(&loop, UV_RUN_ONCE);
    must(delivered(c, id) == 3 + RECEIVERS, "a receipt is missing");
    all_ms[i] = now_ms() - start_ms;
  }
  report("second confirmation to files, signed feed and agencies", files_ms);
  report("second confirmation to every local channel's receipt", all_ms);
  wf_channels_close(c);
  uv_run(&loop, UV_RUN_DEFAULT);
  for (int i = 0; i < RECEIVERS; i++) {
    shutdown(listener[i], SHUT_RDWR);
    pthread_join(thread[i], NULL);
  }
  char command[96];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command) == 0 ? 0 : 1;
}
