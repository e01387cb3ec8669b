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
  wf_accounts accounts;
  wf_gateway_check check;
  int checks;
} fixture;

static bool take_command(void *context, const wf_gateway_command *command) {
  fixture *f = context;
  if (f->feed_refuses) return false;
  f->sent = *command;
  f->sends++;
  return true;
}

static bool take_check(void *context, const wf_gateway_check *check) {
  fixture *f = context;
  f->check = *check;
  return ++f->checks < 100;
}

static void apply(fixture *f, const char *message) {
  wf_gateway_message kind;
  wf_gateway_answer answer;
  assert_int_equal(
      wf_gateway_state_apply(f->api.source[WF_GATEWAY_NODE].state, message, strlen(message), &kind, &answer), WF_OK);
}

static int set_up(void **state) {
  fixture *f = calloc(1, sizeof *f);
  for (int i = 0; i < WF_GATEWAY_TARGETS; i++) f->api.source[i].state = wf_gateway_state_new();
  wf_gateway_limits_init(&f->api.limits, 1000);
  f->api.sessions.idle_s = WF_GATEWAY_IDLE_S;
  f->api.check = take_check;
  f->api.check_context = f;
  f->api.cap_dir = -1;
  f->api.now_s = 1800000000;
  f->api.loopback = true;
  f->api.send = take_command;
  f->api.send_context = f;
  strcpy(f->api.cookie_name, "watchfire_8080");
  apply(f, "{\"type\":\"snapshot\",\"seq\":1,\"state\":{\"node\":{\"mode\":\"exercise\"}}}");
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  wf_gateway_requests_clear(&f->api.requests);
  for (int i = 0; i < WF_GATEWAY_TARGETS; i++) wf_gateway_state_free(f->api.source[i].state);
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
  wf_gateway_state_free(f->api.source[WF_GATEWAY_NODE].state);
  f->api.source[WF_GATEWAY_NODE].state = wf_gateway_state_new();
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
  f->api.now_ms += (WF_GATEWAY_SESSION_S + 1) * INT64_C(1000);
  strcpy(in.key, "key-00000003");
  assert_int_equal(ask(f, in, good, NULL, 0), 401);
}

static void test_names_only_in_exercises(void **state) {
  fixture *f = *state;
  apply(f, "{\"type\":\"snapshot\",\"seq\":2,\"state\":{\"node\":{\"mode\":\"live\"}}}");
  assert_int_equal(ask(f, request("POST", "/api/v1/session"), "{\"name\":\"Sato\"}", NULL, 0), 403);
}

// ---- Accounts ----------------------------------------------------------------------------------------------------
static void with_accounts(fixture *f) {
  static const char file[] =
      "viv\tviewer\tactive\t$argon2id$v\n"
      "wanda\twatch_officer\tactive\t$argon2id$w\n"
      "rei\trelease_authority\tactive\t$argon2id$r\n"
      "gone\twatch_officer\tdisabled\t$argon2id$g\n"
      "card\twatch_officer\tactive\t-\n";
  char reason[WF_ACCOUNTS_REASON_SIZE];
  assert_int_equal(wf_accounts_parse(file, strlen(file), &f->accounts, reason), WF_OK);
  strcpy(f->api.nobody, "$argon2id$nobody");
  f->api.accounts = &f->accounts;
}

// The password is right when the test says so: what argon2id says is tested with the accounts.
static int sign_in_by_password(fixture *f, const char *name, bool right, wf_gateway_request_in *in) {
  char body[120];
  wf_gateway_request_in post = request("POST", "/api/v1/session");
  snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"correct horse\"}", name);
  const int code = ask(f, post, body, NULL, 0);
  if (code != 202) return code;
  wf_gateway_reply reply;
  f->check.ok = right;
  wf_gateway_api_checked(&f->api, &f->check, &reply);
  if (in && reply.code == 200)
    snprintf(in->cookie, sizeof in->cookie, "%.*s", (int)strcspn(reply.cookie, ";"), reply.cookie);
  const int result = reply.code;
  wf_gateway_reply_free(&reply);
  return result;
}

