// watchfire-gateway: one nation's console over HTTP and WebSocket. A process of its own without rights: it holds no
// key of the exchange, and nothing a browser sends can stop the daemon.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libwebsockets.h>
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "assets.h"
#include "feed.h"
#include "options.h"
#include "server.h"

#define TICK_MS 100

typedef struct gateway {
  wf_gateway_api api;
  wf_gateway_feed feed;
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

static void on_tick(lws_sorted_usec_list_t *timer) {
  gateway *g = lws_container_of(timer, gateway, timer);
  read_clocks(&g->api);
  wf_gateway_feed_tick(&g->feed);
  if (++g->ticks % (1000 / TICK_MS) == 0) wf_gateway_server_beat(g->server);
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

static bool set_up(gateway *g, const wf_gateway_options *options) {
  wf_gateway_api *api = &g->api;
  api->state = wf_gateway_state_new();
  randombytes_buf(&api->keys, sizeof api->keys);
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
  read_clocks(api);
  api->feed_since_s = api->now_s;
  api->feed_heard_ms = api->now_ms;
  wf_gateway_feed_init(&g->feed, options->feed, api);
  g->server = wf_gateway_server_new(api, options);
  if (!api->state || !g->server) return false;
  wf_gateway_feed_attach(&g->feed, g->server);
  return give_up_rights(options->user);
}

int main(int argc, char **argv) {
  static gateway g;
  wf_gateway_options options;
  int done = wf_gateway_options_read(argc, argv, &options);
  if (done) return done == 1 ? 0 : 2;
  lws_set_log_level(LLL_ERR | LLL_USER, NULL);
  handle_signals();
  if (sodium_init() < 0 || !set_up(&g, &options)) {
    fprintf(stderr, "watchfire-gateway: cannot start on %s:%d\n", options.host, options.port);
    return 1;
  }
  if (!wf_gateway_assets_built) fprintf(stderr, "watchfire-gateway: built without the console's assets\n");
  fprintf(stderr, "watchfire-gateway: http%s://%s:%d/\n", options.cert ? "s" : "", options.host, options.port);
  lws_sul_schedule(wf_gateway_server_context(g.server), 0, &g.timer, on_tick, 1);
  int status = 0;
  while (!stopping && status >= 0) {
    status = lws_service(wf_gateway_server_context(g.server), 0);
    read_clocks(&g.api);
  }
  lws_sul_cancel(&g.timer);
  wf_gateway_server_free(g.server);
  wf_gateway_feed_free(&g.feed);
  wf_gateway_state_free(g.api.state);
  if (g.api.cap_dir >= 0) close(g.api.cap_dir);
  return 0;
}
