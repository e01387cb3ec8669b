// Real daemons, one per nation, on this machine: loopback, mutual TLS, own keys, own stores, sensors over UDP.
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "exercise.h"
#include "nation.h"
#include "sim/feeder.h"

enum { LINK_PORT_OFFSET = 1000, UDP_PORT_OFFSET = 2000, LEAD_S = 4, START_TRIES = 400, PRODUCTS_MAX = 512 };

typedef struct seen_product {
  char id[17];
  char state[20];
  wf_time proposed_at;
  int confirmations;
  uint32_t nation;
} seen_product;

typedef struct real {
  const demo_options *options;
  const wf_scenario *scenario;
  demo_log *log;
  demo_nation nation[WF_NATION_MAX];
  size_t count;
  exercise exercise;
  char control[108];  // its socket
  bool over;          // the scenario has been played: what comes now is in no table
  bool clock_is_new;  // not as in the nodes' configurations
  wf_feeder *feeder;
  // of launches flown again; NULL: none
  wf_scenario again;
  wf_truth *again_truth;
  int udp;
  seen_product products[PRODUCTS_MAX];
  size_t product_count;
  unsigned requests;
  wf_value_event values[WF_VALUE_EVENTS_MAX];
} real;

static volatile sig_atomic_t interrupted;
static void on_signal(int number) {
  interrupted = 1;
}

static wf_time real_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (wf_time){(int64_t)t.tv_sec * WF_NS_PER_S + t.tv_nsec};
}

static wf_time record_now(const real *r) {
  return exercise_now(&r->exercise);
}

// ---- Setting up ---------------------------------------------------------------------------------------------------

static void name_nation(real *r, size_t i) {
  demo_nation *n = &r->nation[i];
  n->code = r->scenario->nation[i].code;
  n->feed_fd = -1;
  snprintf(n->dir, sizeof n->dir, "%s/%s", r->options->out_dir, n->code);
  snprintf(n->config, sizeof n->config, "%s/node.yaml", n->dir);
  // Not under DIR: its path may be longer than a socket's may be.
  snprintf(n->feed, sizeof n->feed, "/tmp/watchfire-demo-%d-%s.sock", (int)getpid(), n->code);
  snprintf(n->replay, sizeof n->replay, "/tmp/watchfire-demo-%d-%s-replay.sock", (int)getpid(), n->code);
  n->console_port = r->options->port + (int)i;
  n->link_port = r->options->port + LINK_PORT_OFFSET + (int)i;
  n->udp_port = r->options->port + UDP_PORT_OFFSET + (int)i;
}

static bool forget_earlier_run(const demo_nation *n) {
  static const char *const OLD[] = {"store.db", "store.db-wal", "store.db-shm", "watchfired.log", "gateway.log"};
  char path[700];
  for (size_t i = 0; i < sizeof OLD / sizeof OLD[0]; i++) {
    snprintf(path, sizeof path, "%s/%s", n->dir, OLD[i]);
    if (unlink(path) != 0 && errno != ENOENT) {
      fprintf(stderr, "watchfire demo: %s: %s\n", path, strerror(errno));
      return false;
    }
  }
  return true;
}

static bool set_up(real *r) {
  r->count = r->scenario->nation_count;
  for (size_t i = 0; i < r->count; i++) {
    name_nation(r, i);
    if (!demo_make_dir(r->nation[i].dir) || !forget_earlier_run(&r->nation[i]) || !demo_nation_keys(&r->nation[i]))
      return false;
  }
  r->exercise = (exercise){.scenario = r->scenario,
                           .rate = r->options->speed,
                           .record_epoch = r->scenario->start,
                           .real_epoch = wf_time_add_s(real_now(), LEAD_S)};
  snprintf(r->control, sizeof r->control, "/tmp/watchfire-demo-%d-exercise.sock", (int)getpid());
  if (!exercise_open(&r->exercise, r->control)) return false;
  for (size_t i = 0; i < r->count; i++) {
    for (size_t k = 0; k < r->count; k++)
      if (k != i && !demo_nation_trust(&r->nation[i], &r->nation[k])) return false;
    if (!demo_nation_configure(&r->nation[i], r->nation, r->count, r->scenario, (uint32_t)i, r->exercise.real_epoch,
                               r->options->speed))
      return false;
  }
  r->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return r->udp >= 0;
}