static void test_passwords(void **state) {
  fixture *f = *state;
  with_accounts(f);
  assert_int_equal(ask(f, request("POST", "/api/v1/session"), "{\"name\":\"wanda\"}", NULL, 0),
                   401);  // a name is not enough
  assert_int_equal(f->checks, 0);
  assert_int_equal(sign_in_by_password(f, "wanda", false, NULL), 401);
  assert_string_equal(f->check.hash, "$argon2id$w");
  assert_int_equal(sign_in_by_password(f, "WANDA", true, NULL), 200);
  assert_int_equal(sign_in_by_password(f, "gone", true, NULL), 401);
  assert_int_equal(sign_in_by_password(f, "stranger", true, NULL), 401);  // takes as long as a known one
  assert_string_equal(f->check.hash, "$argon2id$nobody");
  assert_int_equal(sign_in_by_password(f, "card", true, NULL), 401);  // by certificate only
  // The account changed between the question and the answer.
  assert_int_equal(ask(f, request("POST", "/api/v1/session"), "{\"name\":\"rei\",\"password\":\"x\"}", NULL, 0), 202);
  strcpy(wf_accounts_find(&f->accounts, "rei")->hash, "$argon2id$new");
  wf_gateway_reply reply;
  f->check.ok = true;
  wf_gateway_api_checked(&f->api, &f->check, &reply);
  assert_int_equal(reply.code, 401);
  wf_gateway_reply_free(&reply);
}

static void test_guessing(void **state) {
  fixture *f = *state;
  char reply[400];
  with_accounts(f);
  for (int i = 0; i < 5; i++) assert_int_equal(sign_in_by_password(f, "rei", false, NULL), 401);
  assert_int_equal(
      ask(f, request("POST", "/api/v1/session"), "{\"name\":\"Rei\",\"password\":\"x\"}", reply, sizeof reply), 429);
  assert_non_null(strstr(reply, "too many wrong passwords"));
  assert_int_equal(sign_in_by_password(f, "wanda", true, NULL), 200);  // another account is as it was
  f->api.now_ms += 16000;
  assert_int_equal(sign_in_by_password(f, "rei", true, NULL), 200);
  for (int i = 0; i < 30; i++)
    assert_int_equal(sign_in_by_password(f, "rei", true, NULL) == 200, i < 19);  // the address: 20 at once
  assert_int_equal(f->api.limits.refused[WF_GATEWAY_LIMIT_SIGN_IN], 11);
}

static void test_reading_needs_a_session(void **state) {
  fixture *f = *state;
  static const char *const closed[] = {"/api/v1/state",   "/api/v1/log",      "/api/v1/system",
                                       "/api/v1/replay",  "/api/v1/exercise", "/api/v1/release/policy",
                                       "/api/v1/anything"};
  with_accounts(f);
  wf_gateway_request_in in = request("GET", "/api/v1/state");
  for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
    strcpy(in.path, closed[i]);
    assert_int_equal(ask(f, in, NULL, NULL, 0), 401);
  }
  assert_int_equal(ask(f, request("GET", "/api/v1/session"), NULL, NULL, 0), 200);
  assert_int_equal(ask(f, request("GET", "/api/v1/openapi.yaml"), NULL, NULL, 0), 200);
  assert_int_equal(ask(f, request("GET", "/"), NULL, NULL, 0), 200);
  strcpy(in.path, "/metrics");
  assert_int_equal(ask(f, in, NULL, NULL, 0), 401);
  strcpy(in.address, "127.0.0.1");
  assert_int_equal(ask(f, in, NULL, NULL, 0), 200);
  wf_gateway_target target;
  char session[WF_GATEWAY_TOKEN_SIZE];
  wf_gateway_reply reply;
  strcpy(in.path, "/api/v1/stream");
  assert_false(wf_gateway_api_may_stream(&f->api, &in, &target, session, &reply));
  assert_int_equal(reply.code, 401);
  wf_gateway_reply_free(&reply);
  assert_int_equal(sign_in_by_password(f, "viv", true, &in), 200);
  assert_true(wf_gateway_api_may_stream(&f->api, &in, &target, session, &reply));
  assert_int_equal(target, WF_GATEWAY_NODE);
  assert_true(wf_gateway_api_keep(&f->api, session));
  strcpy(in.path, "/api/v1/state");
  assert_int_equal(ask(f, in, NULL, NULL, 0), 200);
  // Disabled: out at the next sweep, streams too.
  wf_accounts_find(&f->accounts, "viv")->disabled = true;
  wf_gateway_api_sweep(&f->api);
  assert_int_equal(ask(f, in, NULL, NULL, 0), 401);
  assert_false(wf_gateway_api_keep(&f->api, session));
}

