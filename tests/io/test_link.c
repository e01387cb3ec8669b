// Partner links over real sockets: who gets in, who does not and under which name, and what frames survive.
#include "link_world.h"

static uv_loop_t loop;

static int setup(void **state) {
  snprintf(pki_dir, sizeof pki_dir, "/tmp/wf_link_XXXXXX");
  assert_non_null(mkdtemp(pki_dir));
  make_authority("jpn", "JPN", WF_MODE_EXERCISE);
  make_authority("usa", "USA", WF_MODE_EXERCISE);
  make_certificate("jpn", WF_PKI_NODE, "1", -60, DAY);
  make_certificate("usa", WF_PKI_NODE, "1", -60, DAY);
  ok(wf_pki_export(at("jpn"), at("jpn.pem"), false, reason));
  ok(wf_pki_export(at("usa"), at("usa.pem"), false, reason));
  return uv_loop_init(&loop);
}

static int teardown(void **state) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", pki_dir);
  uv_run(&loop, UV_RUN_DEFAULT);
  return system(command) + uv_loop_close(&loop);
}

static void pair_open(side *jpn, side *usa) {
  side_open(usa, &loop, "usa", "USA", "node-1", "jpn.pem", "JPN", 0, true);
  side_open(jpn, &loop, "jpn", "JPN", "node-1", "usa.pem", "USA", wf_links_port(usa->links), false);
}

#define BOTH_UP(a, b) ((a).up[0] && (a).up[1] && (b).up[0] && (b).up[1])

static void both_lanes_come_up_and_carry_frames(void **state) {
  side jpn, usa;
  pair_open(&jpn, &usa);
  RUN_UNTIL(&loop, 3000, &jpn, &usa, BOTH_UP(jpn, usa));
  assert_true(BOTH_UP(jpn, usa));
  static uint8_t big[WF_FRAME_MAX];
  uint64_t sent = 0;
  const size_t sizes[] = {8, 9, 255, 4096, 70000, WF_FRAME_MAX, 100};
  for (size_t i = 0; i < 7; i++, sent++) {
    memcpy(big, &sent, 8);
    ok(wf_links_send(jpn.links, nation("USA"), WF_LANE_BULK, (wf_bytes){big, sizes[i]}));
  }
  const uint8_t one = 'x';
  ok(wf_links_send(usa.links, nation("JPN"), WF_LANE_ALERT, (wf_bytes){&one, 1}));
  RUN_UNTIL(&loop, 3000, &jpn, &usa, usa.frames == 7 && jpn.frames == 1);
  assert_int_equal(usa.in_order, 7);
  assert_int_equal(usa.bytes, 8 + 9 + 255 + 4096 + 70000 + WF_FRAME_MAX + 100);
  assert_int_equal(jpn.last[0], 'x');
  assert_int_equal(wf_links_send(jpn.links, nation("USA"), WF_LANE_BULK, (wf_bytes){big, 0}), WF_EINVAL);
  assert_int_equal(wf_links_send(jpn.links, nation("KOR"), WF_LANE_BULK, (wf_bytes){big, 9}), WF_ENOTFOUND);
  side_close(&jpn);
  RUN_UNTIL(&loop, 1000, (side *)NULL, &usa, usa.down[0] && usa.down[1]);
  assert_int_equal(usa.down[0] + usa.down[1], 2);
  side_close(&usa);
}

static void a_restarted_acceptor_is_dialled_again(void **state) {
  side jpn, usa;
  pair_open(&jpn, &usa);
  const uint16_t port = wf_links_port(usa.links);
  RUN_UNTIL(&loop, 3000, &jpn, &usa, BOTH_UP(jpn, usa));
  side_close(&usa);
  RUN_UNTIL(&loop, 1000, &jpn, (side *)NULL, jpn.down[0] && jpn.down[1]);
  RUN_UNTIL(&loop, 300, &jpn, (side *)NULL, false);  // attempts fail meanwhile
  memset(&usa, 0, sizeof usa);
  ok(wf_pki_trust_load(at("jpn.pem"), &usa.trust, reason));
  wf_links_config c = {.loop = &loop,
                       .nation = nation("USA"),
                       .mode = WF_MODE_EXERCISE,
                       .certificate_path = at("usa/node-1.pem"),
                       .key_path = at("usa/node-1.key"),
                       .listen_host = "127.0.0.1",
                       .listen_port = port,
                       .partner_count = 1,
                       .context = &usa,
                       .up = on_up,
                       .down = on_down,
                       .frame = on_frame,
                       .writable = on_writable,
                       .refused = on_refused};
  c.partner[0] = (wf_link_partner){.nation = nation("JPN"), .trust = &usa.trust};
  ok(wf_links_new(&c, &usa.links, reason));
  RUN_UNTIL(&loop, 1500, &jpn, &usa, jpn.up[0] == 2 && jpn.up[1] == 2);
  assert_true(jpn.up[0] == 2 && jpn.up[1] == 2);
  side_close(&jpn);
  side_close(&usa);
}

