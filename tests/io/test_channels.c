// Every channel gets every product, with its receipt; one that fails holds up none of the others; the operator is told.
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../shared_dir.h"
#include "../warn/products.h"
#include "../wf_test.h"
#include "cot.h"
#include "geo/wgs84.h"
#include "io/channels.h"
#include "io/pki.h"
#include "io/xml_sign.h"
#include "warn/cap.h"

static char folder[64];
static int told;

static wf_time now(void *context) {
  return test_time(80);
}
static void failed(void *context, const char *text) {
  told++;
}

static void path_in(char out[160], const char *name) {
  snprintf(out, 160, "%s/%s", folder, name);
}

static char *content(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  char *text = calloc(1, 256 * 1024);
  fread(text, 1, 256 * 1024 - 1, file);
  fclose(file);
  return text;
}

// A receiver: refuses the first `refusals` requests (HTTP 503), then takes one and keeps its body.
typedef struct receiver {
  int listener, refusals, requests;
  uint16_t port;
  char body[256 * 1024];
  size_t size;
  bool cot;
  pthread_t thread;
} receiver;

static size_t read_request(receiver *r, int fd) {
  static char text[300 * 1024];
  size_t size = 0, wanted = 0;
  char *head = NULL;
  for (;;) {
    const ssize_t got = read(fd, text + size, sizeof text - 1 - size);
    if (got <= 0) break;
    size += (size_t)got;
    text[size] = '\0';
    if (head == NULL && (head = strstr(text, "\r\n\r\n")) != NULL) {
      const char *length = strstr(text, "Content-Length: ");
      wanted = (size_t)(head + 4 - text) + (length != NULL ? strtoul(length + 16, NULL, 10) : 0);
      if (strstr(text, "Expect: 100-continue") != NULL)
        assert_true(write(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25) == 25);
    }
    if (head != NULL && size >= wanted) break;
  }
  r->size = head != NULL ? size - (size_t)(head + 4 - text) : 0;
  memcpy(r->body, head != NULL ? head + 4 : text, r->size);
  r->body[r->size] = '\0';
  return r->size;
}

static void *serve(void *context) {
  receiver *r = context;
  for (;;) {
    const int fd = accept(r->listener, NULL, NULL);
    if (fd < 0) return NULL;
    if (r->cot) {
      r->size = (size_t)read(fd, r->body, sizeof r->body - 1);
      close(fd);
      return NULL;
    }
    read_request(r, fd);
    const bool refuse = r->requests++ < r->refusals;
    const char *answer = refuse ? "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                                : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert_true(write(fd, answer, strlen(answer)) > 0);
    close(fd);
    if (!refuse) return NULL;
  }
}

static void receiver_start(receiver *r) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  r->listener = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bind(r->listener, (struct sockaddr *)&at, sizeof at), 0);
  assert_int_equal(listen(r->listener, 4), 0);
  assert_int_equal(getsockname(r->listener, (struct sockaddr *)&at, &size), 0);
  r->port = ntohs(at.sin_port);
  pthread_create(&r->thread, NULL, serve, r);
}

static void run_for(uv_loop_t *loop, int ms, const wf_channels *c, bool (*done)(const wf_channels *)) {
  for (int i = 0; i < ms / 10 && (done == NULL || !done(c)); i++) {
    uv_run(loop, UV_RUN_NOWAIT);
    usleep(10000);
  }
}

static const char *receipt_of(const wf_channels *c, const char *kind, size_t n) {
  static char state[32];
  json_t *list = wf_channels_json(c), *channel;
  size_t i;
  state[0] = '\0';
  json_array_foreach(list, i, channel) {
    if (strcmp(json_string_value(json_object_get(channel, "kind")), kind) != 0 || n-- != 0) continue;
    const json_t *receipt = json_array_get(json_object_get(channel, "receipts"), 0);
    if (receipt != NULL) snprintf(state, sizeof state, "%s", json_string_value(json_object_get(receipt, "state")));
  }
  json_decref(list);
  return state;
}

static bool both_posted(const wf_channels *c) {
  return strcmp(receipt_of(c, "post", 0), "delivered") == 0 && strcmp(receipt_of(c, "post", 1), "failed") == 0;
}

