#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api.h"
#include "assets.h"
#include "cap.h"
#include "wf_test.h"

typedef struct fixture {
  wf_gateway_api api;
  wf_gateway_command sent;
  int sends;
  bool feed_refuses;
} fixture;

static bool take_command(void *context, const wf_gateway_command *command) {
  fixture *f = context;
  if (f->feed_refuses) return false;
  f->sent = *command;
  f->sends++;
  return true;
}

static void apply(fixture *f, const char *message) {
  wf_gateway_message kind;
  wf_gateway_answer answer;
  assert_int_equal(wf_gateway_state_apply(f->api.state, message, strlen(message), &kind, &answer), WF_OK);
}

static int set_up(void **state) {
  fixture *f = calloc(1, sizeof *f);
  f->api.state = wf_gateway_state_new();
  f->api.cap_dir = -1;
  f->api.now_s = 1800000000;
  f->api.loopback = true;
  f->api.send = take_command;
  f->api.send_context = f;
  strcpy(f->api.cookie_name, "watchfire_8080");
  randombytes_buf(&f->api.keys, sizeof f->api.keys);
  apply(f, "{\"type\":\"snapshot\",\"seq\":1,\"state\":{\"node\":{\"mode\":\"exercise\"}}}");
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  wf_gateway_state_free(f->api.state);
  free(f);
  return 0;
}

static wf_gateway_request_in request(const char *method, const char *path) {
  wf_gateway_request_in in = {.accepts_gzip = true, .connection = &in};
  strcpy(in.method, method);
  strcpy(in.path, path);
  strcpy(in.host, "127.0.0.1:8080");
  strcpy(in.origin, "http://127.0.0.1:8080");
  strcpy(in.content_type, "application/json");
  return in;
}

static int ask(fixture *f, wf_gateway_request_in in, const char *body, char *reply, size_t size) {
  wf_gateway_reply out;
  in.body = body;
  in.body_size = body ? strlen(body) : 0;
  wf_gateway_api_handle(&f->api, &in, &out);
  int code = out.deferred ? 202 : out.code;
  if (reply) snprintf(reply, size, "%.*s|%s", (int)out.size, out.body ? out.body : "", out.cookie);
  wf_gateway_reply_free(&out);
  return code;
}

static void sign_in(fixture *f, const char *name, wf_gateway_request_in *in) {
  char body[80], reply[600];
  snprintf(body, sizeof body, "{\"name\":\"%s\"}", name);
  assert_int_equal(ask(f, request("POST", "/api/v1/session"), body, reply, sizeof reply), 200);
  const char *cookie = strchr(reply, '|') + 1;
  snprintf(in->cookie, sizeof in->cookie, "other=1; %.*s", (int)strcspn(cookie, ";"), cookie);
  assert_non_null(strstr(cookie, "HttpOnly; SameSite=Strict"));
}

static void test_reading(void **state) {
  fixture *f = *state;
  char reply[16384];
  assert_int_equal(ask(f, request("GET", "/api/v1/state"), NULL, reply, sizeof reply), 200);
  assert_string_equal(reply, "{\"type\":\"snapshot\",\"seq\":1,\"state\":{\"node\":{\"mode\":\"exercise\"}}}|");
  assert_int_equal(ask(f, request("GET", "/metrics"), NULL, reply, sizeof reply), 200);
  assert_non_null(strstr(reply, "\nwatchfire_gateway_feed_up 0\n"));
  assert_int_equal(ask(f, request("GET", "/../etc/passwd"), NULL, NULL, 0), 404);
  assert_int_equal(ask(f, request("GET", "/cap/"), NULL, NULL, 0), 404);
  assert_int_equal(ask(f, request("PUT", "/api/v1/state"), NULL, NULL, 0), 405);
  wf_gateway_state_free(f->api.state);
  f->api.state = wf_gateway_state_new();
  assert_int_equal(ask(f, request("GET", "/api/v1/state"), NULL, NULL, 0), 503);
}

static void test_page(void **state) {
  fixture *f = *state;
  wf_gateway_request_in in = request("GET", "/");
  wf_gateway_reply out;
  wf_gateway_api_handle(&f->api, &in, &out);
  assert_int_equal(out.code, 200);
  assert_string_equal(out.type, "text/html; charset=utf-8");
  assert_string_equal(out.cache, "no-cache");
  strcpy(in.if_none_match, out.etag);
  wf_gateway_reply_free(&out);
  wf_gateway_api_handle(&f->api, &in, &out);
  assert_int_equal(out.code, 304);
  wf_gateway_reply_free(&out);
  if (!wf_gateway_assets_built)
    assert_non_null(strstr((const char *)wf_gateway_asset_find("/index.html")->plain, "not built"));
}

