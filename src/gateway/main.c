// watchfire-gateway: one nation's console over HTTP and WebSocket. A process of its own without rights: it holds no
// key of the exchange, and nothing a browser sends can stop the daemon.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libwebsockets.h>
#include <openssl/pem.h>
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "assets.h"
#include "checker.h"
#include "feed.h"
#include "options.h"
#include "server.h"

#define TICK_MS 100

typedef struct gateway {
  wf_gateway_api api;
  wf_gateway_options options;
  wf_gateway_feed feed[WF_GATEWAY_TARGETS];
  wf_accounts accounts;
  struct timespec accounts_changed;
  wf_gateway_checker *checker;
  wf_gateway_server *server;
  lws_sorted_usec_list_t timer;
  unsigned ticks;
} gateway;

static volatile sig_atomic_t stopping;
static void on_signal(int number) {
  stopping = 1;
}

static void read_clocks(wf_gateway_api *api) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  api->now_s = now.tv_sec;
  clock_gettime(CLOCK_MONOTONIC, &now);
  api->now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool send_command(void *context, const wf_gateway_command *command) {
  gateway *g = context;
  const wf_gateway_target target = wf_gateway_target_of(command->kind);
  return g->api.source[target].configured && wf_gateway_feed_send(&g->feed[target], command);
}

static void forget(void *context, const void *connection) {
  gateway *g = context;
  if (g->checker) wf_gateway_checker_forget(g->checker, connection);
}

static void finish_checks(gateway *g) {
  wf_gateway_check check;
  while (g->checker && wf_gateway_checker_get(g->checker, &check)) {
    wf_gateway_reply reply;
    wf_gateway_api_checked(&g->api, &check, &reply);
    if (check.connection)
      wf_gateway_server_finish(check.connection, &reply);
    else
      wf_gateway_reply_free(&reply);  // the session it opened is ended by time
    sodium_memzero(&check, sizeof check);
  }
}

