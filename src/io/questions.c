#include "questions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "io/explain.h"

typedef struct job {
  uv_work_t work;
  wf_driver *driver;
  wf_feed_question question;
  bool log;  // else releases
  char store[WF_CONFIG_PATH_SIZE], reason[WF_IO_REASON_SIZE];
  question_keys keys;
  json_t *parameters, *body;
} job;

// ---- From the core -------------------------------------------------------------------------------------------------
static json_t *audience_json(const wf_audience *audience) {
  json_t *list = json_array();
  for (int i = 0; i < audience->count; i++) json_array_append_new(list, json_string(audience->member[i].code));
  return list;
}

static json_t *kinds_json(uint32_t kinds) {
  json_t *list = json_array();
  for (uint32_t kind = WF_RELEASE_DETECTION; kind <= WF_RELEASE_LAST; kind <<= 1)
    if (kinds & kind) json_array_append_new(list, json_string(wf_release_kind_name(kind)));
  return list;
}

static json_t *policy_json(const wf_driver *d) {
  const wf_release_policy *policy = wf_node_policy(d->node);
  const char *slash = strrchr(d->config->policy_path, '/');
  const char *file = slash != NULL ? slash + 1 : d->config->policy_path;
  json_t *rules = json_array();
  char version[20];
  for (uint32_t i = 0; i < policy->rule_count; i++)
    json_array_append_new(
        rules, json_pack("{s:s,s:o,s:o,s:o}", "name", policy->rule[i].name, "audience",
                         audience_json(&policy->rule[i].audience), "kinds", kinds_json(policy->rule[i].kinds),
                         "effects", wf_explain_effects(&policy->rule[i])));
  snprintf(version, sizeof version, "%016" PRIx64, policy->version);
  return json_pack("{s:s,s:s,s:s,s:o}", "nation", d->config->nation.code, "policy", version, "source",
                   file[0] != '\0' ? file : policy->profile, "rules", rules);
}

static bool place_of(const json_t *parameters, const char *lat, const char *lon, wf_lla *out) {
  const json_t *a = json_object_get(parameters, lat), *b = json_object_get(parameters, lon);
  if (!json_is_number(a) || !json_is_number(b)) return false;
  *out = (wf_lla){json_number_value(a) * WF_DEG, json_number_value(b) * WF_DEG, 0};
  return true;
}

// The names of the interface, which says audiences as lists.
static json_t *for_pages(json_t *answers) {
  json_t *a;
  size_t i;
  json_array_foreach(answers, i, a) {
    wf_audience to;
    if (wf_audience_parse(json_string_value(json_object_get(a, "to")), &to) == WF_OK)
      json_object_set_new(a, "to", audience_json(&to));
    json_object_set(a, "steps", json_object_get(a, "rules"));
    json_object_set(a, "effects", json_object_get(a, "fields"));
    json_object_del(a, "rules");
    json_object_del(a, "fields");
  }
  return json_pack("{s:o}", "answers", answers);
}

static json_t *explain_json(const wf_driver *d, const json_t *parameters) {
  const char *to = json_string_value(json_object_get(parameters, "to")),
             *kind = json_string_value(json_object_get(parameters, "kind"));
  wf_explain_question q = {.policy = wf_node_policy(d->node), .nation = d->config->nation};
  if (to == NULL || kind == NULL || wf_audience_parse(to, &q.to) != WF_OK || q.to.count == 0 ||
      !wf_explain_kind(kind, &q.kind))
    return NULL;
  q.partner_data = json_is_true(json_object_get(parameters, "partner_data"));
  q.context.place_known = place_of(parameters, "lat", "lon", &q.context.place);
  q.context.launch_known = place_of(parameters, "launch_lat", "launch_lon", &q.context.launch);
  return for_pages(wf_explain(&q));
}

// ---- From the disk -------------------------------------------------------------------------------------------------
static void look_up(uv_work_t *work) {
  job *j = work->data;
  j->body = j->log ? questions_log(j->store, &j->keys, j->parameters, j->reason)
                   : questions_releases(j->store, j->parameters, j->reason);
}

static void looked_up(uv_work_t *work, int status) {
  job *j = work->data;
  wf_driver *d = j->driver;
  d->questions--;
  if (d->feed == NULL)  // closing
    json_decref(j->body);
  else if (j->body != NULL)
    wf_feed_answer(d->feed, &j->question, WF_OK, "", j->body);
  else
    wf_feed_answer(d->feed, &j->question, WF_EIO, j->reason, NULL);
  json_decref(j->parameters);
  free(j);
}

static void add_key(question_keys *keys, wf_nation nation, const uint8_t *key) {
  keys->item[keys->count].nation = nation;
  memcpy(keys->item[keys->count++].key, key, WF_PKI_KEY_SIZE);
}

static void copy_keys(const wf_driver *d, question_keys *keys) {
  const uint32_t most = sizeof keys->item / sizeof keys->item[0];
  add_key(keys, d->config->nation, d->signing.public_key);
  for (uint32_t i = 0; i < d->trust_count; i++)
    for (uint32_t k = 0; k < d->trust[i].key_count && keys->count < most; k++)
      add_key(keys, d->trust[i].nation, d->trust[i].key[k]);
}

static void send_to_worker(wf_driver *d, const wf_feed_question *question, bool log, const json_t *parameters) {
  job *j = d->questions < QUESTIONS_MAX ? calloc(1, sizeof *j) : NULL;
  if (j == NULL) {
    wf_feed_answer(d->feed, question, WF_EFULL, "the node is answering as many questions as it may: ask again", NULL);
    return;
  }
  j->work.data = j;
  j->driver = d;
  j->question = *question;
  j->log = log;
  j->parameters = json_deep_copy(parameters);
  snprintf(j->store, sizeof j->store, "%s", d->config->store);
  snprintf(j->reason, sizeof j->reason, "the store cannot be read");
  copy_keys(d, &j->keys);
  d->questions++;
  if (uv_queue_work(d->loop, &j->work, look_up, looked_up) != 0) looked_up(&j->work, 0);
}

bool questions_ask(wf_driver *d, const wf_feed_question *question, const json_t *command) {
  const char *what = json_string_value(json_object_get(command, "what"));
  const json_t *parameters = json_object_get(command, "parameters");
  json_t *body = NULL;
  if (what == NULL || !json_is_object(parameters)) return false;
  if (strcmp(what, "log") == 0 || strcmp(what, "releases") == 0) {
    send_to_worker(d, question, what[0] == 'l', parameters);
    return true;
  }
  if (strcmp(what, "policy") == 0)
    body = policy_json(d);
  else if (strcmp(what, "explain") == 0)
    body = explain_json(d, parameters);
  else if (strcmp(what, "system") == 0)
    body = questions_system(d);
  else
    return false;
  wf_feed_answer(d->feed, question, body != NULL ? WF_OK : WF_EINVAL, body != NULL ? "" : "this cannot be asked so",
                 body);
  return true;
}