static void test_roles(void **state) {
  fixture *f = *state;
  char reply[400];
  with_accounts(f);
  wf_gateway_request_in in = request("POST", "/api/v1/products/00ff/decision");
  strcpy(in.key, "key-00000001");
  assert_int_equal(sign_in_by_password(f, "viv", true, &in), 200);
  assert_int_equal(ask(f, in, good, reply, sizeof reply), 403);
  assert_non_null(strstr(reply, "viewer"));
  assert_int_equal(f->sends, 0);
  assert_int_equal(sign_in_by_password(f, "wanda", true, &in), 200);
  assert_int_equal(ask(f, in, good, NULL, 0), 202);
  assert_string_equal(f->sent.role, "watch_officer");
  assert_string_equal(f->sent.mode, "exercise");
  assert_string_equal(f->sent.person, "wanda");
}

// A session is for the mode it was opened in; so is the screen.
static void test_modes_do_not_mix(void **state) {
  fixture *f = *state;
  char reply[400];
  with_accounts(f);
  apply(f, "{\"type\":\"snapshot\",\"seq\":2,\"state\":{\"node\":{\"mode\":\"live\"}}}");
  wf_gateway_request_in in = request("POST", "/api/v1/products/00ff/decision");
  strcpy(in.key, "key-00000001");
  assert_int_equal(sign_in_by_password(f, "wanda", true, &in), 200);
  // The screen shows an exercise, the session is live.
  assert_int_equal(
      ask(f, in, "{\"decision\":\"confirm\",\"reason\":\"two sources\",\"mode\":\"exercise\"}", reply, sizeof reply),
      403);
  assert_non_null(strstr(reply, "wrong-mode"));
  assert_int_equal(ask(f, in, "{\"decision\":\"confirm\",\"reason\":\"two sources\",\"mode\":\"live\"}", NULL, 0), 202);
  assert_string_equal(f->sent.mode, "live");
  // The node behind this console is another one now.
  apply(f, "{\"type\":\"snapshot\",\"seq\":3,\"state\":{\"node\":{\"mode\":\"exercise\"}}}");
  strcpy(in.key, "key-00000002");
  assert_int_equal(ask(f, in, good, reply, sizeof reply), 403);
  assert_non_null(strstr(reply, "wrong-mode"));
  strcpy(in.path, "/api/v1/exercise/control");
  assert_int_equal(ask(f, in, "{\"action\":\"pause\"}", reply, sizeof reply), 403);
  assert_non_null(strstr(reply, "wrong-mode"));
  assert_int_equal(f->sends, 1);
}

