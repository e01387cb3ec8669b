// One partner's connections: hello, heartbeat, bye. docs/protocol.md draws the states.
#include <stdio.h>
#include <string.h>

#include "internal.h"

#define HELLO_WITHIN_NS (5 * WF_NS_PER_S)

static void send_hello(wf_exchange *x, uint32_t index, wf_lane lane) {
  x->out.kind = WF_FRAME_HELLO;
  x->out.hello = (wf_hello){.version = WF_PROTOCOL_VERSION,
                            .version_min = WF_PROTOCOL_VERSION_MIN,
                            .mode = x->config.mode,
                            .nation = x->config.nation,
                            .writer = x->config.writer,
                            .lane = lane,
                            .wall = x->now.wall,
                            .boot = x->config.boot,
                            .epoch = x->epoch};
  send_frame(x, index, lane, WF_PRIORITY_WARNING);
}

// A session is what the alert lane carries: it begins with its hello and ends with it.
static void session_begin(wf_exchange *x, uint32_t index) {
  partner *p = &x->partner[index];
  p->live = true;
  p->heard_live = false;
  p->linked_count = 0;
  p->asked = (wf_relay){0};
  p->heard_data_ns = x->now.mono.ns;
  memset(p->passes_on, 0, sizeof p->passes_on);
  clock_reset(&p->clock);
  queue_clear(x, index);
  serve_session_end(x, index);
  have_session_start(x, index);
  serve_evidence(x, index);
  fork_session_start(x, index);
  relay_choose(x);
}

static void session_end(wf_exchange *x, uint32_t index, const char *why) {
  partner *p = &x->partner[index];
  if (!p->live) return;
  p->live = false;
  for (int lane = WF_LANE_ALERT; lane <= WF_LANE_BULK; lane++) {
    publish_lane_down(x, index, (wf_lane)lane);
    early_lane_down(x, index, (wf_lane)lane);
  }
  p->wanted = (wf_relay){0};
  queue_clear(x, index);
  serve_session_end(x, index);
  want_session_end(x, index);
  relay_choose(x);
  alarm_raise(x, WF_ALARM_LINK_LOST, p->nation, "the link to %s is down: %s", p->nation.code, why);
}

wf_status link_up(wf_exchange *x, uint32_t index, wf_lane lane) {
  partner *p = &x->partner[index];
  if (p->lane[lane - 1].up) link_down(x, index, lane);  // a new connection takes the old one's place
  p->lane[lane - 1] = (lane_state){.up = true, .up_ns = x->now.mono.ns, .heard_ns = x->now.mono.ns};
  if (p->membership != WF_MEMBER) {
    link_close(x, index, lane, p->membership == WF_MEMBER_REVOKED ? WF_BYE_REVOKED : WF_BYE_SUSPENDED,
               "your nation is no member here");
    return WF_OK;
  }
  send_hello(x, index, lane);
  return WF_OK;
}

wf_status link_down(wf_exchange *x, uint32_t index, wf_lane lane) {
  x->partner[index].lane[lane - 1] = (lane_state){0};
  if (lane == WF_LANE_ALERT) session_end(x, index, "disconnected");
  publish_lane_down(x, index, lane);
  early_lane_down(x, index, lane);
  return WF_OK;
}

void link_close(wf_exchange *x, uint32_t index, wf_lane lane, wf_bye_reason reason, const char *text) {
  partner *p = &x->partner[index];
  lane_state *l = &p->lane[lane - 1];
  if (!l->up || l->closing) return;
  x->out.kind = WF_FRAME_BYE;
  x->out.bye.reason = reason;
  snprintf(x->out.bye.text, sizeof x->out.bye.text, "%s", text);
  send_frame(x, index, lane, WF_PRIORITY_WARNING);
  l->closing = true;
  if (lane == WF_LANE_ALERT) session_end(x, index, text);
  publish_lane_down(x, index, lane);
  early_lane_down(x, index, lane);
  char *kept = (char *)scratch_take(x, WF_BYE_TEXT_SIZE);
  wf_exchange_effect *out = kept ? effect_add(x, WF_XE_CLOSE) : NULL;
  if (!out) return;
  snprintf(kept, WF_BYE_TEXT_SIZE, "%s: %s", wf_bye_name(reason), text);
  out->nation = p->nation;
  out->lane = lane;
  out->text = kept;
}

