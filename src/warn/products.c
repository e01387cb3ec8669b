// Products: proposed by a rule, released by people or by policy, settled when something newer says it better.
#include <string.h>

#include "inside.h"

#define LIVES_S 600.0
#define LIVES_PAST_IMPACT_S 600.0
#define INFORMS_S 3600.0

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

wf_product *warn_newest(const wf_warn *w) {
  return slot(w, w->product_count - 1);
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
  if (warn_is_information(e)) {
    const wf_time hour = wf_time_add_s(now, INFORMS_S);
    return wf_time_before(hour, e->bulletin.to) ? e->bulletin.to : hour;
  }
  const wf_time soon = wf_time_add_s(now, LIVES_S), past = wf_time_add_s(e->latest, LIVES_PAST_IMPACT_S);
  return e->had_area && wf_time_before(soon, past) ? past : soon;
}

// Another open event was told to this area: "all clear" there would be read as the end of that too.
static bool threatened_by_others(const wf_warn *w, const warn_event *e, size_t area) {
  for (uint32_t i = 0; i < w->event_count; i++) {
    const warn_event *o = &w->events[i];
    if (o == e || o->closed || o->told[WF_STAGE_ALL_CLEAR]) continue;
    if ((warn_marks_of(w, o)[area] & (WARN_MARK_TOLD | WARN_MARK_THREATENED)) != 0) return true;
  }
  return false;
}

// Whether an own area that was told is named in this product.
static bool concerns(const wf_warn *w, const warn_event *e, size_t area, uint8_t stage) {
  const uint8_t marks = warn_marks_of(w, e)[area];
  if (stage == WF_STAGE_PASSED)
    return warn_is_overhead(marks) && warn_is_past(e, marks, warn_pass_of(w, e, area)) &&
           !threatened_by_others(w, e, area);
  if (stage == WF_STAGE_ALL_CLEAR) return (marks & WARN_MARK_TOLD) != 0 && !threatened_by_others(w, e, area);
  // An area that is refined keeps whom it was said of before: an update that left them out would read as their end.
  return (stage != WF_STAGE_CANCEL && stage != WF_STAGE_AREA) || (marks & WARN_MARK_TOLD) != 0;
}

static size_t index_of(const wf_warn *w, const char *code) {
  size_t i = 0;
  while (i < w->area_count && strncmp(w->areas[i].code, code, WF_AREA_CODE_SIZE) != 0) i++;
  return i;
}

// The all-clear, area by area, of what no other open event threatens. False: none is free yet, so it waits.
static bool some_free(wf_warn *w, warn_event *e, uint8_t stage) {
  size_t told = 0, free_areas = 0;
  const uint8_t *marks = warn_marks_of(w, e);
  for (size_t i = 0; i < w->area_count; i++) {
    if ((marks[i] & WARN_MARK_TOLD) == 0) continue;
    told++;
    free_areas += concerns(w, e, i, stage);
  }
  e->held = told > free_areas && stage == WF_STAGE_ALL_CLEAR;
  return told == 0 || free_areas > 0;
}

static bool ends_event(const wf_product *p) {
  return p->stage == WF_STAGE_ALL_CLEAR && p->rule != WARN_RULE_OUT_OF_REACH;
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
  p->at_least = e->at_least;
  p->bulletin = e->bulletin;
  if (stage < WF_STAGE_AREA) return;
  for (size_t i = 0; i < e->threatened_count; i++) {
    const size_t area = index_of(w, e->threatened[i].code);
    if (area < w->area_count && !concerns(w, e, area, stage)) continue;
    p->area[p->area_count++] = e->threatened[i];
  }
}

static bool names_areas(uint8_t stage) {
  return (stage >= WF_STAGE_THREATENED_AREAS && stage <= WF_STAGE_LOST_TRACK) || stage == WF_STAGE_OVERFLIGHT ||
         stage == WF_STAGE_DEBRIS;
}

static void mark_told(wf_warn *w, warn_event *e, const wf_product *p) {
  uint8_t *marks = warn_marks_of(w, e);
  e->told[p->stage] = true;
  if (p->stage == WF_STAGE_AREA) {
    e->told_area = e->area;
    e->told_area_at = p->proposed_at;
  }
  if (p->stage == WF_STAGE_IMMINENT) e->told[WF_STAGE_THREATENED_AREAS] = true;
  const bool ends = p->stage == WF_STAGE_ALL_CLEAR || p->stage == WF_STAGE_PASSED;
  if (!ends && !names_areas(p->stage)) return;
  if (!ends) e->news = false;
  for (size_t k = 0; k < p->area_count; k++) {
    const size_t i = index_of(w, p->area[k].code);
    if (i == w->area_count) continue;
    if (ends)
      marks[i] = p->stage == WF_STAGE_PASSED ? WARN_MARK_PASSED : 0;
    else
      marks[i] |= WARN_MARK_TOLD | (p->area[k].threat == WF_THREAT_OVERFLIGHT ? 0 : WARN_MARK_TOLD_FALL);
  }
  if (p->stage == WF_STAGE_PASSED) e->to_pass = e->passed = 0;
}

