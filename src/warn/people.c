// What people decide: two of them release, one withdraws, one asks for a correction.
#include <string.h>

#include "base/fmath.h"
#include "geo/wgs84.h"
#include "inside.h"

#define MAGNITUDE_NEW 0.3
#define PLACE_NEW_M 10e3
#define TIME_NEW_S 60.0

static bool blank(char c) {
  return c == ' ' || c == '\t';
}

// Without blanks at the ends: "ono" and "ono " are one person.
static bool copy_name(char out[WF_OPERATOR_SIZE], const char *name) {
  memset(out, 0, WF_OPERATOR_SIZE);
  while (blank(*name)) name++;
  size_t length = 0;
  for (; length + 1 < WF_OPERATOR_SIZE && name[length] != '\0'; length++) out[length] = name[length];
  while (length > 0 && blank(out[length - 1])) out[--length] = '\0';
  return length > 0;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_person(const char *a, const char *b) {
  for (int i = 0; i < WF_OPERATOR_SIZE; i++) {
    if (lower(a[i]) != lower(b[i])) return false;
    if (a[i] == '\0') return true;
  }
  return true;
}

const char *wf_role_name(wf_role role) {
  static const char *const NAMES[] = {NULL, "viewer", "watch_officer", "release_authority", "administrator"};
  return role >= WF_ROLE_VIEWER && role <= WF_ROLE_ADMINISTRATOR ? NAMES[role] : NULL;
}

static const char *const DECISIONS[] = {NULL, "confirm", "withdraw", "correct", "cancel", "keep"};

const char *wf_decision_name(wf_decision decision) {
  return decision >= WF_DECISION_CONFIRM && decision <= WF_DECISION_KEEP ? DECISIONS[decision] : "none";
}

wf_decision wf_decision_parse(const char *name) {
  for (int i = WF_DECISION_CONFIRM; i <= WF_DECISION_KEEP; i++)
    if (strcmp(name, DECISIONS[i]) == 0) return (wf_decision)i;
  return 0;
}

static wf_role role_of(const wf_warn *w, const char *name) {
  if (w->config.officer_count == 0) return WF_ROLE_RELEASE_AUTHORITY;
  for (size_t i = 0; i < w->config.officer_count; i++)
    if (same_person(w->config.officers[i].name, name)) return w->config.officers[i].role;
  return WF_ROLE_VIEWER;  // nobody we know
}

static bool may_act(wf_role role) {
  return role == WF_ROLE_WATCH_OFFICER || role == WF_ROLE_RELEASE_AUTHORITY;
}

bool wf_warn_may_act(const wf_warn *w, const char *person) {
  char name[WF_OPERATOR_SIZE];
  return person != NULL && copy_name(name, person) && may_act(role_of(w, name));
}

static void answer(wf_warn *w, const wf_product *p) {
  warn_event *e = warn_event_find(w, p->event);
  if (e != NULL && e->asked.ns != 0) e->answered = true;
}

static wf_status confirm(wf_warn *w, wf_product *p, wf_time now, const char *name) {
  if (p->state == WF_PRODUCT_RELEASED) return WF_EEXIST;
  if (!warn_is_open(p)) return WF_EDENIED;
  if (!wf_time_before(now, p->expires)) return WF_ETIME;
  if (p->stage == WF_STAGE_LOST_TRACK) answer(w, p);
  if (p->state == WF_PRODUCT_PROPOSED) {
    memcpy(p->first_operator, name, WF_OPERATOR_SIZE);
    p->state = WF_PRODUCT_FIRST_CONFIRMED;
    return WF_OK;
  }
  if (same_person(p->first_operator, name)) return WF_EDENIED;  // two different people
  // One of the two must be entitled to release.
  if (role_of(w, p->first_operator) != WF_ROLE_RELEASE_AUTHORITY && role_of(w, name) != WF_ROLE_RELEASE_AUTHORITY)
    return WF_EDENIED;
  memcpy(p->second_operator, name, WF_OPERATOR_SIZE);
  warn_release(w, p, now);
  return WF_OK;
}

static wf_status withdraw(wf_warn *w, wf_product *p, const char *name) {
  if (!warn_is_open(p)) return WF_EDENIED;  // what is out is corrected, not withdrawn
  memcpy(p->state == WF_PRODUCT_PROPOSED ? p->first_operator : p->second_operator, name, WF_OPERATOR_SIZE);
  warn_settle(w, p, WF_PRODUCT_WITHDRAWN);
  return WF_OK;
}

static const warn_rule *by_people(uint8_t stage) {
  static const warn_rule CORRECTION = {WARN_RULE_CORRECTION, WF_STAGE_CORRECTION, "a person asked for it", NULL};
  static const warn_rule CANCEL = {WARN_RULE_CANCEL, WF_STAGE_CANCEL, "a person says that it was an error", NULL};
  return stage == WF_STAGE_CANCEL ? &CANCEL : &CORRECTION;
}

// Who asks has confirmed it: the other person is all that is missing.
static wf_status ask(wf_warn *w, const wf_product *alert, uint8_t stage, wf_time now, const char *name) {
  if (alert->state != WF_PRODUCT_RELEASED) return WF_EDENIED;
  warn_event *e = warn_event_find(w, alert->event);
  if (e == NULL) return WF_ENOTFOUND;
  answer(w, alert);
  warn_propose(w, e, now, by_people(stage));
  wf_product *p = warn_newest(w);
  if (p->stage == stage && p->state == WF_PRODUCT_PROPOSED) return confirm(w, p, now, name);
  return WF_OK;
}

wf_status wf_warn_prepared(const wf_warn *w, const wf_product *alert, wf_product_stage stage, wf_product *out) {
  if (stage != WF_STAGE_CORRECTION && stage != WF_STAGE_CANCEL) return WF_EINVAL;
  const warn_event *e = warn_event_find(w, alert->event);
  if (alert->state != WF_PRODUCT_RELEASED || e == NULL) return WF_EDENIED;
  warn_fill_prepared(w, out, e, alert->released_at, (uint8_t)stage);
  return WF_OK;
}

size_t wf_warn_questions(const wf_warn *w, wf_warn_question *out, size_t cap) {
  size_t n = 0;
  for (uint32_t i = 0; i < w->event_count && n < cap; i++) {
    const warn_event *e = &w->events[i];
    if (e->closed || e->asked.ns == 0 || !e->told[WF_STAGE_LOST_TRACK]) continue;
    const double answer_s = w->config.answer_s > 0 ? w->config.answer_s : 60.0;
    out[n] = (wf_warn_question){e->event, "", e->asked, wf_time_add_s(e->asked, answer_s), e->answered, e->escalated};
    memcpy(out[n++].label, e->label, sizeof out->label);
  }
  return n;
}

wf_status wf_warn_decide(wf_warn *w, wf_time now, uint64_t product, wf_decision decision, const char *person) {
  char name[WF_OPERATOR_SIZE];
  if (person == NULL || !copy_name(name, person)) return WF_EDENIED;
  wf_product *p = warn_product_find(w, product);
  if (p == NULL) return WF_ENOTFOUND;
  if (!may_act(role_of(w, name))) return WF_EDENIED;
  switch (decision) {
    case WF_DECISION_CONFIRM:
      return confirm(w, p, now, name);
    case WF_DECISION_WITHDRAW:
      return withdraw(w, p, name);
    case WF_DECISION_CORRECT:
      return ask(w, p, WF_STAGE_CORRECTION, now, name);
    case WF_DECISION_CANCEL:
      return ask(w, p, WF_STAGE_CANCEL, now, name);
    case WF_DECISION_KEEP:
      answer(w, p);
      return WF_OK;
  }
  return WF_EINVAL;
}

// The same as was told, as far as people care.
static bool much_the_same(const wf_bulletin *a, const wf_bulletin *b) {
  const double north_m = (a->place.lat_rad - b->place.lat_rad) * WF_WGS84_A_M;
  const double east_m = wf_wrap_pi(a->place.lon_rad - b->place.lon_rad) * WF_WGS84_A_M * wf_cos(a->place.lat_rad);
  const double stronger = a->magnitude - b->magnitude;
  return a->kind == b->kind && a->possible_explosion == b->possible_explosion && a->has_magnitude == b->has_magnitude &&
         stronger < MAGNITUDE_NEW && -stronger < MAGNITUDE_NEW && wf_hypot(north_m, east_m) < PLACE_NEW_M &&
         wf_time_diff_s(a->from, b->from) < TIME_NEW_S && wf_time_diff_s(b->from, a->from) < TIME_NEW_S &&
         wf_time_diff_s(a->to, b->to) < TIME_NEW_S && wf_time_diff_s(b->to, a->to) < TIME_NEW_S;
}

wf_status wf_warn_inform(wf_warn *w, wf_time now, uint64_t event, const wf_bulletin *b) {
  static const warn_rule SEISMIC = {WARN_RULE_SEISMIC, WF_STAGE_SEISMIC, "", NULL};
  static const warn_rule NOTICE = {WARN_RULE_NOTICE, WF_STAGE_NOTICE, "", NULL};
  if ((b->kind != WF_BULLETIN_SEISMIC && b->kind != WF_BULLETIN_NOTICE) || wf_time_before(b->to, b->from))
    return WF_EINVAL;
  warn_event *e = warn_event_find(w, event);
  if (e != NULL && !warn_is_information(e)) return WF_EINVAL;  // a flight's name
  if (e == NULL && b->kind == WF_BULLETIN_SEISMIC && !b->possible_explosion) return WF_ENOTFOUND;
  if (e != NULL && (e->cancelled || much_the_same(&e->bulletin, b))) return WF_EEXIST;
  if (e == NULL) e = warn_event_of(w, event, now);
  if (e == NULL) return WF_EFULL;
  e->bulletin = *b;
  e->last_listed = now;
  e->closed = false;
  const bool nothing_more = b->kind == WF_BULLETIN_SEISMIC && !b->possible_explosion;
  if (nothing_more && e->released == 0)
    warn_close(w, e);  // it was only proposed
  else
    warn_propose(w, e, now,
                 nothing_more                     ? by_people(WF_STAGE_CORRECTION)
                 : b->kind == WF_BULLETIN_SEISMIC ? &SEISMIC
                                                  : &NOTICE);
  return WF_OK;
}

wf_status wf_warn_correct(wf_warn *w, wf_time now, uint64_t product) {
  const wf_product *p = warn_product_find(w, product);
  warn_event *e = p != NULL ? warn_event_find(w, p->event) : NULL;
  if (e == NULL) return WF_ENOTFOUND;
  if (p->state != WF_PRODUCT_RELEASED) return WF_EDENIED;
  warn_propose(w, e, now, by_people(WF_STAGE_CORRECTION));
  return WF_OK;
}

// Products of an earlier life of this node, as its own records tell them: what was told then is not told twice.
wf_status wf_warn_restore(wf_warn *w, const wf_product *p) {
  if (p->state != WF_PRODUCT_RELEASED || p->stage < WF_STAGE_LAUNCH_NOTICE || p->stage > WF_STAGE_LAST)
    return WF_EINVAL;
  if (p->mode != w->config.mode) return WF_EMODE;
  if (warn_product_find(w, p->id) != NULL) return WF_EEXIST;
  warn_event *e = warn_event_of(w, p->event, p->released_at);
  if (e == NULL) return WF_EFULL;
  return warn_take_over(w, e, p);
}
