#include "warn/warn.h"

#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"
#include "rules.h"
#include "warn/probability.h"

struct wf_warn {
  wf_warn_config config;
  const wf_area *areas;
  size_t area_count;
  warn_event *events;
  size_t event_count;
  wf_product *products;
  size_t product_count;
  uint64_t full;  // proposals that found no room
};

wf_warn *wf_warn_new(const wf_warn_config *config, const wf_area *areas, size_t area_count) {
  wf_warn *w = calloc(1, sizeof *w);
  if (w == NULL) return NULL;
  w->config = *config;
  w->areas = areas;
  w->area_count = area_count;
  w->events = calloc(config->events_max + 1, sizeof *w->events);
  w->products = calloc(config->products_max + 1, sizeof *w->products);
  if (w->events == NULL || w->products == NULL) {
    wf_warn_free(w);
    return NULL;
  }
  return w;
}

void wf_warn_free(wf_warn *w) {
  if (w == NULL) return;
  free(w->events);
  free(w->products);
  free(w);
}

static warn_event *event_of(wf_warn *w, uint64_t id, wf_time now) {
  for (size_t i = 0; i < w->event_count; i++)
    if (w->events[i].event == id) return &w->events[i];
  if (w->event_count >= w->config.events_max) {
    w->full++;
    return NULL;
  }
  warn_event *e = &w->events[w->event_count++];
  *e = (warn_event){.event = id, .first_seen = now};
  return e;
}

// Own areas with P above the threshold, most probable first.
static void assess_areas(const wf_warn *w, warn_event *e) {
  e->threatened_count = 0;
  if (!e->last_area.valid || e->last_area.area.semi_major_95_m >= w->config.area_max_semi_major_m) return;
  for (size_t i = 0; i < w->area_count; i++) {
    const double p = wf_warn_probability(&e->last_area.area, &w->areas[i]);
    if (p < w->config.threatened_probability) continue;
    int at = e->threatened_count < WF_PRODUCT_AREA_MAX ? e->threatened_count++ : WF_PRODUCT_AREA_MAX - 1;
    while (at > 0 && e->threatened[at - 1].probability < p) {
      e->threatened[at] = e->threatened[at - 1];
      at--;
    }
    e->threatened[at] = (struct wf_threatened){.probability = p, .earliest = warn_earliest(&e->last_area)};
    memcpy(e->threatened[at].code, w->areas[i].code, WF_AREA_CODE_SIZE);
  }
}

static void look_at(wf_warn *w, warn_event *e, wf_time now, const wf_common_track *t) {
  e->last_seen = now;
  const bool lost = t->track.life == WF_LIFE_LOST;
  if (!lost) {
    e->lost_since.ns = 0;
    e->told[WF_STAGE_LOST_TRACK] = false;  // found again: a second loss is told again
  } else if (e->lost_since.ns == 0) {
    e->lost_since = now;
  }
  if (!t->impact.valid) return;
  // The same prediction needs no new assessment.
  const bool same = e->last_area.valid && memcmp(&e->last_area.area, &t->impact.area, sizeof e->last_area.area) == 0;
  e->last_area = t->impact;
  e->had_area = true;
  if (!same) assess_areas(w, e);
}

static bool sees_alone(const wf_common_track *t) {
  return t->contributor_count == 1;
}

static void fill(const wf_warn *w, wf_product *p, const warn_event *e, wf_time now, const wf_common_track *t,
                 const warn_rule *rule) {
  *p = (wf_product){.event = e->event,
                    .stage = (uint8_t)rule->stage,
                    .rule = rule->number,
                    .state = WF_PRODUCT_PROPOSED,
                    .mode = w->config.mode,
                    .issuer = w->config.nation,
                    .proposed_at = now,
                    .supersedes = e->newest_product,
                    .launch = t->track.launch,
                    .impact = e->last_area,
                    .sources = t->track.sources,
                    .single_source = sees_alone(t)};
  memcpy(p->label, t->label, sizeof p->label);
  // The event, the rule and the count make the id: the same at each replay.
  p->id = wf_mix64(e->event ^ wf_mix64(((uint64_t)rule->number << 32) | (uint64_t)w->product_count));
  p->expires = wf_time_add_s(now, 600.0);
  if (e->last_area.valid && wf_time_before(p->expires, wf_time_add_s(warn_latest(&e->last_area), 60.0)))
    p->expires = wf_time_add_s(warn_latest(&e->last_area), 60.0);
  if (rule->stage != WF_STAGE_THREATENED_AREAS && rule->stage != WF_STAGE_IMMINENT) return;
  p->area_count = e->threatened_count;
  memcpy(p->area, e->threatened, e->threatened_count * sizeof p->area[0]);
}

