// What people decide: two of them release, one withdraws, one asks for a correction.
#include <string.h>

#include "inside.h"

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

static wf_status confirm(wf_warn *w, wf_product *p, wf_time now, const char *name) {
  if (p->state == WF_PRODUCT_RELEASED) return WF_EEXIST;
  if (!warn_is_open(p)) return WF_EDENIED;
  if (!wf_time_before(now, p->expires)) return WF_ETIME;
  if (p->state == WF_PRODUCT_PROPOSED) {
    memcpy(p->first_operator, name, WF_OPERATOR_SIZE);
    p->state = WF_PRODUCT_FIRST_CONFIRMED;
    return WF_OK;
  }
  if (same_person(p->first_operator, name)) return WF_EDENIED;  // two different people
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

wf_status wf_warn_decide(wf_warn *w, wf_time now, uint64_t product, wf_decision decision, const char *person) {
  char name[WF_OPERATOR_SIZE];
  if (person == NULL || !copy_name(name, person)) return WF_EDENIED;
  wf_product *p = warn_product_find(w, product);
  if (p == NULL) return WF_ENOTFOUND;
  switch (decision) {
    case WF_DECISION_CONFIRM:
      return confirm(w, p, now, name);
    case WF_DECISION_WITHDRAW:
      return withdraw(w, p, name);
  }
  return WF_EINVAL;
}

wf_status wf_warn_correct(wf_warn *w, wf_time now, uint64_t product) {
  static const warn_rule CORRECTION = {WARN_RULE_CORRECTION, WF_STAGE_CORRECTION, "a person asked for it", NULL};
  const wf_product *p = warn_product_find(w, product);
  warn_event *e = p != NULL ? warn_event_find(w, p->event) : NULL;
  if (e == NULL) return WF_ENOTFOUND;
  if (p->state != WF_PRODUCT_RELEASED) return WF_EDENIED;
  warn_propose(w, e, now, &CORRECTION);
  return WF_OK;
}

// Products of an earlier life of this node, as its own records tell them: what was told then is not told twice.
wf_status wf_warn_restore(wf_warn *w, const wf_product *p) {
  if (p->state != WF_PRODUCT_RELEASED || p->stage < WF_STAGE_LAUNCH_NOTICE || p->stage > WF_STAGE_CORRECTION)
    return WF_EINVAL;
  if (p->mode != w->config.mode) return WF_EMODE;
  if (warn_product_find(w, p->id) != NULL) return WF_EEXIST;
  warn_event *e = warn_event_of(w, p->event, p->released_at);
  if (e == NULL) return WF_EFULL;
  return warn_take_over(w, e, p);
}