// The dialler shows a certificate that the acceptor must refuse under a name; the dialler's link never looks up.
static void expect_refused(const char *dir, const char *certificate, wf_link_refusal expected) {
  side jpn, usa;
  side_open(&usa, &loop, "usa", "USA", "node-1", "jpn.pem", "JPN", 0, true);
  side_open(&jpn, &loop, dir, "JPN", certificate, "usa.pem", "USA", wf_links_port(usa.links), false);
  RUN_UNTIL(&loop, 3000, &jpn, &usa, usa.refused[expected] >= 2 && jpn.refused[WF_REFUSED_BY_PEER] >= 2);
  if (usa.refused[expected] < 2 || jpn.refused[WF_REFUSED_BY_PEER] < 2) {
    for (int i = 0; i < WF_REFUSED_COUNT; i++)
      if (usa.refused[i] + jpn.refused[i])
        print_message("%s: %u, at the dialler %u\n", wf_link_refusal_name(i), usa.refused[i], jpn.refused[i]);
    fail_msg("%s/%s was not refused as %s", dir, certificate, wf_link_refusal_name(expected));
  }
  assert_int_equal(jpn.up[0] + jpn.up[1] + usa.up[0] + usa.up[1], 0);
  side_close(&jpn);
  side_close(&usa);
}

static void every_wrong_certificate_is_refused_by_name(void **state) {
  make_authority("fake", "JPN", WF_MODE_EXERCISE);
  make_certificate("fake", WF_PKI_NODE, "1", -60, DAY);
  expect_refused("fake", "node-1", WF_REFUSED_UNKNOWN_AUTHORITY);
  make_certificate("jpn", WF_PKI_NODE, "2", -2 * DAY, DAY);
  expect_refused("jpn", "node-2", WF_REFUSED_EXPIRED);
  make_certificate("jpn", WF_PKI_NODE, "3", DAY, DAY);
  expect_refused("jpn", "node-3", WF_REFUSED_NOT_YET_VALID);
  make_certificate("jpn", WF_PKI_OPERATOR, "alice", -60, DAY);
  expect_refused("jpn", "operator-alice", WF_REFUSED_WRONG_ROLE);
  make_authority("live", "JPN", WF_MODE_LIVE);
  make_certificate("live", WF_PKI_NODE, "1", -60, DAY);
  expect_refused("live", "node-1", WF_REFUSED_WRONG_MODE);
  make_authority("kor", "KOR", WF_MODE_EXERCISE);
  make_certificate("kor", WF_PKI_NODE, "1", -60, DAY);
  expect_refused("kor", "node-1", WF_REFUSED_UNKNOWN_NATION);
  make_certificate("usa", WF_PKI_NODE, "2", -60, DAY);
  expect_refused("jpn", "node-3", WF_REFUSED_NOT_YET_VALID);
  ok(wf_pki_revoke(at("jpn"), at("jpn/node-1.pem"), reason));
  ok(wf_pki_export(at("jpn"), at("jpn.pem"), true, reason));
  expect_refused("jpn", "node-1", WF_REFUSED_REVOKED);
}

static void a_dialled_impostor_is_refused(void **state) {
  make_authority("kor", "KOR", WF_MODE_EXERCISE);
  make_certificate("kor", WF_PKI_NODE, "1", -60, DAY);
  side jpn, kor;
  side_open(&kor, &loop, "kor", "KOR", "node-1", "jpn.pem", "JPN", 0, true);
  side_open(&jpn, &loop, "jpn", "JPN", "node-1", "usa.pem", "USA", wf_links_port(kor.links), false);
  RUN_UNTIL(&loop, 2000, &jpn, &kor, jpn.refused[WF_REFUSED_WRONG_NATION] >= 2 && kor.refused[WF_REFUSED_BY_PEER] >= 2);
  assert_true(jpn.refused[WF_REFUSED_WRONG_NATION] >= 2);
  assert_true(kor.refused[WF_REFUSED_BY_PEER] >= 2);
  assert_int_equal(jpn.up[0] + kor.up[0], 0);
  side_close(&jpn);
  side_close(&kor);
}