static bool all_alive(real *r) {
  bool alive = true;
  for (size_t i = 0; i < r->count; i++) alive = demo_nation_alive(&r->nation[i]) && alive;
  return alive;
}

static bool start(real *r) {
  for (size_t i = 0; i < r->count; i++)
    if (!demo_nation_start_daemon(&r->nation[i]) || !demo_nation_start_player(&r->nation[i]) ||
        !demo_nation_start_gateway(&r->nation[i], r->nation, r->count, r->control))
      return false;
  for (int tries = 0; tries < START_TRIES && !interrupted; tries++) {
    size_t ready = 0;
    for (size_t i = 0; i < r->count; i++) ready += demo_nation_connect(&r->nation[i]);
    if (ready == r->count) return true;
    if (!all_alive(r)) return false;
    nanosleep(&(struct timespec){0, 50000000}, NULL);
  }
  fprintf(stderr, "watchfire demo: a daemon does not answer on its feed socket\n");
  return false;
}

static void introduce(const real *r) {
  printf("\nOpen a console; each nation sees the shared picture on its own screen:\n");
  for (size_t i = 0; i < r->count; i++)
    printf("  %s  http://127.0.0.1:%d/\n", r->nation[i].code, r->nation[i].console_port);
  printf(
      "%zu daemons, mutual TLS 1.3 between them, own keys and store each, under %s/. Record time runs %g times as fast "
      "as\nreal time; this takes about %.0f s.\n\n",
      r->count, r->options->out_dir, r->options->speed, r->scenario->duration_s / r->options->speed);
  fflush(stdout);
}

// ---- Running ------------------------------------------------------------------------------------------------------

static seen_product *product_of(real *r, uint32_t nation, const char *id) {
  for (size_t i = 0; i < r->product_count; i++)
    if (r->products[i].nation == nation && strcmp(r->products[i].id, id) == 0) return &r->products[i];
  if (r->product_count >= PRODUCTS_MAX) return NULL;
  seen_product *p = &r->products[r->product_count++];
  *p = (seen_product){.nation = nation};
  snprintf(p->id, sizeof p->id, "%s", id);
  return p;
}

static void let_officers_decide(real *r, seen_product *p, wf_time now) {
  static const double DELAY_S[2] = {DEMO_OFFICER_1_S, DEMO_OFFICER_2_S};
  static const char *const NAMES[2] = {"exercise officer 1", "exercise officer 2"};
  const bool open = strcmp(p->state, "proposed") == 0 || strcmp(p->state, "first_confirmed") == 0;
  if (!r->options->officers || !open || p->confirmations >= 2) return;
  if (wf_time_diff_s(now, p->proposed_at) < DELAY_S[p->confirmations]) return;
  if (demo_nation_decide(&r->nation[p->nation], p->id, NAMES[p->confirmations], ++r->requests)) p->confirmations++;
}

static void look_at_product(real *r, uint32_t nation, const json_t *o, wf_time now) {
  const char *id = json_string_value(json_object_get(o, "id")), *state = json_string_value(json_object_get(o, "state"));
  const char *stage = json_string_value(json_object_get(o, "stage")),
             *label = json_string_value(json_object_get(o, "label"));
  if (id == NULL || state == NULL || stage == NULL || label == NULL) return;
  seen_product *p = product_of(r, nation, id);
  if (p == NULL) return;
  const char *code = r->nation[nation].code;
  if (p->state[0] == '\0') {
    p->proposed_at = now;
    demo_log_count_product(r->log, nation, false);
    demo_log_say(r->log, now, "%s: %s proposed for %s", code, stage, label);
  }
  if (strcmp(state, "released") == 0 && strcmp(p->state, "released") != 0) {
    demo_log_count_product(r->log, nation, true);
    demo_log_say(r->log, now, "%s: %s for %s released by two persons", code, stage, label);
  }
  snprintf(p->state, sizeof p->state, "%s", state);
  let_officers_decide(r, p, now);
}

static void set_clock(real *r, demo_nation *n) {
  const exercise *x = &r->exercise;
  demo_nation_set_clock(n, x->record_epoch, x->real_epoch, x->paused ? 0 : x->rate, ++r->requests);
}