// Names of other machines that resolve to this one must not reach us (DNS rebinding).
static void test_host(void **state) {
  fixture *f = *state;
  static const struct {
    const char *host;
    int code;
  } rows[] = {{"127.0.0.1", 200},
              {"127.0.0.1:8080", 200},
              {"localhost:9", 200},
              {"[::1]:8080", 200},
              {"evil.example", 421},
              {"localhost.evil.example", 421},
              {"127.0.0.1.evil.example", 421},
              {"", 421}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    wf_gateway_request_in in = request("GET", "/api/v1/state");
    strcpy(in.host, rows[i].host);
    assert_int_equal(ask(f, in, NULL, NULL, 0), rows[i].code);
  }
  f->api.loopback = false;
  wf_gateway_request_in in = request("GET", "/api/v1/state");
  strcpy(in.host, "console.example");
  assert_int_equal(ask(f, in, NULL, NULL, 0), 200);
}

static const char good[] = "{\"decision\":\"confirm\",\"reason\":\"two sources\"}";

static void test_who_may_act(void **state) {
  fixture *f = *state;
  wf_gateway_request_in in = request("POST", "/api/v1/products/00ff/decision");
  strcpy(in.key, "key-00000001");
  assert_int_equal(ask(f, in, good, NULL, 0), 401);
  sign_in(f, "佐藤", &in);
  wf_gateway_request_in elsewhere = in;
  strcpy(elsewhere.origin, "http://evil.example");
  assert_int_equal(ask(f, elsewhere, good, NULL, 0), 403);
  elsewhere.origin[0] = 0;
  assert_int_equal(ask(f, elsewhere, good, NULL, 0), 403);
  wf_gateway_request_in form = in;
  strcpy(form.content_type, "text/plain");
  assert_int_equal(ask(f, form, good, NULL, 0), 415);
  assert_int_equal(f->sends, 0);
  assert_int_equal(ask(f, in, good, NULL, 0), 202);
  assert_int_equal(f->sends, 1);
  assert_string_equal(f->sent.person, "佐藤");
  assert_string_equal(f->sent.product, "00ff");
  assert_string_equal(f->sent.reason, "two sources");
  // A cookie changed by one character, and one that has expired, are nobody's.
  wf_gateway_request_in forged = in;
  strcpy(forged.key, "key-00000002");
  forged.cookie[strlen(forged.cookie) - 3] ^= 1;
  assert_int_equal(ask(f, forged, good, NULL, 0), 401);
  f->api.now_s += WF_GATEWAY_SESSION_S + 1;
  strcpy(in.key, "key-00000003");
  assert_int_equal(ask(f, in, good, NULL, 0), 401);
}

static void test_names_only_in_exercises(void **state) {
  fixture *f = *state;
  apply(f, "{\"type\":\"snapshot\",\"seq\":2,\"state\":{\"node\":{\"mode\":\"live\"}}}");
  assert_int_equal(ask(f, request("POST", "/api/v1/session"), "{\"name\":\"Sato\"}", NULL, 0), 403);
}

