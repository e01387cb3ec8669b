// Sensor datagrams on real sockets, unicast and multicast.
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/udp.h"
#include "wf_test.h"

typedef struct heard {
  unsigned count;
  size_t size;
  uint8_t first;
} heard;

static uv_loop_t loop;

static void on_heard(void *context, wf_bytes bytes) {
  heard *h = context;
  h->count++;
  h->size = bytes.size;
  h->first = bytes.size > 0 ? bytes.data[0] : 0;
}

static int setup(void **state) {
  return uv_loop_init(&loop);
}
static int teardown(void **state) {
  return uv_loop_close(&loop);
}

static void send_to(const char *host, uint16_t port, const void *bytes, size_t size) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const struct in_addr local = {htonl(INADDR_LOOPBACK)};
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, host, &to.sin_addr);
  setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &local, sizeof local);
  assert_int_equal(sendto(fd, bytes, size, 0, (struct sockaddr *)&to, sizeof to), size);
  close(fd);
}

static void run_until(const heard *h, unsigned count) {
  for (int i = 0; i < 200 && h->count < count; i++) {
    uv_run(&loop, UV_RUN_NOWAIT);
    usleep(2000);
  }
}

static wf_status open_on(wf_udp **udp, heard *h, const char *group, const char *interface,
                         char reason[WF_IO_REASON_SIZE]) {
  const wf_udp_config config = {.loop = &loop,
                                .host = group ? "0.0.0.0" : "127.0.0.1",
                                .group = group,
                                .interface = interface,
                                .context = h,
                                .datagram = on_heard};
  return wf_udp_open(&config, udp, reason);
}

static void datagrams_arrive_whole(void **state) {
  static uint8_t big[60000] = {7};
  heard h = {0};
  wf_udp *udp = NULL;
  char reason[WF_IO_REASON_SIZE] = "";
  assert_int_equal(open_on(&udp, &h, NULL, NULL, reason), WF_OK);
  send_to("127.0.0.1", wf_udp_port(udp), "x", 1);
  run_until(&h, 1);
  assert_int_equal(h.size, 1);
  assert_int_equal(h.first, 'x');
  send_to("127.0.0.1", wf_udp_port(udp), big, sizeof big);
  run_until(&h, 2);
  assert_int_equal(h.size, sizeof big);
  send_to("127.0.0.1", wf_udp_port(udp), "", 0);
  run_until(&h, 3);
  assert_int_equal(h.count, 3);
  wf_udp_stats stats;
  wf_udp_stats_get(udp, &stats);
  assert_int_equal(stats.datagrams, 3);
  assert_int_equal(stats.bytes, 60001);
  wf_udp_close(udp);
  uv_run(&loop, UV_RUN_DEFAULT);
}

static void a_group_is_joined(void **state) {
  heard h = {0};
  wf_udp *udp = NULL;
  char reason[WF_IO_REASON_SIZE] = "";
  if (open_on(&udp, &h, "239.192.7.7", "127.0.0.1", reason) != WF_OK) {
    uv_run(&loop, UV_RUN_DEFAULT);
    print_message("no multicast here: %s\n", reason);
    skip();
  }
  send_to("239.192.7.7", wf_udp_port(udp), "m", 1);
  run_until(&h, 1);
  assert_int_equal(h.first, 'm');
  wf_udp_close(udp);
  uv_run(&loop, UV_RUN_DEFAULT);
}

static void what_cannot_be_opened_is_said(void **state) {
  heard h = {0};
  wf_udp *first = NULL, *second = NULL;
  char reason[WF_IO_REASON_SIZE] = "";
  assert_int_equal(open_on(&first, &h, NULL, NULL, reason), WF_OK);
  wf_udp_config config = {
      .loop = &loop, .host = "127.0.0.1", .port = wf_udp_port(first), .context = &h, .datagram = on_heard};
  assert_int_equal(wf_udp_open(&config, &second, reason), WF_EIO);
  assert_non_null(strstr(reason, "in use"));
  config.host = "nowhere";
  assert_int_equal(wf_udp_open(&config, &second, reason), WF_EIO);
  assert_non_null(strstr(reason, "nowhere"));
  wf_udp_close(first);
  uv_run(&loop, UV_RUN_DEFAULT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(datagrams_arrive_whole, setup, teardown),
      cmocka_unit_test_setup_teardown(a_group_is_joined, setup, teardown),
      cmocka_unit_test_setup_teardown(what_cannot_be_opened_is_said, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