// What people at the consoles asked of the exercise.
static void attend_exercise(real *r) {
  exercise *x = &r->exercise;
  exercise_turn(x);
  if (x->clock_changed) {
    x->clock_changed = false;
    r->clock_is_new = true;
    for (size_t i = 0; i < r->count; i++) set_clock(r, &r->nation[i]);
    demo_log_say(r->log, record_now(r), x->paused ? "the exercise is paused" : "the exercise goes on");
  }
  for (size_t i = 0; i < x->fault_count; i++) {
    exercise_fault *f = &x->fault[i];
    demo_nation *n = &r->nation[f->nation];
    const wf_time now = record_now(r);
    if (f->kill && !f->begun) {
      demo_log_say(r->log, now, "%s: daemon killed (kill -9), asked for at a console", n->code);
      demo_nation_kill_daemon(n);
    }
    f->begun = true;
    if (!f->kill || f->ended || wf_time_before(now, f->until)) continue;
    f->ended = true;
    demo_log_say(r->log, now, "%s: daemon started again", n->code);
    demo_nation_start_daemon(n);
  }
}

static void listen_to_feeds(real *r) {
  attend_exercise(r);
  const wf_time now = record_now(r);
  for (uint32_t i = 0; i < r->count; i++) {
    demo_nation *n = &r->nation[i];
    const bool known = n->feed_fd >= 0;
    if (n->daemon <= 0 || !demo_nation_connect(n)) continue;
    if (!known && r->clock_is_new) set_clock(r, n);  // it started by its configuration
    demo_nation_read(n);
    const json_t *products = json_object_get(n->state, "products");
    for (size_t k = json_array_size(products); k-- > 0;) look_at_product(r, i, json_array_get(products, k), now);
  }
}

static void sample(real *r, wf_time second) {
  const wf_value_event *events[WF_VALUE_EVENTS_MAX];
  for (uint32_t i = 0; i < r->count; i++) {
    if (r->nation[i].daemon <= 0) continue;
    const size_t count = demo_nation_values(&r->nation[i], r->values, WF_VALUE_EVENTS_MAX);
    for (size_t k = 0; k < count; k++) events[k] = &r->values[k];
    demo_log_sample(r->log, second, i, events, count);
  }
}

static bool crossed(double at_s, double before_s, double now_s) {
  return at_s >= 0 && at_s > before_s && at_s <= now_s;
}

static void node_faults(real *r, double before_s, double now_s) {
  for (size_t i = 0; i < r->scenario->node_fault_count; i++) {
    const wf_scenario_node_fault *f = &r->scenario->node_fault[i];
    demo_nation *n = &r->nation[f->nation];
    if (crossed(f->kill_s, before_s, now_s)) {
      demo_log_say(r->log, record_now(r), "%s: daemon killed (kill -9)", n->code);
      demo_nation_kill_daemon(n);
    }
    if (crossed(f->restart_s, before_s, now_s)) {
      demo_log_say(r->log, record_now(r), "%s: daemon started again", n->code);
      demo_nation_start_daemon(n);
    }
  }
}

// Until a moment of record time: feeds are read, seconds sampled, faults and officers attended to.
static bool attend_until(real *r, wf_time *second, wf_time until) {
  while (!interrupted) {
    listen_to_feeds(r);
    const wf_time now = record_now(r);
    while (second->ns <= now.ns) {
      const double now_s = wf_time_diff_s(*second, r->scenario->start);
      if (!r->over) sample(r, *second);
      node_faults(r, now_s - 1.0, now_s);
      *second = wf_time_add_ns(*second, WF_NS_PER_S);
    }
    if (!all_alive(r)) return false;
    if (r->exercise.launch_added) return true;
    const double left_s = wf_time_diff_s(until, now) / r->options->speed;  // longer when it is paused
    if (left_s <= 0) return true;
    const double nap_s = left_s < 0.02 ? left_s : 0.02;
    nanosleep(&(struct timespec){0, (long)(nap_s * 1e9)}, NULL);
  }
  return false;
}

static void send_datagram(const real *r, const wf_fed *fed) {
  if (exercise_silent(&r->exercise, fed->sensor, fed->scan)) return;
  const struct sockaddr_in to = {.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)r->nation[fed->nation].udp_port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (sendto(r->udp, fed->datagram.data, fed->datagram.size, 0, (const struct sockaddr *)&to, sizeof to) < 0 &&
      errno != ECONNREFUSED)
    fprintf(stderr, "watchfire demo: a datagram of %zu bytes was not sent: %s\n", fed->datagram.size, strerror(errno));
}

