// The console feed's socket: snapshot first, deltas that follow, a fresh snapshot for who was slow, two commands.
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/feed.h"
#include "wf_test.h"

static uv_loop_t loop;
static wf_node *node;
static wf_feed *feed;
static char path[64];
static int64_t wall_ns;
static unsigned decisions;
static char last_person[64], last_reason[64];

static wf_time on_now(void *context) {
  return (wf_time){wall_ns};
}
static json_t *on_driver(void *context) {
  return json_pack("{s:i}", "x", 1);
}

static wf_status on_decide(void *context, uint64_t product, wf_decision decision, const wf_feed_person *by,
                           const char *reason) {
  decisions++;
  snprintf(last_person, sizeof last_person, "%s", by->name);
  snprintf(last_reason, sizeof last_reason, "%s", reason);
  return product == 0xabc ? WF_OK : WF_ENOTFOUND;
}

static wf_status on_notice(void *context, const char *text, const char *person, char why[96]) {
  if (strcmp(text, "NAVAREA") == 0) return WF_OK;
  snprintf(why, 96, "no time in it");
  return WF_EFORMAT;
}

static void tick_node(void) {
  wf_effect effect;
  const wf_input in = {.kind = WF_IN_EXCHANGE, .exchange = {.kind = WF_XI_TICK}};
  wall_ns += 50 * WF_NS_PER_MS;
  wf_node_step(node, (wf_clock){{wall_ns}, {wall_ns}}, &in);
  while (wf_node_effect_next(node, &effect)) continue;
}

static wf_status open_feed(wf_feed **out, char reason[WF_IO_REASON_SIZE]) {
  const wf_feed_config config = {.loop = &loop,
                                 .path = path,
                                 .clients_max = 3,
                                 .node = node,
                                 .rate = 1,
                                 .version = "test",
                                 .now = on_now,
                                 .driver = on_driver,
                                 .decide = on_decide,
                                 .notice = on_notice};
  return wf_feed_open(&config, out, reason);
}

static int setup(void **state) {
  char reason[WF_IO_REASON_SIZE] = "";
  wf_node_config config = {.medium = WF_MEDIUM_ATMOSPHERE, .sensor_silent_scans = 3};
  wf_node_config_limits(&config);
  config.exchange.mode = WF_MODE_EXERCISE;
  config.exchange.writer = 1;
  wf_nation_parse("JPN", &config.exchange.nation);
  wall_ns = INT64_C(1773180000) * WF_NS_PER_S;
  node = wf_node_new(&config);
  assert_non_null(node);
  uv_loop_init(&loop);
  snprintf(path, sizeof path, "/tmp/wf_feed_%d.sock", (int)getpid());
  decisions = 0;
  if (open_feed(&feed, reason) != WF_OK) fail_msg("%s", reason);
  return 0;
}

static int teardown(void **state) {
  wf_feed_close(feed);
  uv_run(&loop, UV_RUN_DEFAULT);
  wf_node_free(node);
  assert_int_not_equal(access(path, F_OK), 0);
  return uv_loop_close(&loop);
}

static int client(void) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  strcpy(a.sun_path, path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
  return fd;
}

static bool read_exactly(int fd, void *out, size_t size) {
  size_t got = 0;
  for (int i = 0; i < 1500 && got < size; i++) {
    const ssize_t n = recv(fd, (char *)out + got, size - got, MSG_DONTWAIT);
    if (n == 0) return false;
    if (n > 0) {
      got += (size_t)n;
      continue;
    }
    tick_node();
    uv_run(&loop, UV_RUN_NOWAIT);
    usleep(1000);
  }
  return got == size;
}