// Idle: acting needs a new sign-in, reading goes on while a stream is open; then all of it is over.
static void test_idle(void **state) {
  fixture *f = *state;
  char reply[600];
  with_accounts(f);
  wf_gateway_request_in in = request("POST", "/api/v1/alarms/42/acknowledge");
  strcpy(in.key, "key-00000001");
  assert_int_equal(sign_in_by_password(f, "wanda", true, &in), 200);
  wf_gateway_request_in watch = in;
  strcpy(watch.method, "GET");
  strcpy(watch.path, "/api/v1/session");
  for (int minute = 0; minute < 61; minute++) {
    f->api.now_ms += 60000;
    assert_int_equal(ask(f, watch, NULL, reply, sizeof reply), 200);
    wf_gateway_api_sweep(&f->api);
  }
  assert_int_equal(ask(f, watch, NULL, reply, sizeof reply), 200);
  assert_non_null(strstr(reply, "\"person\":\"wanda\""));
  assert_non_null(strstr(reply, "\"locked\":true"));
  assert_int_equal(ask(f, in, "{}", reply, sizeof reply), 401);
  assert_non_null(strstr(reply, "\"locked\""));
  wf_gateway_request_in active = in;
  strcpy(active.path, "/api/v1/session/active");
  assert_int_equal(ask(f, active, "{}", reply, sizeof reply), 200);
  assert_non_null(strstr(reply, "\"locked\":true"));  // a key press does not open it again
  f->api.now_ms += 3601000;
  assert_int_equal(ask(f, in, "{}", NULL, 0), 401);
  assert_int_equal(ask(f, watch, NULL, reply, sizeof reply), 200);
  assert_non_null(strstr(reply, "\"person\":null"));
}

static void test_sessions_bounded(void **state) {
  static wf_gateway_sessions sessions = {.idle_s = 100};
  char first[WF_GATEWAY_TOKEN_SIZE], last[WF_GATEWAY_TOKEN_SIZE];
  for (int i = 0; i <= WF_GATEWAY_SESSION_MAX; i++) {
    const wf_gateway_session *s =
        wf_gateway_session_open(&sessions, "x", WF_ACCOUNT_VIEWER, WF_GATEWAY_BY_PASSWORD, "live", i);
    memcpy(i == 0 ? first : last, s->token, WF_GATEWAY_TOKEN_SIZE);
  }
  assert_int_equal(sessions.count, WF_GATEWAY_SESSION_MAX);
  assert_null(wf_gateway_session_find(&sessions, first, 600));
  assert_non_null(wf_gateway_session_find(&sessions, last, 600));
  assert_null(wf_gateway_session_find(&sessions, "", 600));
  assert_null(wf_gateway_session_find(&sessions, last, 200000));
  wf_gateway_sessions_sweep(&sessions, NULL, 200000);
  assert_int_equal(sessions.count, 0);
}

static void test_certificates(void **state) {
  fixture *f = *state;
  with_accounts(f);
  wf_gateway_request_in in = request("POST", "/api/v1/session/certificate");
  strcpy(in.certificate, "card");
  assert_int_equal(ask(f, in, "{}", NULL, 0), 403);  // none are asked for
  f->api.certificates = true;
  assert_int_equal(ask(f, in, "{}", NULL, 0), 200);
  strcpy(in.certificate, "gone");
  assert_int_equal(ask(f, in, "{}", NULL, 0), 401);
  strcpy(in.certificate, "stranger");
  assert_int_equal(ask(f, in, "{}", NULL, 0), 401);
  in.certificate[0] = 0;
  assert_int_equal(ask(f, in, "{}", NULL, 0), 401);
}