static wf_status refuse_link(wf_exchange *x, uint32_t index, wf_lane lane, wf_alarm_kind alarm, wf_bye_reason reason,
                             const char *text) {
  alarm_raise(x, alarm, x->partner[index].nation, "%s: %s", x->partner[index].nation.code, text);
  link_close(x, index, lane, reason, text);
  return WF_OK;
}

// A start number that comes back after another one was seen: two nodes take turns under one name.
static bool boot_returns(partner *p, uint64_t boot) {
  enum { N = sizeof p->boots / sizeof p->boots[0] };
  if (p->boots[0] == boot) return false;
  bool seen = false;
  for (int i = 1; i < N; i++) seen = seen || p->boots[i] == boot;
  memmove(&p->boots[1], &p->boots[0], (N - 1) * sizeof p->boots[0]);
  p->boots[0] = boot;
  return seen && boot != 0;
}

static wf_status hello_received(wf_exchange *x, uint32_t index, wf_lane lane, const wf_hello *h) {
  partner *p = &x->partner[index];
  lane_state *l = &p->lane[lane - 1];
  if (l->greeted) return refuse_link(x, index, lane, WF_ALARM_MALFORMED, WF_BYE_ORDER, "a second hello");
  if (h->mode != x->config.mode)
    return refuse_link(x, index, lane, WF_ALARM_MODE_MISMATCH, WF_BYE_MODE, "another mode");
  if (same_nation(h->nation, x->config.nation) && h->writer == x->config.writer)
    return refuse_link(x, index, lane, WF_ALARM_TWIN, WF_BYE_TWIN, "a second node with this node's name");
  if (!same_nation(h->nation, p->nation))
    return refuse_link(x, index, lane, WF_ALARM_MALFORMED, WF_BYE_IDENTITY, "not the nation of its certificate");
  if (h->lane != lane) return refuse_link(x, index, lane, WF_ALARM_MALFORMED, WF_BYE_ORDER, "another lane");
  if (h->version < WF_PROTOCOL_VERSION_MIN || h->version_min > WF_PROTOCOL_VERSION)
    return refuse_link(x, index, lane, WF_ALARM_REFUSED_INPUT, WF_BYE_VERSION, "no common version");
  if (boot_returns(p, h->boot)) alarm_raise(x, WF_ALARM_TWIN, p->nation, "two nodes take turns as %s", p->nation.code);
  l->greeted = true;
  l->boot = h->boot;
  if (lane == WF_LANE_ALERT) p->version = h->version < WF_PROTOCOL_VERSION ? h->version : WF_PROTOCOL_VERSION;
  l->ping_sent_ns = x->now.mono.ns - x->config.heartbeat_ns;
  if (lane == WF_LANE_ALERT)
    session_begin(x, index);
  else
    have_tell_bulk(x, index);
  return WF_OK;
}

static void ping_received(wf_exchange *x, uint32_t index, wf_lane lane, const wf_ping *ping) {
  partner *p = &x->partner[index];
  lane_state *l = &p->lane[lane - 1];
  l->pong_due = true;
  l->pong = (wf_pong){ping->id, ping->sent_mono_ns, x->now.wall, {0}};
  if (lane != WF_LANE_ALERT) return;
  p->linked_count = ping->linked_count;
  memcpy(p->linked, ping->linked, sizeof p->linked);
  relay_choose(x);
}

static wf_status dispatch(wf_exchange *x, uint32_t index, wf_lane lane) {
  const wf_frame *f = &x->in;
  switch (f->kind) {
    case WF_FRAME_HAVE:
      return have_received(x, index, &f->have, false);
    case WF_FRAME_ACK:
      return have_received(x, index, &f->have, true);
    case WF_FRAME_DELIVER:
      return receive_bundle(x, index, &f->deliver, NULL);
    case WF_FRAME_PART:
      return early_part(x, index, lane, &f->part);
    case WF_FRAME_SEAL:
      return early_seal(x, index, lane, &f->seal);
    case WF_FRAME_WANT:
      return serve_want(x, index, &f->want);
    case WF_FRAME_PING:
      ping_received(x, index, lane, &f->ping);
      return WF_OK;
    case WF_FRAME_PONG:
      if (lane == WF_LANE_ALERT) clock_pong(x, index, &f->pong);
      return WF_OK;
    case WF_FRAME_RELAY:
      relay_received(x, index, &f->relay);
      return WF_OK;
    case WF_FRAME_BYE:
      link_close(x, index, lane, WF_BYE_NORMAL, f->bye.text[0] ? f->bye.text : wf_bye_name(f->bye.reason));
      return WF_OK;
    default:
      return WF_OK;  // a newer version's frame
  }
}