// The flight goes on, and what comes near again is told anew.
static void forget_areas(warn_event *e) {
  e->told[WF_STAGE_ALL_CLEAR] = e->told[WF_STAGE_THREATENED_AREAS] = e->told[WF_STAGE_IMMINENT] = false;
  e->told[WF_STAGE_DEBRIS] = false;
  e->out_of_reach_since.ns = 0;
}

void warn_propose(wf_warn *w, warn_event *e, wf_time now, const warn_rule *rule) {
  const uint8_t stage = rule->stage != 0 ? rule->stage : e->released_stage;
  if (stage == WF_STAGE_ALL_CLEAR && e->released == 0) {  // nobody was told anything that could be taken back
    warn_close(w, e);
    return;
  }
  if ((stage == WF_STAGE_ALL_CLEAR || stage == WF_STAGE_PASSED) && !some_free(w, e, stage)) return;
  if (rule->number == WARN_RULE_UNANSWERED) {
    e->escalated = true;
    w->stats.escalated++;
    warn_assess_widened(w, e);
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
  if (e->held) e->told[WF_STAGE_ALL_CLEAR] = false;  // the other areas' is still to come
  if (rule->number == WARN_RULE_OUT_OF_REACH) forget_areas(e);
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
  if (p->stage == WF_STAGE_PASSED)
    supersede(w, p->event, p, WF_STAGE_OVERFLIGHT, true);
  else if (p->stage != WF_STAGE_LOST_TRACK && p->stage != WF_STAGE_CORRECTION)
    supersede(w, p->event, p, 0, true);
  if (ends_event(p) && !e->held) warn_close(w, e);
  if (p->stage != WF_STAGE_CANCEL) return;
  e->cancelled = true;
  e->cancelled_sources = e->sources;
  warn_close(w, e);
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
  e->bulletin = p->bulletin;
  if (warn_is_information(e)) {
    e->last_listed = p->released_at;
    return WF_OK;
  }
  const int least = p->stage <= WF_STAGE_CORRECTION ? p->stage : WF_STAGE_AREA;
  for (int s = WF_STAGE_LAUNCH_NOTICE; s <= least && s <= WF_STAGE_IMMINENT; s++) e->told[s] = true;
  mark_told(w, e, p);
  supersede(w, e->event, p, 0, false);
  e->cancelled = p->stage == WF_STAGE_CANCEL;
  e->cancelled_sources = p->sources;
  if (ends_event(p) || e->cancelled) warn_close(w, e);
  return WF_OK;
}

// A proposal that nobody took up is not dropped while its event is open.
void warn_lapse(wf_warn *w, wf_time now) {
  for (size_t i = first_kept(w); i < w->product_count; i++) {
    wf_product *p = slot(w, i);
    if (!warn_is_open(p) || wf_time_before(now, p->expires)) continue;
    const warn_event *e = warn_event_find(w, p->event);
    if (e != NULL && !e->closed && !warn_is_information(e))
      p->expires = expiry(e, now);
    else
      warn_settle(w, p, WF_PRODUCT_SUPERSEDED);
  }
}

static wf_time earliest_of(const warn_event *e) {
  const wf_time fall = e->had_area ? warn_earliest(&e->area) : (wf_time){INT64_MAX};
  return e->next_passing.ns != 0 && wf_time_before(e->next_passing, fall) ? e->next_passing : fall;
}

// The pre-delegated fallback: nobody answered, and it is near.
void warn_delegate(wf_warn *w, wf_time now) {
  for (size_t i = first_kept(w); i < w->product_count; i++) {
    wf_product *p = slot(w, i);
    if (!warn_is_open(p) || !w->config.delegated[p->stage]) continue;
    const warn_event *e = warn_event_find(w, p->event);
    if (e == NULL || wf_time_diff_s(now, p->proposed_at) < w->config.delegate_after_s) continue;
    if (wf_time_diff_s(earliest_of(e), now) > w->config.delegate_within_s) continue;
    if (p->first_operator[0] == '\0') strcpy(p->first_operator, "delegated");
    strcpy(p->second_operator, "delegated");
    w->stats.delegated++;
    warn_release(w, p, now);
  }
}

void warn_fill_prepared(const wf_warn *w, wf_product *p, const warn_event *e, wf_time now, uint8_t stage) {
  fill(w, p, e, now, stage == WF_STAGE_CANCEL ? WARN_RULE_CANCEL : WARN_RULE_CORRECTION, stage);
}