static void expect_raw(raw_client r, wf_link_refusal expected) {
  side usa;
  side_open(&usa, &loop, "usa", "USA", "node-1", "jpn.pem", "JPN", 0, true);
  r.port = wf_links_port(usa.links);
  uv_thread_create(&r.thread, raw_run, &r);
  RUN_UNTIL(&loop, 3000, &usa, (side *)NULL, usa.refused[expected] > 0);
  if (usa.refused[expected] != 1) {
    for (int i = 0; i < WF_REFUSED_COUNT; i++)
      if (usa.refused[i]) print_message("%s: %u\n", wf_link_refusal_name(i), usa.refused[i]);
    fail_msg("not refused as %s", wf_link_refusal_name(expected));
  }
  side_close(&usa);
  uv_thread_join(&r.thread);
}

static void everything_but_tls_1_3_with_a_lane_is_refused(void **state) {
  raw_client good = {.certificate = at("jpn/node-1.pem"), .key = at("jpn/node-1.key"), .lane = "\x08wf1-bulk"};
  raw_client r = good;
  r.max_version = TLS1_2_VERSION;
  expect_raw(r, WF_REFUSED_TLS_VERSION);
  r = good;
  r.certificate = NULL;
  expect_raw(r, WF_REFUSED_NO_CERTIFICATE);
  r = good;
  r.lane = NULL;
  expect_raw(r, WF_REFUSED_PROTOCOL);
  r = good;
  r.lane = "\x08wf9-bulk";
  expect_raw(r, WF_REFUSED_PROTOCOL);
  r = (raw_client){.plain = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"};
  expect_raw(r, WF_REFUSED_NOT_TLS);
  r.plain = "\x01\x02\x03\x04 this is not TLS at all";
  expect_raw(r, WF_REFUSED_NOT_TLS);
  r.plain = "\x16";  // one byte of a record, then silence
  expect_raw(r, WF_REFUSED_TIMEOUT);
}

static void an_oversized_length_is_refused_before_it_costs(void **state) {
  static const uint8_t huge[] = {0x7f, 0xff, 0xff, 0xff, 1, 2, 3};
  static const uint8_t above[] = {0x00, 0x04, 0x00, 0x01};
  raw_client r = {.certificate = at("jpn/node-1.pem"),
                  .key = at("jpn/node-1.key"),
                  .lane = "\x08wf1-bulk",
                  .bytes = huge,
                  .size = sizeof huge,
                  .piece = 7,
                  .stay = true};
  expect_raw(r, WF_REFUSED_OVERSIZED);
  r.bytes = above;
  r.size = r.piece = sizeof above;
  expect_raw(r, WF_REFUSED_OVERSIZED);
}

static void a_frame_may_come_one_byte_at_a_time(void **state) {
  uint8_t stream[4 + 300 + 4 + 20] = {0, 0, 1, 44};
  stream[4 + 300 + 3] = 20;
  stream[4 + 300 + 4] = 1;  // the second frame's number
  side usa;
  side_open(&usa, &loop, "usa", "USA", "node-1", "jpn.pem", "JPN", 0, true);
  raw_client r = {.port = wf_links_port(usa.links),
                  .certificate = at("jpn/node-1.pem"),
                  .key = at("jpn/node-1.key"),
                  .lane = "\x0awf1-alerts",
                  .bytes = stream,
                  .size = sizeof stream,
                  .piece = 1,
                  .stay = true};
  uv_thread_create(&r.thread, raw_run, &r);
  RUN_UNTIL(&loop, 3000, &usa, (side *)NULL, usa.frames == 2);
  assert_int_equal(usa.frames, 2);
  assert_int_equal(usa.in_order, 2);
  assert_int_equal(usa.bytes, 320);
  side_close(&usa);
  uv_thread_join(&r.thread);
}

static void silent_connectors_keep_nobody_out(void **state) {
  side jpn, usa;
  side_open(&usa, &loop, "usa", "USA", "node-1", "jpn.pem", "JPN", 0, true);
  int fd[100];
  for (int i = 0; i < 100; i++) fd[i] = raw_connect(wf_links_port(usa.links));
  RUN_UNTIL(&loop, 1000, &usa, (side *)NULL, usa.refused[WF_REFUSED_CROWDED] >= 92);
  wf_links_stats stats;
  wf_links_stats_get(usa.links, &stats);
  assert_true(stats.pending <= 8);
  assert_int_equal(usa.refused[WF_REFUSED_CROWDED], 92);
  side_open(&jpn, &loop, "jpn", "JPN", "node-1", "usa.pem", "USA", wf_links_port(usa.links), false);
  RUN_UNTIL(&loop, 3000, &jpn, &usa, BOTH_UP(jpn, usa) && usa.refused[WF_REFUSED_TIMEOUT] >= 1);
  assert_true(BOTH_UP(jpn, usa));
  assert_true(usa.refused[WF_REFUSED_TIMEOUT] >= 1);
  for (int i = 0; i < 100; i++) close(fd[i]);
  side_close(&jpn);
  side_close(&usa);
}

static void a_second_connection_replaces_the_first(void **state) {
  side usa;
  side_open(&usa, &loop, "usa", "USA", "node-1", "jpn.pem", "JPN", 0, true);
  raw_client r = {.port = wf_links_port(usa.links),
                  .certificate = at("jpn/node-1.pem"),
                  .key = at("jpn/node-1.key"),
                  .lane = "\x0awf1-alerts",
                  .stay = true};
  raw_client second = r, unfit = r;
  uv_thread_create(&r.thread, raw_run, &r);
  RUN_UNTIL(&loop, 2000, &usa, (side *)NULL, usa.up[0] == 1);
  unfit.lane = NULL;  // fails its handshake: must not disturb the first
  uv_thread_create(&unfit.thread, raw_run, &unfit);
  RUN_UNTIL(&loop, 2000, &usa, (side *)NULL, usa.refused[WF_REFUSED_PROTOCOL] == 1);
  assert_int_equal(usa.down[0], 0);
  uv_thread_create(&second.thread, raw_run, &second);
  RUN_UNTIL(&loop, 2000, &usa, (side *)NULL, usa.up[0] == 2);
  assert_int_equal(usa.down[0], 1);
  assert_non_null(strstr(usa.down_reason, "replaced"));
  wf_links_stats stats;
  wf_links_stats_get(usa.links, &stats);
  assert_int_equal(stats.open, 1);
  side_close(&usa);
  uv_thread_join(&r.thread);
  uv_thread_join(&second.thread);
  uv_thread_join(&unfit.thread);
}

// A partner that reads nothing gets a credit and no more; the rest waits at the core.
static void a_frozen_reader_stops_the_credit(void **state) {
  side usa;
  side_open(&usa, &loop, "usa", "USA", "node-1", "jpn.pem", "JPN", 0, true);
  int fd = raw_connect(wf_links_port(usa.links));
  int small = 4096;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_use_certificate_file(context, at("jpn/node-1.pem"), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context, at("jpn/node-1.key"), SSL_FILETYPE_PEM);
  SSL *ssl = SSL_new(context);
  SSL_set_fd(ssl, fd);
  SSL_set_alpn_protos(ssl, (const unsigned char *)"\x08wf1-bulk", 9);
  // The handshake needs the other side's loop: take turns without blocking.
  SSL_set_connect_state(ssl);
  struct timeval brief = {0, 2000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof brief);
  for (int i = 0; i < 500 && usa.up[1] == 0; i++) {
    SSL_do_handshake(ssl);
    RUN_UNTIL(&loop, 5, &usa, (side *)NULL, usa.up[1] == 1);
  }
  assert_int_equal(usa.up[1], 1);
  uint8_t frame[1024] = {0};
  size_t sent = 0;
  for (int turn = 0; turn < 400; turn++) {
    while (usa.credit[1] >= sizeof frame + 4) {
      ok(wf_links_send(usa.links, nation("JPN"), WF_LANE_BULK, (wf_bytes){frame, sizeof frame}));
      usa.credit[1] -= sizeof frame + 4;
      sent += sizeof frame;
    }
    usa.credit[1] = 0;
    RUN_UNTIL(&loop, 2, &usa, (side *)NULL, usa.credit[1] > 0);
  }
  assert_in_range(sent, 16 * 1024, 3 * 1024 * 1024);  // socket buffers and one credit, not what could be had
  assert_int_equal(usa.down[1], 0);
  SSL_free(ssl);
  SSL_CTX_free(context);
  close(fd);
  side_close(&usa);
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      T(both_lanes_come_up_and_carry_frames),           T(a_restarted_acceptor_is_dialled_again),
      T(every_wrong_certificate_is_refused_by_name),    T(a_dialled_impostor_is_refused),
      T(everything_but_tls_1_3_with_a_lane_is_refused), T(an_oversized_length_is_refused_before_it_costs),
      T(a_frame_may_come_one_byte_at_a_time),           T(silent_connectors_keep_nobody_out),
      T(a_second_connection_replaces_the_first),        T(a_frozen_reader_stops_the_credit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