// Sensors are fed anew, from now on, with the launches that were added: the same scenario, longer, with more flights.
static bool feed_anew(real *r) {
  enum { FLIGHT_S = 1800 };
  const exercise *x = &r->exercise;
  const size_t count = r->scenario->launch_count + x->launch_count;
  r->exercise.launch_added = false;
  wf_feeder_free(r->feeder);
  wf_truth_free(r->again_truth);
  free(r->again.launch);
  r->feeder = NULL;
  r->again_truth = NULL;
  r->again = *r->scenario;
  r->again.launch = calloc(count, sizeof *r->again.launch);
  if (r->again.launch == NULL) return false;
  memcpy(r->again.launch, r->scenario->launch, r->scenario->launch_count * sizeof *r->again.launch);
  for (size_t i = 0; i < x->launch_count; i++) {
    wf_scenario_launch *l = &r->again.launch[r->again.launch_count++];
    *l = r->scenario->launch[x->launch[i].of];
    l->at_s = wf_time_diff_s(x->launch[i].at, r->scenario->start);
    if (l->at_s + FLIGHT_S > r->again.duration_s) r->again.duration_s = l->at_s + FLIGHT_S;
    demo_log_say(r->log, record_now(r), "%s is launched again, asked for at a console", l->name);
  }
  if (wf_truth_create(&r->again, &r->again_truth, NULL) != WF_OK) return false;
  r->feeder = wf_feeder_new(&r->again, r->again_truth, WF_MODE_EXERCISE);
  return r->feeder != NULL;
}

// Until the sensors have nothing more to say.
static bool feed(real *r, wf_time *second) {
  wf_fed fed;
  while (wf_feeder_next(r->feeder, &fed)) {
    const wf_time now = record_now(r);
    if (wf_time_diff_s(now, fed.arrival) > 1.0 && r->again_truth != NULL) continue;  // said before it was fed anew
    if (!attend_until(r, second, fed.arrival)) return false;
    if (r->exercise.launch_added) {
      if (!feed_anew(r)) return false;
      continue;
    }
    send_datagram(r, &fed);
  }
  return true;
}

static bool run(real *r, wf_time *second) {
  const wf_time end = wf_time_add_s(r->scenario->start, r->scenario->duration_s);
  do {
    if (!feed(r, second) || !attend_until(r, second, end)) return false;
  } while (r->exercise.launch_added && feed_anew(r));
  return true;
}

// Launches may still be added: then sensors speak again.
static bool keep_consoles(real *r, wf_time *second) {
  printf("\nThe consoles stay up until Ctrl-C.\n");
  fflush(stdout);
  r->exercise.over = r->over = true;
  while (!interrupted) {
    if (!attend_until(r, second, wf_time_add_s(record_now(r), 1))) break;
    if (!r->exercise.launch_added) continue;
    r->exercise.over = false;
    if (!feed_anew(r) || !feed(r, second)) break;
    r->exercise.over = true;
  }
  return interrupted != 0;
}

static void tear_down(real *r) {
  for (size_t i = 0; i < r->count; i++) {
    demo_nation_stop(&r->nation[i]);
    if (r->nation[i].feed_fd >= 0) close(r->nation[i].feed_fd);
    unlink(r->nation[i].feed);
    unlink(r->nation[i].replay);
    free(r->nation[i].inbox);
    json_decref(r->nation[i].state);
  }
  if (r->udp >= 0) close(r->udp);
  exercise_close(&r->exercise);
  wf_feeder_free(r->feeder);
  wf_truth_free(r->again_truth);
  free(r->again.launch);
}

int demo_run_real(const demo_options *options, const wf_scenario *scenario, const wf_truth *truth, demo_log *log) {
  real *r = calloc(1, sizeof *r);
  if (r == NULL) return 2;
  *r = (real){.options = options, .scenario = scenario, .log = log, .udp = -1};
  r->feeder = wf_feeder_new(scenario, truth, WF_MODE_EXERCISE);
  if (r->feeder == NULL) return 2;
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  if (scenario->link_fault_count > 0)
    printf("This scenario's %zu link faults are played with --speed max only; node faults are played here too.\n",
           scenario->link_fault_count);
  int status = 2;
  if (set_up(r) && start(r)) {
    introduce(r);
    wf_time second = wf_time_add_ns(scenario->start, WF_NS_PER_S);
    const bool whole = run(r, &second);
    status = whole ? 0 : interrupted ? 1 : 2;
    if (whole && options->keep) keep_consoles(r, &second);
  }
  tear_down(r);
  free(r);
  return status;
}