// ---- Accounts ----------------------------------------------------------------------------------------------------
static bool same_time(struct timespec a, struct timespec b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// A file that has become bad changes nothing, and is said once; one that is gone lets nobody act.
static bool load_accounts(gateway *g) {
  static wf_accounts fresh;
  char reason[WF_ACCOUNTS_REASON_SIZE] = "";
  struct stat s = {0};
  if (stat(g->options.accounts, &s) == 0 && same_time(s.st_mtim, g->accounts_changed)) return true;
  g->accounts_changed = s.st_mtim;
  const wf_status status = wf_accounts_load(g->options.accounts, &fresh, reason);
  if (status == WF_OK || status == WF_ENOTFOUND) g->accounts = fresh;
  if (status != WF_OK) fprintf(stderr, "watchfire-gateway: accounts: %s\n", reason);
  return status == WF_OK;
}

static uint64_t resident_bytes(void) {
  unsigned long long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (!f) return 0;
  const int got = fscanf(f, "%*u %llu", &pages);
  fclose(f);
  return got == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static void each_second(gateway *g) {
  g->api.memory_bytes = resident_bytes();
  if (g->api.accounts) load_accounts(g);
  wf_gateway_api_sweep(&g->api);
  wf_gateway_server_beat(g->server);
}

static void on_tick(lws_sorted_usec_list_t *timer) {
  gateway *g = lws_container_of(timer, gateway, timer);
  read_clocks(&g->api);
  for (int i = 0; i < WF_GATEWAY_TARGETS; i++)
    if (g->api.source[i].configured) wf_gateway_feed_tick(&g->feed[i]);
  finish_checks(g);
  if (++g->ticks % (1000 / TICK_MS) == 0) each_second(g);
  lws_sul_schedule(wf_gateway_server_context(g->server), 0, &g->timer, on_tick, TICK_MS * LWS_US_PER_MS);
}

static void handle_signals(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, NULL);
}

// No new rights, no core file (it would hold the cookie key), and no root when a user is named.
static bool give_up_rights(const char *user) {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  if (!user) return true;
  const struct passwd *who = getpwnam(user);
  if (!who || setgroups(0, NULL) || setgid(who->pw_gid) || setuid(who->pw_uid)) {
    fprintf(stderr, "watchfire-gateway: cannot become %s: %s\n", user, who ? strerror(errno) : "no such user");
    return false;
  }
  return true;
}

static int64_t seconds_of(const ASN1_TIME *time) {
  struct tm tm = {0};
  return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

// What the System page says of the console's own certificate.
static void read_own_certificate(wf_gateway_api *api, const char *path) {
  FILE *f = path ? fopen(path, "r") : NULL;
  X509 *certificate = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
  if (f) fclose(f);
  if (!certificate) return;
  X509_NAME_oneline(X509_get_subject_name(certificate), api->own_certificate.subject,
                    sizeof api->own_certificate.subject);
  api->own_certificate.not_before_s = seconds_of(X509_get0_notBefore(certificate));
  api->own_certificate.not_after_s = seconds_of(X509_get0_notAfter(certificate));
  X509_free(certificate);
}

static bool set_up_feeds(gateway *g) {
  const char *const paths[WF_GATEWAY_TARGETS] = {g->options.feed, g->options.replay, g->options.exercise};
  for (int i = 0; i < WF_GATEWAY_TARGETS; i++) {
    wf_gateway_source *source = &g->api.source[i];
    *source = (wf_gateway_source){.configured = paths[i] != NULL,
                                  .state = wf_gateway_state_new(),
                                  .since_s = g->api.now_s,
                                  .heard_ms = g->api.now_ms};
    if (!source->state) return false;
    wf_gateway_feed_init(&g->feed[i], (wf_gateway_target)i, paths[i], &g->api);
  }
  return true;
}

static bool set_up_accounts(gateway *g) {
  wf_gateway_api *api = &g->api;
  wf_account nobody = {0};
  char secret[44];
  const char *why = "";
  if (!g->options.accounts) return true;
  if (!load_accounts(g)) return false;
  unsigned char random[32];
  randombytes_buf(random, sizeof random);
  sodium_bin2base64(secret, sizeof secret, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (wf_account_set_password(&nobody, secret, &why) != WF_OK) return false;
  memcpy(api->nobody, nobody.hash, sizeof api->nobody);
  api->accounts = &g->accounts;
  api->certificates = g->options.operators != NULL;
  return true;
}

static bool set_up(gateway *g) {
  wf_gateway_api *api = &g->api;
  const wf_gateway_options *options = &g->options;
  read_clocks(api);
  wf_gateway_limits_init(&api->limits, options->requests_per_s);
  api->sessions.idle_s = options->idle_s;
  api->version = WF_VERSION;
  api->send = send_command;
  api->check = wf_gateway_checker_put;
  api->send_context = g;
  snprintf(api->cookie_name, sizeof api->cookie_name, "watchfire_%d", options->port);
  api->secure = options->cert != NULL;
  api->loopback = options->loopback && !options->plain_anywhere && !options->cert;
  memcpy(api->peer, options->peer, sizeof api->peer);
  api->peer_count = options->peer_count;
  api->cap_dir = options->cap_dir ? open(options->cap_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (options->cap_dir && api->cap_dir < 0) {
    fprintf(stderr, "watchfire-gateway: %s: %s\n", options->cap_dir, strerror(errno));
    return false;
  }
  read_own_certificate(api, options->cert);
  if (!set_up_feeds(g) || !set_up_accounts(g)) return false;
  g->server = wf_gateway_server_new(api, options);
  if (!g->server) return false;
  wf_gateway_server_on_gone(g->server, forget, g);
  for (int i = 0; i < WF_GATEWAY_TARGETS; i++) wf_gateway_feed_attach(&g->feed[i], g->server);
  if (!give_up_rights(options->user)) return false;
  if (api->accounts) g->checker = wf_gateway_checker_new();
  api->check_context = g->checker;
  return !api->accounts || g->checker;
}

static void tear_down(gateway *g) {
  lws_sul_cancel(&g->timer);
  wf_gateway_server_free(g->server);
  wf_gateway_checker_free(g->checker);
  wf_gateway_requests_clear(&g->api.requests);
  for (int i = 0; i < WF_GATEWAY_TARGETS; i++) {
    wf_gateway_feed_free(&g->feed[i]);
    wf_gateway_state_free(g->api.source[i].state);
  }
  if (g->api.cap_dir >= 0) close(g->api.cap_dir);
}

int main(int argc, char **argv) {
  static gateway g;
  const wf_gateway_options *options = &g.options;
  int done = wf_gateway_options_read(argc, argv, &g.options);
  if (done) return done == 1 ? 0 : 2;
  lws_set_log_level(LLL_ERR | LLL_USER, NULL);
  handle_signals();
  if (sodium_init() < 0 || !set_up(&g)) {
    fprintf(stderr, "watchfire-gateway: cannot start on %s:%d\n", options->host, options->port);
    return 1;
  }
  if (!wf_gateway_assets_built) fprintf(stderr, "watchfire-gateway: built without the console's assets\n");
  if (!options->accounts)
    fprintf(stderr, "watchfire-gateway: no accounts: sign-in by name alone, in exercise mode only\n");
  fprintf(stderr, "watchfire-gateway: http%s://%s:%d/\n", options->cert ? "s" : "", options->host, options->port);
  lws_sul_schedule(wf_gateway_server_context(g.server), 0, &g.timer, on_tick, 1);
  int status = 0;
  while (!stopping && status >= 0) {
    status = lws_service(wf_gateway_server_context(g.server), 0);
    read_clocks(&g.api);
  }
  tear_down(&g);
  return 0;
}