// The next message of this type; others are passed over.
static json_t *next(int fd, const char *type) {
  for (int i = 0; i < 100; i++) {
    uint8_t head[4];
    if (!read_exactly(fd, head, 4)) return NULL;
    const size_t size = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    char *text = malloc(size);
    assert_true(read_exactly(fd, text, size));
    json_t *message = json_loadb(text, size, 0, NULL);
    free(text);
    assert_non_null(message);
    if (type == NULL || strcmp(json_string_value(json_object_get(message, "type")), type) == 0) return message;
    json_decref(message);
  }
  return NULL;
}

static void send_text(int fd, const char *text) {
  uint8_t message[1024];
  const size_t size = strlen(text);
  message[0] = message[1] = 0;
  message[2] = (uint8_t)(size >> 8);
  message[3] = (uint8_t)size;
  memcpy(message + 4, text, size);
  assert_int_equal(send(fd, message, size + 4, 0), size + 4);
}

static void expect_answer(int fd, const char *command, const char *status) {
  send_text(fd, command);
  json_t *answer = next(fd, "answer");
  assert_non_null(answer);
  assert_string_equal(json_string_value(json_object_get(answer, "status")), status);
  json_decref(answer);
}

static json_int_t seq(const json_t *m, const char *key) {
  return json_integer_value(json_object_get(m, key));
}

static void snapshot_then_deltas_that_follow(void **state) {
  const int fd = client();
  json_t *m = next(fd, NULL);
  assert_string_equal(json_string_value(json_object_get(m, "type")), "snapshot");
  const char *sections[] = {"node",    "tracks", "alone", "products", "links",
                            "sensors", "alarms", "value", "history",  "cues"};
  for (size_t i = 0; i < 9; i++) assert_non_null(json_object_get(json_object_get(m, "state"), sections[i]));
  json_int_t at = seq(m, "seq");
  json_decref(m);
  for (int i = 0; i < 3; i++) {
    m = next(fd, NULL);
    assert_string_equal(json_string_value(json_object_get(m, "type")), "delta");
    assert_int_equal(seq(m, "after"), at);
    assert_null(json_object_get(json_object_get(m, "state"), "sensors"));  // unchanged: not sent again
    at = seq(m, "seq");
    json_decref(m);
  }
  close(fd);
}

static void commands_are_done_once_and_answered(void **state) {
  const int fd = client();
  expect_answer(fd,
                "{\"command\":\"decide\",\"request\":\"a1\",\"product\":\"abc\",\"decision\":\"confirm\",\"person\":"
                "\"Sato\",\"reason\":\"seen\"}",
                "ok");
  assert_string_equal(last_person, "Sato");
  assert_string_equal(last_reason, "seen");
  expect_answer(fd,
                "{\"command\":\"decide\",\"request\":\"a1\",\"product\":\"abc\",\"decision\":\"confirm\",\"person\":"
                "\"Sato\",\"reason\":\"seen\"}",
                "ok");
  assert_int_equal(decisions, 1);
  expect_answer(
      fd,
      "{\"command\":\"decide\",\"request\":\"a2\",\"product\":\"abd\",\"decision\":\"withdraw\",\"person\":\"Sato\"}",
      wf_status_name(WF_ENOTFOUND));
  expect_answer(
      fd, "{\"command\":\"decide\",\"request\":\"a3\",\"product\":\"abc\",\"decision\":\"launch\",\"person\":\"Sato\"}",
      wf_status_name(WF_EINVAL));
  expect_answer(fd, "{\"command\":\"decide\",\"request\":\"a4\",\"product\":\"abc\",\"decision\":\"confirm\"}",
                wf_status_name(WF_EINVAL));
  expect_answer(fd, "{\"command\":\"stop\",\"request\":\"a5\",\"person\":\"Sato\"}", wf_status_name(WF_EINVAL));
  expect_answer(fd, "{\"command\":\"notice\",\"request\":\"n1\",\"text\":\"NAVAREA\",\"person\":\"Sato\"}", "ok");
  expect_answer(fd, "{\"command\":\"notice\",\"request\":\"n2\",\"text\":\"?\",\"person\":\"Sato\"}",
                wf_status_name(WF_EFORMAT));
  expect_answer(fd, "{\"command\":\"notice\",\"request\":\"n3\",\"person\":\"Sato\"}", wf_status_name(WF_EINVAL));
  expect_answer(fd, "nonsense", wf_status_name(WF_EFORMAT));
  assert_int_equal(decisions, 2);
  close(fd);
}

