// Products: proposed by a rule, released by people or by policy, settled when something newer says it better.
#include <string.h>

#include "inside.h"

#define LIVES_S 600.0
#define LIVES_PAST_IMPACT_S 600.0

static size_t first_kept(const wf_warn *w) {
  return w->product_count > w->config.products_max ? w->product_count - w->config.products_max : 0;
}
static wf_product *slot(const wf_warn *w, size_t index) {
  return &w->products[index % w->config.products_max];
}

size_t wf_warn_count(const wf_warn *w) {
  return w->product_count;
}
size_t wf_warn_first(const wf_warn *w) {
  return first_kept(w);
}
const wf_product *wf_warn_at(const wf_warn *w, size_t index) {
  return index < w->product_count && index >= first_kept(w) ? slot(w, index) : NULL;
}

wf_product *warn_product_find(const wf_warn *w, uint64_t id) {
  for (size_t i = w->product_count; i > first_kept(w); i--)
    if (slot(w, i - 1)->id == id) return slot(w, i - 1);
  return NULL;
}
const wf_product *wf_warn_find(const wf_warn *w, uint64_t id) {
  return warn_product_find(w, id);
}

bool warn_is_open(const wf_product *p) {
  return p->state == WF_PRODUCT_PROPOSED || p->state == WF_PRODUCT_FIRST_CONFIRMED;
}

void warn_settle(wf_warn *w, wf_product *p, wf_product_state state) {
  warn_event *e = warn_event_find(w, p->event);
  if (warn_is_open(p) && e != NULL && e->open > 0) e->open--;
  p->state = (uint8_t)state;
}

// Open proposals of an event older than product `before`; stage 0 is any stage, half-confirmed ones only with `all`.
static void supersede(wf_warn *w, uint64_t event, const wf_product *before, uint8_t stage, bool all) {
  for (size_t i = first_kept(w); i < w->product_count && slot(w, i) != before; i++) {
    wf_product *p = slot(w, i);
    if (p->event != event || (stage != 0 && p->stage != stage)) continue;
    if (p->state == WF_PRODUCT_PROPOSED || (all && warn_is_open(p))) warn_settle(w, p, WF_PRODUCT_SUPERSEDED);
  }
}

void warn_close(wf_warn *w, warn_event *e) {
  e->closed = true;
  supersede(w, e->event, NULL, 0, true);
}

// It flies although the all-clear was proposed, or even given: everything is told anew.
void warn_reopen(wf_warn *w, warn_event *e) {
  supersede(w, e->event, NULL, WF_STAGE_ALL_CLEAR, true);
  e->closed = false;
  memset(e->told, 0, sizeof e->told);
}

static wf_time expiry(const warn_event *e, wf_time now) {
  const wf_time soon = wf_time_add_s(now, LIVES_S), past = wf_time_add_s(e->latest, LIVES_PAST_IMPACT_S);
  return e->had_area && wf_time_before(soon, past) ? past : soon;
}

static void refer(wf_product *p, const warn_event *e) {
  p->supersedes = e->released;
  p->supersedes_sent = e->released_at;
}

static uint64_t new_id(const wf_warn *w, const warn_event *e, wf_time now, uint8_t rule) {
  uint64_t id = wf_mix64(e->event ^ wf_mix64((uint64_t)now.ns ^ wf_mix64(((uint64_t)rule << 32) | w->product_count)));
  for (int i = 0; i < 3; i++) id = wf_mix64(id ^ (uint64_t)(unsigned char)w->config.nation.code[i]);
  return id != 0 ? id : 1;
}

static void fill(const wf_warn *w, wf_product *p, const warn_event *e, wf_time now, uint8_t rule, uint8_t stage) {
  *p = (wf_product){.id = new_id(w, e, now, rule),
                    .event = e->event,
                    .stage = stage,
                    .rule = rule,
                    .state = WF_PRODUCT_PROPOSED,
                    .mode = w->config.mode,
                    .issuer = w->config.nation,
                    .proposed_at = now,
                    .expires = expiry(e, now),
                    .launch = e->launch,
                    .sources = e->sources,
                    .single_source = e->single_source};
  memcpy(p->label, e->label, sizeof p->label);
  if (stage != WF_STAGE_LAUNCH_NOTICE && e->had_area) p->impact = e->area;
  refer(p, e);
  if (stage < WF_STAGE_THREATENED_AREAS) return;
  p->area_count = e->threatened_count;
  memcpy(p->area, e->threatened, e->threatened_count * sizeof p->area[0]);
}