static void test_bad_bodies(void **state) {
  fixture *f = *state;
  wf_gateway_request_in in = request("POST", "/api/v1/products/00ff/decision");
  sign_in(f, "Sato", &in);
  strcpy(in.key, "key-00000001");
  static const char *const bodies[] = {"",
                                       "[]",
                                       "{}",
                                       "{\"decision\":\"confirm\"}",
                                       "{\"decision\":\"launch\",\"reason\":\"abc\"}",
                                       "{\"decision\":\"confirm\",\"reason\":\"  \"}",
                                       "{\"decision\":\"confirm\",\"reason\":\"a\\nb c\"}",
                                       "{\"decision\":\"confirm\",\"reason\":7}",
                                       "{\"decision\":\"confirm\",\"decision\":\"withdraw\",\"reason\":\"abc\"}",
                                       "{\"decision\":\"confirm\",\"reason\":\"abc\"} trailing"};
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) assert_int_equal(ask(f, in, bodies[i], NULL, 0), 422);
  static const char *const keys[] = {"", "short", "with space",
                                     "way-too-long-0123456789012345678901234567890123456789012345678901234567890"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    snprintf(in.key, sizeof in.key, "%s", keys[i]);
    assert_int_equal(ask(f, in, good, NULL, 0), 422);
  }
  static const char *const paths[] = {"/api/v1/products//decision",
                                      "/api/v1/products/XY/decision",
                                      "/api/v1/products/0123456789abcdef0/decision",
                                      "/api/v1/products/00ff",
                                      "/api/v1/alarms/x/acknowledge",
                                      "/api/v1/alarms/12345678901234567/acknowledge",
                                      "/"};
  strcpy(in.key, "key-00000001");
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    strcpy(in.path, paths[i]);
    assert_int_equal(ask(f, in, good, NULL, 0), 404);
  }
  in.too_long = true;
  assert_int_equal(ask(f, in, good, NULL, 0), 413);
  assert_int_equal(f->sends, 0);
  assert_int_equal(ask(f, request("POST", "/api/v1/session"), "{\"name\":\" \"}", NULL, 0), 422);
  assert_int_equal(
      ask(f, request("POST", "/api/v1/session"), "{\"name\":\"a name of more than thirty-one bytes\"}", NULL, 0), 422);
}

// Sent twice under one key, done once, answered twice alike; another command under that key is refused.
static void test_idempotency(void **state) {
  fixture *f = *state;
  char reply[400];
  wf_gateway_request_in in = request("POST", "/api/v1/alarms/42/acknowledge");
  sign_in(f, "Sato", &in);
  strcpy(in.key, "key-00000001");
  assert_int_equal(ask(f, in, "{}", NULL, 0), 202);
  assert_int_equal(f->sent.alarm, 42);
  assert_int_equal(ask(f, in, "{}", NULL, 0), 409);
  wf_gateway_answer answer = {"key-00000001", "ok", "acknowledged"};
  wf_gateway_request *entry = wf_gateway_requests_answer(&f->api.requests, &answer);
  assert_non_null(entry);
  entry->waiter = NULL;
  assert_null(wf_gateway_requests_answer(&f->api.requests, &answer));
  assert_int_equal(ask(f, in, "{}", reply, sizeof reply), 200);
  assert_string_equal(reply, "{\"status\":\"ok\",\"text\":\"acknowledged\"}|");
  strcpy(in.path, "/api/v1/alarms/43/acknowledge");
  assert_int_equal(ask(f, in, "{}", NULL, 0), 422);
  assert_int_equal(f->sends, 1);
}

static void test_node_away(void **state) {
  fixture *f = *state;
  wf_gateway_request_in in = request("POST", "/api/v1/alarms/42/acknowledge");
  sign_in(f, "Sato", &in);
  strcpy(in.key, "key-00000001");
  f->feed_refuses = true;
  assert_int_equal(ask(f, in, "{}", NULL, 0), 503);
  f->feed_refuses = false;
  assert_int_equal(ask(f, in, "{}", NULL, 0), 202);  // nothing was done, so the key is free
  f->api.now_ms += WF_GATEWAY_REQUEST_WAIT_MS;
  wf_gateway_request *late = wf_gateway_requests_expire(&f->api.requests, f->api.now_ms, "timeout");
  assert_non_null(late);
  wf_gateway_reply reply;
  wf_gateway_reply_to_command(&late->answer, &reply);
  assert_int_equal(reply.code, 504);
  wf_gateway_reply_free(&reply);
  assert_null(wf_gateway_requests_expire(&f->api.requests, f->api.now_ms, "timeout"));
}

// Waiting requests are bounded; answered ones make room.
static void test_requests_bounded(void **state) {
  static wf_gateway_requests requests;
  wf_gateway_command command = {.kind = WF_GATEWAY_ACKNOWLEDGE};
  wf_gateway_request *entry;
  for (int i = 0; i < WF_GATEWAY_REQUEST_MAX; i++) {
    snprintf(command.request, sizeof command.request, "request-%d", i);
    assert_int_equal(wf_gateway_requests_open(&requests, &command, i, &command, &entry), WF_OK);
  }
  strcpy(command.request, "one-more");
  assert_int_equal(wf_gateway_requests_open(&requests, &command, 1000, &command, &entry), WF_EFULL);
  wf_gateway_requests_forget(&requests, &command);
  wf_gateway_answer answer = {"request-3", "ok", ""};
  wf_gateway_requests_answer(&requests, &answer);
  assert_int_equal(wf_gateway_requests_open(&requests, &command, 1000, &command, &entry), WF_OK);
}

