// One judgement of the release in words: every rule that was looked at, the verdict, and what would be changed in each
// field. For the command line and for consoles.
#ifndef WF_IO_EXPLAIN_H
#define WF_IO_EXPLAIN_H

#include <jansson.h>

#include "release/policy.h"

typedef struct wf_explain_question {
  const wf_release_policy *policy;
  wf_nation nation;  // whose policy it is
  wf_audience to;    // of one nation: every audience of the policy it belongs to
  uint32_t kind;     // WF_RELEASE_
  bool partner_data;
  wf_release_context context;
} wf_explain_question;

// An array, one object per audience: {"kind","from","to","allowed","why","rule","rules":[…],"fields":[…],"policy"}.
json_t *wf_explain(const wf_explain_question *question);
// What a rule does to what it lets through, in words.
json_t *wf_explain_effects(const wf_release_rule *rule);
bool wf_explain_kind(const char *name, uint32_t *out);  // "tracklet" → WF_RELEASE_TRACKLET

#endif