static void mark_told(wf_warn *w, warn_event *e, const wf_product *p) {
  uint8_t *marks = warn_marks_of(w, e);
  e->told[p->stage] = true;
  if (p->stage == WF_STAGE_AREA) e->told_area = e->area;
  if (p->stage == WF_STAGE_IMMINENT) e->told[WF_STAGE_THREATENED_AREAS] = true;
  if (p->stage < WF_STAGE_THREATENED_AREAS || p->stage > WF_STAGE_LOST_TRACK) return;
  e->news = false;
  for (size_t i = 0; i < w->area_count; i++)
    for (size_t k = 0; k < p->area_count; k++)
      if (strncmp(p->area[k].code, w->areas[i].code, WF_AREA_CODE_SIZE) == 0) marks[i] |= WARN_MARK_TOLD;
}

void warn_propose(wf_warn *w, warn_event *e, wf_time now, const warn_rule *rule) {
  const uint8_t stage = rule->stage != 0 ? rule->stage : e->released_stage;
  if (stage == WF_STAGE_ALL_CLEAR && e->released == 0) {  // nobody was told anything that could be taken back
    warn_close(w, e);
    return;
  }
  wf_product *p = slot(w, w->product_count);
  if (w->product_count >= w->config.products_max && warn_is_open(p)) {
    w->stats.open_forgotten++;
    warn_settle(w, p, WF_PRODUCT_SUPERSEDED);
  }
  fill(w, p, e, now, rule->number, stage);
  w->product_count++;
  e->open++;
  // A second version of the same stage replaces the first, but not under the hands of who waits for the second person.
  supersede(w, e->event, p, stage, false);
  mark_told(w, e, p);
  if (!w->config.automatic[stage]) return;
  strcpy(p->first_operator, "policy");
  warn_release(w, p, now);
}

void warn_release(wf_warn *w, wf_product *p, wf_time now) {
  warn_event *e = warn_event_find(w, p->event);
  warn_settle(w, p, WF_PRODUCT_RELEASED);
  p->released_at = now;
  if (e == NULL) return;
  refer(p, e);
  if (wf_time_diff_s(p->expires, now) < LIVES_S / 2) p->expires = expiry(e, now);
  e->released = p->id;
  e->released_at = now;
  e->released_expires = p->expires;
  e->released_stage = p->stage;
  // Older proposals say less than this one; but what a lost track or a correction leaves open is still to be decided.
  if (p->stage != WF_STAGE_LOST_TRACK && p->stage != WF_STAGE_CORRECTION) supersede(w, p->event, p, 0, true);
  if (p->stage == WF_STAGE_ALL_CLEAR) warn_close(w, e);
}

wf_status warn_take_over(wf_warn *w, warn_event *e, const wf_product *released) {
  wf_product *p = slot(w, w->product_count++);
  *p = *released;
  e->released = p->id;
  e->released_at = p->released_at;
  e->released_expires = p->expires;
  e->released_stage = p->stage;
  if (p->impact.valid) {
    e->area = e->told_area = p->impact;
    e->had_area = true;
    e->latest = warn_latest(&p->impact);
  }
  for (int s = WF_STAGE_LAUNCH_NOTICE; s <= p->stage && s <= WF_STAGE_IMMINENT; s++) e->told[s] = true;
  mark_told(w, e, p);
  supersede(w, e->event, p, 0, false);
  if (p->stage == WF_STAGE_ALL_CLEAR) warn_close(w, e);
  return WF_OK;
}

// A proposal that nobody took up is not dropped while its event is open.
void warn_lapse(wf_warn *w, wf_time now) {
  for (size_t i = first_kept(w); i < w->product_count; i++) {
    wf_product *p = slot(w, i);
    if (!warn_is_open(p) || wf_time_before(now, p->expires)) continue;
    const warn_event *e = warn_event_find(w, p->event);
    if (e != NULL && !e->closed)
      p->expires = expiry(e, now);
    else
      warn_settle(w, p, WF_PRODUCT_SUPERSEDED);
  }
}