static void alarms_are_told_counted_and_acknowledged(void **state) {
  const wf_nation kor = {"KOR"};
  wf_feed_alarm(feed, WF_ALARM_LINK_LOST, kor, "gone");
  wf_feed_alarm(feed, WF_ALARM_LINK_LOST, kor, "gone again");
  const int fd = client();
  json_t *m = next(fd, "snapshot");
  const json_t *alarm = json_array_get(json_object_get(json_object_get(m, "state"), "alarms"), 0);
  assert_string_equal(json_string_value(json_object_get(alarm, "kind")), "link_lost");
  assert_int_equal(seq(alarm, "count"), 2);
  assert_int_equal(seq(alarm, "id"), 1);
  json_decref(m);
  expect_answer(fd, "{\"command\":\"acknowledge\",\"request\":\"b1\",\"alarm\":1,\"person\":\"Sato\"}", "ok");
  expect_answer(fd, "{\"command\":\"acknowledge\",\"request\":\"b2\",\"alarm\":9,\"person\":\"Sato\"}",
                wf_status_name(WF_ENOTFOUND));
  close(fd);
}

static void who_was_slow_gets_a_fresh_snapshot(void **state) {
  const int fd = client();
  json_t *m = next(fd, "snapshot");
  json_decref(m);
  wf_feed_stats stats;
  do {  // reads nothing until the socket is full and deltas are skipped
    tick_node();
    uv_run(&loop, UV_RUN_NOWAIT);
    char text[300];
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 40; i++)
      wf_feed_alarm(feed, (wf_alarm_kind)(1 + i % 14), (wf_nation){{(char)('A' + i % 26), 'A', 'A', 0}}, text);
    wf_feed_stats_get(feed, &stats);
  } while (stats.skipped < 3);
  const json_int_t newest = (json_int_t)(stats.deltas + stats.skipped);
  m = next(fd, "snapshot");
  assert_non_null(m);
  assert_true(seq(m, "seq") > newest / 2);
  json_decref(m);
  close(fd);
}

static void too_many_and_too_long_are_cut_off(void **state) {
  int fd[4];
  for (int i = 0; i < 4; i++) {
    fd[i] = client();
    uv_run(&loop, UV_RUN_NOWAIT);
  }
  uint8_t byte[4];
  json_t *m = next(fd[0], "snapshot");
  assert_non_null(m);
  json_decref(m);
  assert_false(read_exactly(fd[3], byte, 4));  // the fourth of three
  const uint8_t huge[4] = {0x7f, 0, 0, 0};
  assert_int_equal(send(fd[0], huge, 4, 0), 4);
  while ((m = next(fd[0], NULL)) != NULL) json_decref(m);  // ends
  for (int i = 0; i < 4; i++) close(fd[i]);
}

static void the_socket_is_private_and_one_at_a_time(void **state) {
  struct stat s;
  char reason[WF_IO_REASON_SIZE] = "";
  wf_feed *second = NULL;
  assert_int_equal(stat(path, &s), 0);
  assert_int_equal(s.st_mode & 0777, 0660);
  assert_int_equal(open_feed(&second, reason), WF_EEXIST);
  assert_non_null(strstr(reason, "another process"));
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      T(snapshot_then_deltas_that_follow),         T(commands_are_done_once_and_answered),
      T(alarms_are_told_counted_and_acknowledged), T(who_was_slow_gets_a_fresh_snapshot),
      T(too_many_and_too_long_are_cut_off),        T(the_socket_is_private_and_one_at_a_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