static int verify(const char *path, const char *authority) {
  char command[640];
  snprintf(command, sizeof command, "xmlsec1 --verify --trusted-pem %s %s >/dev/null 2>&1", authority, path);
  return WEXITSTATUS(system(command));
}

static bool have_xmlsec1(void) {
  return system("command -v xmlsec1 >/dev/null 2>&1") == 0;
}

static void make_keys(char key[160], char certificate[160]) {
  char command[900];
  path_in(key, "k.key"), path_in(certificate, "k.pem");
  snprintf(
      command, sizeof command,
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /O=JPN/CN=test -keyout %s "
      "-out %s >/dev/null 2>&1",
      key, certificate);
  assert_int_equal(system(command), 0);
}

static void test_every_channel(void **state) {
  uv_loop_t loop;
  static receiver good = {.refusals = 1};
  char reason[WF_IO_REASON_SIZE] = "", key[160], certificate[160], url[80], path[200], feed[200];
  make_keys(key, certificate);
  receiver_start(&good);
  uv_loop_init(&loop);
  snprintf(url, sizeof url, "http://127.0.0.1:%u/alerts", good.port);
  wf_channels_config config = {.loop = &loop,
                               .nation = {"JPN"},
                               .mode = WF_MODE_EXERCISE,
                               .directory = folder,
                               .key = key,
                               .certificate = certificate,
                               .post_count = 2,
                               .post = {url, "http://127.0.0.1:1/nobody"},
                               .retry_s = 0.05,
                               .attempts = 3,
                               .areas = TEST_AREAS,
                               .area_count = TEST_AREA_COUNT,
                               .now = now,
                               .failed = failed};
  wf_channels *c = wf_channels_open(&config, reason);
  if (c == NULL) fail_msg("%s", reason);
  const wf_product p = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_CANCEL);
  wf_channels_release(c, &p);
  assert_string_equal(receipt_of(c, "files", 0), "delivered");  // at once, whatever the others do
  assert_string_equal(receipt_of(c, "atom", 0), "delivered");
  assert_string_equal(receipt_of(c, "post", 0), "pending");
  run_for(&loop, 8000, c, both_posted);
  pthread_join(good.thread, NULL);
  assert_string_equal(receipt_of(c, "post", 0), "delivered");
  assert_string_equal(receipt_of(c, "post", 1), "failed");
  assert_int_equal(good.requests, 2);
  assert_int_equal(told, 3);  // the first's first refusal; the second's first and last
  snprintf(path, sizeof path, "%s/%016llx.xml", folder, (unsigned long long)p.id);
  path_in(feed, "feed.atom");
  char *file = content(path), *atom = content(feed), rule[48], detail[160];
  assert_non_null(file);
  assert_non_null(atom);
  assert_string_equal(file, good.body);  // the same on every channel
  assert_non_null(strstr(file, "<msgType>Cancel</msgType>"));
  assert_non_null(strstr(atom, "<title>EXERCISE EXERCISE EXERCISE Cancelled"));
  assert_int_equal(wf_cap_check(file, strlen(file), rule, detail), WF_CAP_ACCEPT);
  if (have_xmlsec1()) {
    assert_int_equal(verify(path, certificate), 0);
    assert_int_equal(verify(feed, certificate), 0);
    FILE *spoilt = fopen(path, "wb");
    char *word = strstr(file, "Exercise");
    word[0] = 'e';
    fputs(file, spoilt);
    fclose(spoilt);
    assert_int_not_equal(verify(path, certificate), 0);
  } else {
    print_message("xmlsec1 is absent: signatures were not verified by a second tool\n");
  }
  free(file);
  free(atom);
  wf_product threat = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_THREATENED_AREAS);
  threat.area_count = 1;  // Aomori; Hokkaido is not
  wf_channels_release(c, &threat);
  snprintf(path, sizeof path, "%s/%016llx.agencies.json", folder, (unsigned long long)threat.id);
  char *agencies = content(path);
  assert_non_null(agencies);
  assert_non_null(strstr(agencies, "EXERCISE EXERCISE EXERCISE No missile warning for Hokkaido at this time"));
  assert_null(strstr(agencies, "Aomori"));
  free(agencies);
  wf_channels_close(c);
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static wf_common_track flying(void) {
  wf_common_track t = {.number = 0x77, .event = 0x77, .label = "K7Q2FM"};
  const wf_lla at = {41 * WF_DEG, 179.5 * WF_DEG, 550e3};
  wf_site site;
  wf_site_init(&site, &at);
  memcpy(t.track.state, site.pos_ecef_m, sizeof site.pos_ecef_m);
  t.track.state[5] = 3000;
  for (int i = 0; i < 6; i++) t.track.covariance[7 * i] = i < 3 ? 1e6 : 100;
  t.track.life = WF_LIFE_CONFIRMED;
  t.track.time = test_time(79);
  return t;
}