static void test_rates(void **state) {
  fixture *f = *state;
  wf_gateway_limits_init(&f->api.limits, 1);
  wf_gateway_request_in in = request("GET", "/metrics");
  strcpy(in.address, "10.0.0.1");
  for (int i = 0; i < 10; i++) assert_int_equal(ask(f, in, NULL, NULL, 0), 200);
  assert_int_equal(ask(f, in, NULL, NULL, 0), 429);
  strcpy(in.address, "10.0.0.2");
  assert_int_equal(ask(f, in, NULL, NULL, 0), 200);
  strcpy(in.address, "10.0.0.1");
  f->api.now_ms += 1000;
  assert_int_equal(ask(f, in, NULL, NULL, 0), 200);
  // One network of IPv6 is one asker, however many addresses it has.
  for (int i = 0; i < 12; i++) {
    snprintf(in.address, sizeof in.address, "2001:db8:1:2::%d", i + 1);
    assert_int_equal(ask(f, in, NULL, NULL, 0), i < 10 ? 200 : 429);
  }
  // A crowd of addresses takes no memory, and does not wipe out the one that asks again and again.
  for (int i = 0; i < 100000; i++) {
    int retry_s;
    char who[32];
    snprintf(who, sizeof who, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
    wf_gateway_limits_take(&f->api.limits, WF_GATEWAY_LIMIT_REQUESTS, who, f->api.now_ms, &retry_s);
  }
}

// ---- Questions ---------------------------------------------------------------------------------------------------
static void test_questions(void **state) {
  fixture *f = *state;
  static const struct {
    const char *path, *query;
    int code;
  } rows[] = {{"/api/v1/log", "", 202},
              {"/api/v1/log", "kind=product\norigin=KOR\nlimit=200\nbefore=77\ntext=K7 q", 202},
              {"/api/v1/log", "kind=secret", 422},
              {"/api/v1/log", "limit=201", 422},
              {"/api/v1/log", "limit=0", 422},
              {"/api/v1/log", "limit=1e2", 422},
              {"/api/v1/log", "limit=1\nlimit=2", 422},
              {"/api/v1/log", "from=yesterday", 422},
              {"/api/v1/log", "from=2026-05-01T00:00:00Z", 202},
              {"/api/v1/log", "store=/etc/passwd", 422},
              {"/api/v1/log", "limit", 422},
              {"/api/v1/release/explain", "to=KOR\nkind=tracklet\nlat=40.1\nlon=-130", 202},
              {"/api/v1/release/explain", "to=KOR\nkind=tracklet\nlat=40.1", 422},
              {"/api/v1/release/explain", "to=KOR", 422},
              {"/api/v1/release/explain", "to=JPN KOR USA\nkind=product", 202},
              {"/api/v1/release/explain", "to=JPN,KOR\nkind=product", 422},
              {"/api/v1/release/explain", "to=KOR\nkind=tracklet\nlat=0x10\nlon=1", 422},
              {"/api/v1/release/explain", "to=KOR\nkind=tracklet\nlat=91\nlon=1", 422},
              {"/api/v1/release/list", "to=kor", 422},
              {"/api/v1/system", "", 202},
              {"/api/v1/system", "x=1", 422},
              {"/api/v1/nothing", "", 404},
              {"/api/v2/state", "", 404}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    wf_gateway_request_in in = request("GET", rows[i].path);
    strcpy(in.query, rows[i].query);
    assert_int_equal(ask(f, in, NULL, NULL, 0), rows[i].code);
    f->api.now_ms += 1000;
  }
  wf_gateway_request_in in = request("GET", "/api/v1/log");
  strcpy(in.query, "kind=product\nlimit=5");
  assert_int_equal(ask(f, in, NULL, NULL, 0), 202);
  assert_string_equal(f->sent.what, "log");
  assert_string_equal(f->sent.parameters, "{\"kind\":\"product\",\"limit\":5}");
  // The answer, and with it the entry is free: nothing of a question is kept.
  wf_gateway_message kind;
  wf_gateway_answer answer;
  char message[200];
  snprintf(message, sizeof message,
           "{\"type\":\"answer\",\"request\":\"%s\",\"status\":\"ok\",\"text\":\"\",\"body\":{\"rows\":[]}}",
           f->sent.request);
  assert_int_equal(wf_gateway_state_apply(f->api.source[0].state, message, strlen(message), &kind, &answer), WF_OK);
  assert_int_equal(kind, WF_GATEWAY_ANSWER);
  wf_gateway_request *entry = wf_gateway_requests_answer(&f->api.requests, &answer);
  assert_non_null(entry);
  wf_gateway_reply reply;
  wf_gateway_reply_to_request(&f->api, entry, &reply);
  assert_int_equal(reply.code, 200);
  assert_string_equal(reply.body, "{\"rows\":[]}");
  assert_int_equal(entry->state, WF_GATEWAY_REQUEST_FREE);
  wf_gateway_reply_free(&reply);
}

static void test_player_and_exercise(void **state) {
  fixture *f = *state;
  wf_gateway_request_in in = request("POST", "/api/v1/replay/control");
  sign_in(f, "Sato", &in);
  strcpy(in.key, "key-00000001");
  assert_int_equal(ask(f, in, "{\"playing\":true}", NULL, 0), 404);  // joined to none
  f->api.source[WF_GATEWAY_PLAYER].configured = f->api.source[WF_GATEWAY_CONTROL].configured = true;
  assert_int_equal(ask(f, in, "{\"playing\":true,\"speed\":4}", NULL, 0), 202);
  assert_int_equal(wf_gateway_target_of(f->sent.kind), WF_GATEWAY_PLAYER);
  static const char *const bad[] = {"{\"playing\":1}", "{\"speed\":\"4\"}", "{\"file\":\"x\"}", "[]",
                                    "{\"position\":\"a\\u0001\"}"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_int_equal(ask(f, in, bad[i], NULL, 0), 422);
  strcpy(in.path, "/api/v1/exercise/inject");
  strcpy(in.key, "key-00000002");
  assert_int_equal(ask(f, in, "{\"kind\":\"weapon\"}", NULL, 0), 422);
  assert_int_equal(ask(f, in, "{\"kind\":\"launch\",\"launch\":\"launch-1\"}", NULL, 0), 202);
  assert_int_equal(wf_gateway_target_of(f->sent.kind), WF_GATEWAY_CONTROL);
  assert_int_equal(ask(f, request("GET", "/api/v1/replay"), NULL, NULL, 0), 503);
  wf_gateway_message kind;
  wf_gateway_answer answer;
  const char message[] = "{\"type\":\"snapshot\",\"seq\":1,\"state\":{\"recordings\":[],\"replay\":null}}";
  wf_gateway_state_apply(f->api.source[WF_GATEWAY_PLAYER].state, message, strlen(message), &kind, &answer);
  f->api.source[WF_GATEWAY_PLAYER].up = true;
  char reply[400];
  assert_int_equal(ask(f, request("GET", "/api/v1/replay"), NULL, reply, sizeof reply), 200);
  assert_string_equal(reply, "{\"recordings\":[],\"replay\":null}|");
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
  const wf_gateway_answer answer = {"key-00000001", "ok", "acknowledged", NULL};
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
  wf_gateway_reply_to_request(&f->api, late, &reply);
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
  const wf_gateway_answer answer = {"request-3", "ok", "", NULL};
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
  f->api.source[WF_GATEWAY_NODE].up = true;
  wf_gateway_beat_write(&f->api, WF_GATEWAY_NODE, text, sizeof text);
  json_t *beat = json_loads(text, 0, NULL);
  assert_string_equal(json_string_value(json_object_get(beat, "feed")), "up");
  assert_string_equal(json_string_value(json_object_get(beat, "time")), "2027-01-15T08:00:00Z");
  json_decref(beat);
  f->api.source[WF_GATEWAY_NODE].up = false;
  wf_gateway_beat_write(&f->api, WF_GATEWAY_NODE, text, sizeof text);
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
                                     TEST(test_passwords),
                                     TEST(test_guessing),
                                     TEST(test_reading_needs_a_session),
                                     TEST(test_roles),
                                     TEST(test_modes_do_not_mix),
                                     TEST(test_idle),
                                     TEST(test_sessions_bounded),
                                     TEST(test_certificates),
                                     TEST(test_rates),
                                     TEST(test_questions),
                                     TEST(test_player_and_exercise),
                                     TEST(test_bad_bodies),
                                     TEST(test_idempotency),
                                     TEST(test_node_away),
                                     TEST(test_requests_bounded),
                                     TEST(test_cap),
                                     TEST(test_beat),
                                     TEST(test_command_text)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
