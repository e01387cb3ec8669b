// What the storm has exercised, counted: so one sees that it goes everywhere.
#include "storm_check.h"

enum {
  AT_ALARMS = WF_STORM_FAULT_KINDS,
  AT_FRAMES = AT_ALARMS + WF_ALARM_KIND_COUNT,
  FRAME_KINDS = WF_FRAME_SEAL + 1,
  AT_BYES = AT_FRAMES + FRAME_KINDS,
  AT_REST = AT_BYES + WF_BYE_REASON_COUNT
};
typedef enum rest {
  LIVE_FROM_ORIGIN,
  LIVE_PASSED_ON,
  BACKFILL_FROM_ORIGIN,
  BACKFILL_PASSED_ON,
  ENDS_STATED,
  SAID_NOT_DURABLE,
  EPOCHS_BEGUN,
  FETCHES,
  DELIVERED,
  RETRACTED,
  ASIDE,
  REST_COUNT
} rest;
static const char *const REST[REST_COUNT] = {
    [LIVE_FROM_ORIGIN] = "bundle live from its origin",
    [LIVE_PASSED_ON] = "bundle live, passed on",
    [BACKFILL_FROM_ORIGIN] = "bundle asked for, from its origin",
    [BACKFILL_PASSED_ON] = "bundle asked for, from another",
    [ENDS_STATED] = "bundle states the end of an epoch",
    [SAID_NOT_DURABLE] = "bundle says: not durable",
    [EPOCHS_BEGUN] = "epoch begun",
    [FETCHES] = "read back from the store",
    [DELIVERED] = "record delivered (bare)",
    [RETRACTED] = "record retracted (bare)",
    [ASIDE] = "record set aside (bare)",
};
_Static_assert(AT_REST + REST_COUNT <= WF_STORM_COVER_MAX, "room for every count");

static const char *frame_name(size_t kind) {
  static const char *const names[FRAME_KINDS] = {"frame unknown", "frame hello", "frame have", "frame deliver",
                                                 "frame want",    "frame ack",   "frame ping", "frame pong",
                                                 "frame bye",     "frame relay", "frame part", "frame seal"};
  return names[kind];
}

const char *wf_storm_cover_name(size_t i) {
  if (i < AT_ALARMS) return wf_storm_fault_name((wf_storm_fault_kind)i);
  if (i < AT_FRAMES) return wf_alarm_name((wf_alarm_kind)(i - AT_ALARMS));
  if (i < AT_BYES) return frame_name(i - AT_FRAMES);
  if (i < AT_REST) return wf_bye_name((wf_bye_reason)(i - AT_BYES));
  return i < AT_REST + REST_COUNT ? REST[i - AT_REST] : NULL;
}

static void count(storm_check *c, rest what) {
  c->coverage.count[AT_REST + what]++;
}

static void count_alarm(storm_check *c, wf_alarm_kind alarm) {
  if ((unsigned)alarm < WF_ALARM_KIND_COUNT) c->coverage.count[AT_ALARMS + (int)alarm]++;
}

void storm_cover_effect(storm_check *c, uint32_t node, const wf_effect *effect) {
  if (effect->kind == WF_OUT_ALARM) count_alarm(c, effect->alarm);
  if (effect->kind != WF_OUT_EXCHANGE) return;
  switch (effect->exchange.kind) {
    case WF_XE_ALARM:
      count_alarm(c, effect->exchange.alarm);
      break;
    case WF_XE_EPOCH:
      count(c, EPOCHS_BEGUN);
      break;
    case WF_XE_FETCH:
      count(c, FETCHES);
      break;
    case WF_XE_DELIVER:
      count(c, DELIVERED);
      break;
    case WF_XE_RETRACT:
      count(c, RETRACTED);
      break;
    case WF_XE_ASIDE:
      count(c, ASIDE);
      break;
    default:
      break;
  }
}

void storm_cover_frame(storm_check *c, wf_frame_kind kind) {
  if ((unsigned)kind < FRAME_KINDS) c->coverage.count[AT_FRAMES + (int)kind]++;
  if (kind == WF_FRAME_BYE && (unsigned)c->frame->bye.reason < WF_BYE_REASON_COUNT)
    c->coverage.count[AT_BYES + (int)c->frame->bye.reason]++;
}

void storm_cover_deliver(storm_check *c, const wf_deliver *deliver, const wf_bundle *bundle) {
  wf_record_view record;
  size_t at = 0;
  if (deliver->relayed)
    count(c, deliver->backfill ? BACKFILL_PASSED_ON : LIVE_PASSED_ON);
  else
    count(c, deliver->backfill ? BACKFILL_FROM_ORIGIN : LIVE_FROM_ORIGIN);
  if (bundle->end_count > 0) count(c, ENDS_STATED);
  if (wf_bundle_next(bundle, &at, &record) && (record.flags & WF_RECORD_NOT_DURABLE)) count(c, SAID_NOT_DURABLE);
}
