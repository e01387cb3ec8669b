// A recording into consoles: the feed's server over the replayed core, stepped so that record time keeps pace.
#include <stdio.h>
#include <uv.h>

#include "cli.h"
#include "io/feed.h"
#include "replay.h"

enum { TURN_MS = 20 };

typedef struct player {
  const replay_options *options;
  wf_replay *replay;
  uv_loop_t loop;
  uv_timer_t turn;
  uv_signal_t stop;
  wf_feed *feed;
  wf_time first;  // record time at the start; ns 0 = not known yet
  uint64_t began_ms;
  bool over;
  int code;
} player;

static wf_time now(void *context) {
  return wf_replay_time(((player *)context)->replay);
}

static json_t *count(void *context) {
  return json_pack("{s:b}", "replay", 1);
}

static wf_status decide(void *context, uint64_t product, wf_decision decision, const wf_feed_person *by,
                        const char *reason) {
  return WF_EDENIED;  // what was decided then is in the recording
}

static void alarms(void *context, wf_time at, const wf_effect *e) {
  const player *p = context;
  if (p->feed == NULL) return;
  if (e->kind == WF_OUT_ALARM) wf_feed_alarm(p->feed, e->alarm, e->exchange.nation, e->text);
  if (e->kind == WF_OUT_EXCHANGE && e->exchange.kind == WF_XE_ALARM)
    wf_feed_alarm(p->feed, e->exchange.alarm, e->exchange.nation, e->exchange.text);
}

static void finish(player *p, int code, const char *text) {
  fprintf(stderr, "watchfire replay: %s\n", text);
  p->over = true;
  p->code = code;
}

// Every start is another core: the consoles' gateway finds the new one by itself.
static void open_feed(player *p) {
  char reason[WF_IO_REASON_SIZE];
  if (p->feed != NULL) wf_feed_close(p->feed);
  p->feed = NULL;
  const wf_feed_config config = {.loop = &p->loop,
                                 .path = p->options->feed,
                                 .clients_max = 8,
                                 .node = wf_replay_node(p->replay),
                                 .rate = p->options->speed,
                                 .version = WF_VERSION,
                                 .context = p,
                                 .now = now,
                                 .driver = count,
                                 .decide = decide};
  if (wf_feed_open(&config, &p->feed, reason) != WF_OK) finish(p, WF_CLI_USAGE, reason);
}

static bool due(player *p) {
  const wf_time at = wf_replay_time(p->replay);
  if (p->first.ns == 0 && at.ns != 0) {
    p->first = at;
    p->began_ms = uv_now(&p->loop);
  }
  if (p->first.ns == 0) return true;
  return wf_time_diff_s(at, p->first) <= p->options->speed * 1e-3 * (double)(uv_now(&p->loop) - p->began_ms);
}

static void on_turn(uv_timer_t *timer) {
  player *p = timer->data;
  char text[WF_JOURNAL_TEXT_SIZE];
  while (!p->over && due(p)) {
    // A core that ends here must not be looked at by the feed any more.
    const wf_replay_result result = wf_replay_next(p->replay, text);
    if (result == WF_REPLAY_STARTED) open_feed(p);
    if (result == WF_REPLAY_DIFFERENT) fprintf(stderr, "watchfire replay: %s\n", text);
    if (result == WF_REPLAY_END) finish(p, WF_CLI_OK, text);
    if (result == WF_REPLAY_BAD) finish(p, WF_CLI_BAD_INPUT, text);
  }
  if (p->over) uv_stop(&p->loop);
}

static void on_stop(uv_signal_t *signal, int number) {
  player *p = signal->data;
  p->over = true;
  uv_stop(&p->loop);
}

int wf_replay_into_feed(const replay_options *options, wf_replay *replay) {
  player p = {.options = options, .replay = replay};
  uv_loop_init(&p.loop);
  uv_timer_init(&p.loop, &p.turn);
  uv_signal_init(&p.loop, &p.stop);
  p.turn.data = p.stop.data = &p;
  wf_replay_on_effect(replay, alarms, &p);
  uv_signal_start(&p.stop, on_stop, SIGINT);
  uv_timer_start(&p.turn, on_turn, 0, TURN_MS);
  printf("Playing into %s at %g times real time; serve consoles with: watchfire-gateway --feed %s\n", options->feed,
         options->speed, options->feed);
  fflush(stdout);
  uv_run(&p.loop, UV_RUN_DEFAULT);
  if (p.feed != NULL) wf_feed_close(p.feed);
  uv_close((uv_handle_t *)&p.turn, NULL);
  uv_close((uv_handle_t *)&p.stop, NULL);
  while (uv_run(&p.loop, UV_RUN_NOWAIT) != 0) continue;
  uv_loop_close(&p.loop);
  return p.code;
}