static void test_cot_against_the_schema(void **state) {
  const char *shared = wf_test_shared();
  wf_common_track t = flying();
  char text[WF_COT_EVENT_SIZE], path[512];
  size_t length;
  assert_int_equal(wf_cot_event(&t, WF_MODE_EXERCISE, test_time(80), text, sizeof text, &length), WF_OK);
  assert_non_null(strstr(text, "opex=\"e\""));
  assert_non_null(strstr(text, "callsign=\"EXERCISE K7Q2FM\""));
  for (size_t size = 1; size < length; size += 97)
    assert_int_equal(wf_cot_event(&t, WF_MODE_EXERCISE, test_time(80), text, size, &length), WF_EFULL);
  assert_int_equal(wf_cot_event(&t, WF_MODE_LIVE, test_time(80), text, sizeof text, &length), WF_OK);
  t.track.covariance[0] = 1e14;  // a line of sight alone
  char none[WF_COT_EVENT_SIZE];
  assert_int_equal(wf_cot_event(&t, WF_MODE_LIVE, test_time(80), none, sizeof none, &length), WF_ENOTFOUND);
  if (shared == NULL) return;
  snprintf(path, sizeof path, "%s/data/cot/mitre-xsd/CoT_Base-Event_Schema.xsd", shared);
  xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(path);
  xmlSchema *schema = xmlSchemaParse(parser);
  assert_non_null(schema);
  xmlSchemaValidCtxt *valid = xmlSchemaNewValidCtxt(schema);
  xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "e.cot", NULL, XML_PARSE_NONET);
  assert_non_null(doc);
  assert_int_equal(xmlSchemaValidateDoc(valid, doc), 0);
  xmlFreeDoc(doc);
  xmlSchemaFreeValidCtxt(valid);
  xmlSchemaFree(schema);
  xmlSchemaFreeParserCtxt(parser);
}

static receiver *screen;
static bool has_event(const wf_channels *c) {
  return screen->size > 0;
}

static void test_cot_over_tcp(void **state) {
  uv_loop_t loop;
  static receiver server = {.cot = true};
  screen = &server;
  char reason[WF_IO_REASON_SIZE] = "";
  receiver_start(&server);
  uv_loop_init(&loop);
  wf_channels_config config = {.loop = &loop,
                               .nation = {"JPN"},
                               .mode = WF_MODE_EXERCISE,
                               .directory = "",
                               .cot_host = "127.0.0.1",
                               .cot_port = server.port,
                               .now = now,
                               .failed = failed};
  wf_channels *c = wf_channels_open(&config, reason);
  assert_non_null(c);
  const wf_common_track t = flying(), *list[] = {&t};
  for (int i = 0; i < 300 && !has_event(c); i++) {
    wf_channels_picture(c, list, 1);
    run_for(&loop, 20, c, has_event);
  }
  pthread_join(server.thread, NULL);
  assert_non_null(strstr(server.body, "uid=\"watchfire-exercise-0000000000000077\""));
  wf_channels_close(c);
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_channel),
                                     cmocka_unit_test(test_cot_against_the_schema),
                                     cmocka_unit_test(test_cot_over_tcp)};
  snprintf(folder, sizeof folder, "/tmp/wf-channels-XXXXXX");
  if (mkdtemp(folder) == NULL) return 1;
  const int status = cmocka_run_group_tests(tests, NULL, NULL);
  char command[96];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command) != 0 ? 1 : status;
}