wf_status link_frame(wf_exchange *x, uint32_t index, wf_lane lane, wf_bytes bytes) {
  partner *p = &x->partner[index];
  lane_state *l = &p->lane[lane - 1];
  if (!l->up || l->closing) return WF_OK;  // what was under way when the link was closed
  l->heard_ns = x->now.mono.ns;
  p->last_heard_wall = x->now.wall;
  wf_status status = wf_frame_decode(bytes, &x->in, x->reason);
  if (status != WF_OK) return refuse_link(x, index, lane, WF_ALARM_MALFORMED, WF_BYE_MALFORMED, x->reason);
  if (x->in.kind == WF_FRAME_HELLO) return hello_received(x, index, lane, &x->in.hello);
  if (x->in.kind == WF_FRAME_BYE) return dispatch(x, index, lane);
  if (!l->greeted) return refuse_link(x, index, lane, WF_ALARM_MALFORMED, WF_BYE_ORDER, "no hello");
  if (!p->live) return WF_OK;  // the bulk lane alone carries nothing
  if (lane == WF_LANE_ALERT) p->heard_live = true;
  status = dispatch(x, index, lane);
  if (status == WF_EFORMAT) return refuse_link(x, index, lane, WF_ALARM_MALFORMED, WF_BYE_MALFORMED, x->reason);
  if (status == WF_EMODE) link_close(x, index, lane, WF_BYE_MODE, "another mode");
  return status;
}

void session_tick(wf_exchange *x) {
  for (uint32_t i = 0; i < x->partner_count; i++)
    for (int k = 0; k < 2; k++) {
      const lane_state *l = &x->partner[i].lane[k];
      if (!l->up || l->closing) continue;
      const int64_t quiet_ns = x->now.mono.ns - l->heard_ns;
      if (l->greeted && quiet_ns > x->config.dead_after_ns)
        link_close(x, i, (wf_lane)(k + 1), WF_BYE_SILENT, "silent for too long");
      else if (!l->greeted && x->now.mono.ns - l->up_ns > HELLO_WITHIN_NS)
        link_close(x, i, (wf_lane)(k + 1), WF_BYE_SILENT, "no hello");
    }
}

static void send_ping(wf_exchange *x, uint32_t index, wf_lane lane) {
  partner *p = &x->partner[index];
  wf_ping *ping = &x->out.ping;
  x->out.kind = WF_FRAME_PING;
  *ping = (wf_ping){0};
  if (lane == WF_LANE_ALERT) {
    clock_ping(x, p, ping);
    for (uint32_t i = 0; i < x->partner_count; i++)
      if (x->partner[i].live) ping->linked[ping->linked_count++] = x->partner[i].nation;
  }
  if (send_frame(x, index, lane, WF_PRIORITY_WARNING) == WF_OK) p->lane[lane - 1].ping_sent_ns = x->now.mono.ns;
}

void session_control(wf_exchange *x, uint32_t index) {
  for (int k = 0; k < 2; k++) {
    lane_state *l = &x->partner[index].lane[k];
    if (!l->up || !l->greeted || l->closing || l->credit == 0) continue;
    if (l->pong_due) {
      x->out.kind = WF_FRAME_PONG;
      x->out.pong = l->pong;
      x->out.pong.replied_wall = x->now.wall;
      if (send_frame(x, index, (wf_lane)(k + 1), WF_PRIORITY_WARNING) == WF_OK) l->pong_due = false;
    }
    if (x->now.mono.ns - l->ping_sent_ns >= x->config.heartbeat_ns) send_ping(x, index, (wf_lane)(k + 1));
  }
}
