// A recording run through the core again, and compared.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal_code.h"

struct wf_replay {
  wf_journal_reader reader;
  wf_journal_start_frame start;
  wf_node *node;
  wf_time at;
  uint64_t steps, effects;   // of the present core
  wf_release_policy policy;  // room for one in an input
  uint32_t last_input;       // kind, for the name of a difference
  wf_replay_stats stats;
  void (*effect)(void *context, wf_time at, const wf_effect *effect);
  void *context;
};

wf_replay *wf_replay_new(wf_bytes recording, wf_status *status) {
  wf_replay *r = calloc(1, sizeof *r);
  *status = r == NULL ? WF_ENOMEM : wf_journal_read_begin(recording, &r->reader);
  if (*status == WF_OK) return r;
  free(r);
  return NULL;
}

void wf_replay_free(wf_replay *r) {
  if (r == NULL) return;
  wf_node_free(r->node);
  wf_journal_start_free(&r->start);
  free(r);
}

void wf_replay_on_effect(wf_replay *r, void (*effect)(void *context, wf_time at, const wf_effect *effect),
                         void *context) {
  r->effect = effect;
  r->context = context;
}

wf_node *wf_replay_node(wf_replay *r) {
  return r->node;
}
wf_time wf_replay_time(const wf_replay *r) {
  return r->at;
}
void wf_replay_stats_get(const wf_replay *r, wf_replay_stats *out) {
  *out = r->stats;
}

__attribute__((format(printf, 3, 4))) static wf_replay_result say(wf_replay_result result, char *text,
                                                                  const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, WF_JOURNAL_TEXT_SIZE, format, arguments);
  va_end(arguments);
  return result;
}

static wf_replay_result different(wf_replay *r, char *text, const char *what) {
  char when[WF_TIME_RFC3339_SIZE];
  r->stats.differences++;
  return say(WF_REPLAY_DIFFERENT, text, "step %llu, %s: %s", (unsigned long long)r->steps,
             wf_time_format(r->at, 3, when), what);
}

static wf_replay_result start(wf_replay *r, const wf_journal_frame *frame, char *text) {
  wf_node_free(r->node);
  r->node = NULL;
  wf_journal_start_free(&r->start);
  if (wf_journal_decode_start(frame->payload, &r->start) != WF_OK)
    return say(WF_REPLAY_BAD, text, "offset %zu: a configuration that cannot be", frame->offset);
  r->node = wf_node_new(&r->start.config);
  if (r->node == NULL) return say(WF_REPLAY_BAD, text, "offset %zu: not enough memory for this core", frame->offset);
  r->steps = r->effects = 0;
  r->stats.starts++;
  return say(WF_REPLAY_STARTED, text, "%s, recorded by watchfire %s", r->start.config.exchange.nation.code,
             r->start.version);
}

static const char *input_name(uint32_t kind) {
  static const char *const exchange[] = {"start",  "restore",   "tick",         "link up", "link down", "frame",
                                         "credit", "signature", "verification", "stored",  "fetched",   "publication", "membership"};
  static const char *const own[] = {"?", "sensor datagram", "decision", "policy", "advance", "test data", "report", "notice",
                                    "action"};
  if (kind >= 256) return kind - 256 < sizeof exchange / sizeof exchange[0] ? exchange[kind - 256] : "?";
  return kind < sizeof own / sizeof own[0] ? own[kind] : "?";
}

