#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

wf_exchange_effect *effect_add(wf_exchange *x, wf_exchange_effect_kind kind) {
  if (x->effect_count == EFFECTS_MAX) return NULL;
  wf_exchange_effect *e = &x->effects[x->effect_count++];
  memset(e, 0, sizeof *e);
  e->kind = kind;
  return e;
}

uint8_t *scratch_take(wf_exchange *x, size_t size) {
  if (size > SCRATCH_BYTES - x->scratch_used) return NULL;
  uint8_t *at = x->scratch + x->scratch_used;
  x->scratch_used += size;
  return at;
}

bool effects_have_room(const wf_exchange *x, uint32_t effects, size_t bytes) {
  return EFFECTS_MAX - x->effect_count >= effects && SCRATCH_BYTES - x->scratch_used >= bytes;
}

// At most one alarm of a kind and nation per second, so that a partner gone wrong cannot drown the others: the next one
// says how many were like it.
static bool alarm_passes(wf_exchange *x, wf_alarm_kind alarm, wf_nation nation, uint64_t *held_back) {
  const uint32_t index = partner_index(x, nation);
  alarm_gate *gate = &x->alarms[alarm][index == NONE ? WF_NATION_MAX : index];
  if (gate->last_ns && x->now.mono.ns - gate->last_ns < WF_NS_PER_S) {
    gate->held_back++;
    return false;
  }
  *held_back = gate->held_back;
  *gate = (alarm_gate){.last_ns = x->now.mono.ns};
  return true;
}

void alarm_raise(wf_exchange *x, wf_alarm_kind alarm, wf_nation nation, const char *format, ...) {
  enum { SIZE = WF_REASON_SIZE + 64 };
  uint64_t held_back = 0;
  if (!alarm_passes(x, alarm, nation, &held_back)) return;
  char *text = (char *)scratch_take(x, SIZE);
  wf_exchange_effect *e = text ? effect_add(x, WF_XE_ALARM) : NULL;
  if (!e) return;
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, SIZE, format, arguments);
  va_end(arguments);
  if (held_back && length > 0 && length < SIZE)
    snprintf(text + length, (size_t)(SIZE - length), " (and %llu more)", (unsigned long long)held_back);
  e->alarm = alarm;
  e->nation = nation;
  e->text = text;
}

// One frame, already encoded, in this step's scratch memory.
void send_bytes(wf_exchange *x, uint32_t partner_index, wf_lane lane, wf_priority priority, wf_bytes frame) {
  lane_state *l = &x->partner[partner_index].lane[lane - 1];
  wf_exchange_effect *e = effect_add(x, WF_XE_SEND);
  if (!e) return;
  e->nation = x->partner[partner_index].nation;
  e->lane = lane;
  e->priority = priority;
  e->bytes = frame;
  l->credit -= l->credit < frame.size + 4 ? l->credit : frame.size + 4;
}

// Small frames only (bundles go through send_bundle): the scratch memory is trimmed to what was used.
wf_status send_frame(wf_exchange *x, uint32_t partner_index, wf_lane lane, wf_priority priority) {
  enum { ROOM = 64 * 1024 };
  if (!effects_have_room(x, 1, ROOM)) return WF_EFULL;
  uint8_t *bytes = scratch_take(x, ROOM);
  size_t length = 0;
  const wf_status status = wf_frame_encode(&x->out, bytes, ROOM, &length);
  x->scratch_used -= ROOM - length;
  if (status != WF_OK) return status;
  send_bytes(x, partner_index, lane, priority, (wf_bytes){bytes, length});
  return WF_OK;
}

const char *wf_alarm_name(wf_alarm_kind kind) {
  static const char *const name[WF_ALARM_KIND_COUNT] = {
      "none",          "equivocation",     "bad signature", "bad chain",       "mode mismatch",
      "malformed",     "outside audience", "clock",         "impossible time", "twin",
      "store failed",  "link lost",        "overload",      "picture differs", "sensor silent",
      "refused input", "store damaged",    "unattended"};
  return (unsigned)kind < WF_ALARM_KIND_COUNT ? name[kind] : name[0];
}
