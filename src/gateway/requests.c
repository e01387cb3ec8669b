#include "requests.h"

#include <stdio.h>
#include <string.h>

static wf_gateway_request *find(wf_gateway_requests *requests, const char *key) {
  for (size_t i = 0; i < WF_GATEWAY_REQUEST_MAX; i++) {
    wf_gateway_request *entry = &requests->entry[i];
    if (entry->state != WF_GATEWAY_REQUEST_FREE && strcmp(entry->command.request, key) == 0) return entry;
  }
  return NULL;
}

void wf_gateway_request_free(wf_gateway_request *request) {
  wf_gateway_text_unref(request->answer.body);
  *request = (wf_gateway_request){0};
}

void wf_gateway_requests_clear(wf_gateway_requests *requests) {
  for (size_t i = 0; i < WF_GATEWAY_REQUEST_MAX; i++) wf_gateway_request_free(&requests->entry[i]);
}

// A free entry, else the longest answered one.
static wf_gateway_request *room(wf_gateway_requests *requests) {
  wf_gateway_request *oldest = NULL;
  for (size_t i = 0; i < WF_GATEWAY_REQUEST_MAX; i++) {
    wf_gateway_request *entry = &requests->entry[i];
    if (entry->state == WF_GATEWAY_REQUEST_FREE) return entry;
    if (entry->state == WF_GATEWAY_REQUEST_ANSWERED && !entry->waiter &&
        (!oldest || entry->since_ms < oldest->since_ms))
      oldest = entry;
  }
  return oldest;
}

wf_status wf_gateway_requests_open(wf_gateway_requests *requests, const wf_gateway_command *command, int64_t now_ms,
                                   void *waiter, wf_gateway_request **out) {
  wf_gateway_request *entry = find(requests, command->request);
  *out = entry;
  if (entry) return wf_gateway_command_same(&entry->command, command) ? WF_EEXIST : WF_EDENIED;
  entry = room(requests);
  if (!entry) return WF_EFULL;
  wf_gateway_request_free(entry);
  *entry = (wf_gateway_request){
      .state = WF_GATEWAY_REQUEST_WAITING, .command = *command, .since_ms = now_ms, .waiter = waiter};
  *out = entry;
  return WF_OK;
}

wf_gateway_request *wf_gateway_requests_answer(wf_gateway_requests *requests, const wf_gateway_answer *answer) {
  wf_gateway_request *entry = find(requests, answer->request);
  if (!entry || entry->state != WF_GATEWAY_REQUEST_WAITING) return NULL;
  entry->state = WF_GATEWAY_REQUEST_ANSWERED;
  entry->answer = *answer;
  return entry;
}

wf_gateway_request *wf_gateway_requests_expire(wf_gateway_requests *requests, int64_t now_ms, const char *status) {
  for (size_t i = 0; i < WF_GATEWAY_REQUEST_MAX; i++) {
    wf_gateway_request *entry = &requests->entry[i];
    if (entry->state != WF_GATEWAY_REQUEST_WAITING || now_ms - entry->since_ms < WF_GATEWAY_REQUEST_WAIT_MS) continue;
    snprintf(entry->answer.status, sizeof entry->answer.status, "%s", status);
    entry->answer.text[0] = 0;
    entry->answer.body = NULL;
    entry->state = WF_GATEWAY_REQUEST_FREE;
    return entry;
  }
  return NULL;
}

void wf_gateway_requests_forget(wf_gateway_requests *requests, const void *waiter) {
  for (size_t i = 0; i < WF_GATEWAY_REQUEST_MAX; i++) {
    wf_gateway_request *entry = &requests->entry[i];
    if (entry->waiter != waiter) continue;
    entry->waiter = NULL;
    // The answer to a question is of use to nobody else.
    if (entry->command.kind == WF_GATEWAY_QUESTION && entry->state == WF_GATEWAY_REQUEST_WAITING)
      wf_gateway_request_free(entry);
  }
}