static wf_replay_result input(wf_replay *r, const wf_journal_frame *frame, char *text) {
  wf_journal_input_frame f;
  if (wf_journal_decode_input(frame->payload, &r->policy, &f) != WF_OK)
    return say(WF_REPLAY_BAD, text, "offset %zu: an input that cannot be", frame->offset);
  if (r->node == NULL) return say(WF_REPLAY_BAD, text, "offset %zu: an input before any start", frame->offset);
  if (f.effects != r->effects) {
    char what[160];
    snprintf(what, sizeof what, "the effects of the %s before offset %zu differ", input_name(r->last_input),
             frame->offset);
    r->effects = f.effects;  // named once: from here on compared anew
    r->reader.offset = frame->offset;
    return different(r, text, what);
  }
  r->at = f.now.wall;
  r->last_input = f.input.kind == WF_IN_EXCHANGE ? 256 + (uint32_t)f.input.exchange.kind : (uint32_t)f.input.kind;
  wf_node_step(r->node, f.now, &f.input);
  wf_effect effect;
  while (wf_node_effect_next(r->node, &effect)) {
    r->effects = journal_fold_effect(r->effects, &effect);
    if (r->effect != NULL) r->effect(r->context, r->at, &effect);
  }
  r->steps++;
  r->stats.steps++;
  return WF_REPLAY_STEPPED;
}

// The first track, by number, that is not the same in both; 0 when those stated are.
static uint64_t first_track(const wf_journal_mark *was, const wf_journal_mark *is) {
  uint32_t i = 0;
  while (i < was->track_count && i < is->track_count && was->track[i].number == is->track[i].number &&
         was->track[i].hash == is->track[i].hash)
    i++;
  if (i == was->track_count && i == is->track_count) return 0;
  if (i == was->track_count) return is->track[i].number;
  if (i == is->track_count || was->track[i].number <= is->track[i].number) return was->track[i].number;
  return is->track[i].number;
}

static const char *compare(const wf_replay *r, const wf_journal_mark *was, const wf_journal_mark *is, char what[160]) {
  if (was->steps != is->steps) return "steps are missing or too many";
  if (was->effects != is->effects) {
    snprintf(what, 160, "the effects of the %s differ", input_name(r->last_input));
    return what;
  }
  if (was->share_count != is->share_count) return "the audiences differ";
  if (memcmp(was->national, is->national, WF_DIGEST_SIZE) != 0) {
    const uint64_t number = first_track(was, is);
    const wf_common_track *t = number != 0 ? wf_picture_find(wf_node_picture(r->node), number) : NULL;
    snprintf(what, 160, "the national picture differs, first in track %s (%016llx)", t != NULL ? t->label : "?",
             (unsigned long long)number);
    return what;
  }
  for (uint32_t i = 0; i < was->share_count; i++)
    if (memcmp(was->common[i], is->common[i], WF_DIGEST_SIZE) != 0) return "the common picture differs";
  if (was->products != is->products) return "the products differ";
  return was->states != is->states ? "what screens show of the picture differs" : NULL;
}

static wf_replay_result mark(wf_replay *r, const wf_journal_frame *frame, char *text) {
  wf_journal_mark was, is;
  char what[160];
  if (wf_journal_decode_mark(frame->payload, &was) != WF_OK || r->node == NULL)
    return say(WF_REPLAY_BAD, text, "offset %zu: a mark that cannot be", frame->offset);
  journal_mark_of(r->node, r->steps, r->effects, &is);
  r->stats.marks++;
  const char *wrong = compare(r, &was, &is, what);
  r->effects = was.effects;
  return wrong == NULL ? WF_REPLAY_MARKED : different(r, text, wrong);
}

wf_replay_result wf_replay_next(wf_replay *r, char text[WF_JOURNAL_TEXT_SIZE]) {
  wf_journal_frame frame;
  text[0] = '\0';
  const wf_status status = wf_journal_read(&r->reader, &frame);
  if (status == WF_ENOTFOUND) return say(WF_REPLAY_END, text, "the recording stops here, as if the node was killed");
  if (status != WF_OK)
    return say(WF_REPLAY_BAD, text, "offset %zu: cut or damaged; nothing after it can be replayed", frame.offset);
  switch (frame.kind) {
    case WF_JOURNAL_START:
      return start(r, &frame, text);
    case WF_JOURNAL_INPUT:
      return input(r, &frame, text);
    case WF_JOURNAL_MARK:
      return mark(r, &frame, text);
    case WF_JOURNAL_END:
      break;
  }
  return say(WF_REPLAY_END, text, "%.*s", (int)(frame.payload.size < 200 ? frame.payload.size : 200),
             (const char *)frame.payload.data);
}