static void put_file(int dir, const char *name, const char *text) {
  int file = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
  close(file);
}

static void test_cap(void **state) {
  fixture *f = *state;
  char folder[] = "/tmp/watchfire-cap-XXXXXX", reply[8192];
  assert_non_null(mkdtemp(folder));
  int dir = open(folder, O_RDONLY | O_DIRECTORY);
  put_file(
      dir, "a-1.xml",
      "<alert "
      "xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>id&amp;1</identifier><sent>2026-01-01T00:00:00+00:00"
      "</sent><status>Exercise</status><info><headline>\xe6\xbc\x94\xe7\xbf\x92 &lt;x&gt;</headline></info></alert>");
  put_file(dir, "broken.xml", "<alert");
  put_file(dir, ".hidden.xml", "<alert/>");
  put_file(dir, "notes.txt", "no message");
  assert_int_equal(symlinkat("/etc/passwd", dir, "link.xml"), 0);
  f->api.cap_dir = dir;
  assert_int_equal(ask(f, request("GET", "/cap/"), NULL, reply, sizeof reply), 200);
  assert_non_null(strstr(reply,
                         "<id>id&amp;1</id><title>\xe6\xbc\x94\xe7\xbf\x92 "
                         "&lt;x&gt;</title><updated>2026-01-01T00:00:00+00:00</updated><summary>Exercise</summary>"));
  assert_non_null(strstr(reply, "<id>broken.xml</id>"));
  assert_null(strstr(reply, "hidden"));
  assert_null(strstr(reply, "notes"));
  assert_null(strstr(reply, "link.xml"));
  assert_int_equal(ask(f, request("GET", "/cap/a-1.xml"), NULL, NULL, 0), 200);
  static const char *const bad[] = {"/cap/link.xml",   "/cap/.hidden.xml", "/cap/notes.txt",
                                    "/cap/../a-1.xml", "/cap/none.xml",    "/cap/sub/a.xml"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(ask(f, request("GET", bad[i]), NULL, NULL, 0), 404);
  static const char *const names[] = {"a-1.xml", "broken.xml", ".hidden.xml", "notes.txt", "link.xml"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlinkat(dir, names[i], 0);
  close(dir);
  rmdir(folder);
}

static void test_beat(void **state) {
  fixture *f = *state;
  char text[300];
  f->api.feed_up = true;
  wf_gateway_beat_write(&f->api, text, sizeof text);
  json_t *beat = json_loads(text, 0, NULL);
  assert_string_equal(json_string_value(json_object_get(beat, "feed")), "up");
  assert_string_equal(json_string_value(json_object_get(beat, "time")), "2027-01-15T08:00:00Z");
  json_decref(beat);
  f->api.feed_up = false;
  wf_gateway_beat_write(&f->api, text, sizeof text);
  assert_non_null(strstr(text, "\"feed\":\"down\""));
}

static void test_command_text(void **state) {
  wf_gateway_command command = {.kind = WF_GATEWAY_DECIDE,
                                .request = "k1234567",
                                .person = "O\"Neil",
                                .product = "ff",
                                .decision = "withdraw",
                                .reason = "r\\s"};
  char *text = wf_gateway_command_text(&command);
  json_t *root = json_loads(text, 0, NULL);
  assert_string_equal(json_string_value(json_object_get(root, "command")), "decide");
  assert_string_equal(json_string_value(json_object_get(root, "decision")), "withdraw");
  assert_string_equal(json_string_value(json_object_get(root, "person")), "O\"Neil");
  assert_string_equal(json_string_value(json_object_get(root, "reason")), "r\\s");
  json_decref(root);
  free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  if (sodium_init() < 0) return 1;
  const struct CMUnitTest tests[] = {TEST(test_reading),
                                     TEST(test_page),
                                     TEST(test_host),
                                     TEST(test_who_may_act),
                                     TEST(test_names_only_in_exercises),
                                     TEST(test_bad_bodies),
                                     TEST(test_idempotency),
                                     TEST(test_node_away),
                                     TEST(test_requests_bounded),
                                     TEST(test_cap),
                                     TEST(test_beat),
                                     TEST(test_command_text)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