static void supersede(wf_warn *w, uint64_t id) {
  for (size_t i = 0; i < w->product_count; i++)
    if (w->products[i].id == id && w->products[i].state < WF_PRODUCT_RELEASED)
      w->products[i].state = WF_PRODUCT_SUPERSEDED;
}

static void propose(wf_warn *w, warn_event *e, wf_time now, const wf_common_track *t, const warn_rule *rule) {
  if (w->product_count >= w->config.products_max) {
    w->full++;
    return;
  }
  wf_product *p = &w->products[w->product_count];
  fill(w, p, e, now, t, rule);
  w->product_count++;
  // A second version of the same stage replaces a proposal nobody has released yet; other stages stand beside it.
  for (size_t i = 0; i + 1 < w->product_count; i++)
    if (w->products[i].event == e->event && w->products[i].stage == rule->stage) supersede(w, w->products[i].id);
  e->newest_product = p->id;
  e->told[rule->stage] = true;
  if (rule->stage == WF_STAGE_AREA) e->told_area = e->last_area;
  if (rule->stage == WF_STAGE_THREATENED_AREAS) e->told_threatened_count = e->threatened_count;
  if (w->config.automatic[rule->stage]) {
    p->state = WF_PRODUCT_RELEASED;
    p->released_at = now;
    strcpy(p->first_operator, "policy");
  }
}

void wf_warn_assess(wf_warn *w, wf_time now, const wf_common_track *const *tracks, size_t count) {
  for (size_t i = 0; i < count; i++) {
    warn_event *e = event_of(w, tracks[i]->event, now);
    if (e == NULL) continue;
    look_at(w, e, now, tracks[i]);
    for (int r = 0; r < WARN_RULE_COUNT; r++)
      if (WARN_RULES[r].applies(&w->config, now, e, tracks[i])) propose(w, e, now, tracks[i], &WARN_RULES[r]);
  }
}

size_t wf_warn_count(const wf_warn *w) {
  return w->product_count;
}
const wf_product *wf_warn_at(const wf_warn *w, size_t index) {
  return index < w->product_count ? &w->products[index] : NULL;
}

const wf_product *wf_warn_find(const wf_warn *w, uint64_t id) {
  for (size_t i = 0; i < w->product_count; i++)
    if (w->products[i].id == id) return &w->products[i];
  return NULL;
}

static void copy_name(char out[WF_OPERATOR_SIZE], const char *name) {
  size_t i = 0;
  for (; i + 1 < WF_OPERATOR_SIZE && name[i] != '\0'; i++) out[i] = name[i];
  out[i] = '\0';
}

static wf_status confirm(wf_product *p, wf_time now, const char *person) {
  if (p->state == WF_PRODUCT_RELEASED) return WF_EEXIST;
  if (p->state == WF_PRODUCT_PROPOSED) {
    copy_name(p->first_operator, person);
    p->state = WF_PRODUCT_FIRST_CONFIRMED;
    return WF_OK;
  }
  if (p->state != WF_PRODUCT_FIRST_CONFIRMED) return WF_EDENIED;
  char second[WF_OPERATOR_SIZE];
  copy_name(second, person);
  if (strcmp(p->first_operator, second) == 0) return WF_EDENIED;  // two different people
  memcpy(p->second_operator, second, sizeof second);
  p->state = WF_PRODUCT_RELEASED;
  p->released_at = now;
  return WF_OK;
}

wf_status wf_warn_decide(wf_warn *w, wf_time now, uint64_t product, wf_decision decision, const char *person) {
  if (person == NULL || person[0] == '\0') return WF_EDENIED;
  for (size_t i = 0; i < w->product_count; i++) {
    wf_product *p = &w->products[i];
    if (p->id != product) continue;
    if (decision == WF_DECISION_CONFIRM) return confirm(p, now, person);
    if (p->state >= WF_PRODUCT_RELEASED) return WF_EDENIED;  // what is out is corrected, not withdrawn
    p->state = WF_PRODUCT_WITHDRAWN;
    return WF_OK;
  }
  return WF_ENOTFOUND;
}
