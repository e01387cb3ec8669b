// Commands on their way to the daemon, and the answers of the last ones: the same idempotency key asked again gets the
// same answer and does nothing twice.
#ifndef WF_GATEWAY_REQUESTS_H
#define WF_GATEWAY_REQUESTS_H

#include "command.h"
#include "state.h"

#define WF_GATEWAY_REQUEST_MAX 128
#define WF_GATEWAY_REQUEST_WAIT_MS 5000

typedef enum wf_gateway_request_state {
  WF_GATEWAY_REQUEST_FREE = 0,
  WF_GATEWAY_REQUEST_WAITING,
  WF_GATEWAY_REQUEST_ANSWERED,
} wf_gateway_request_state;

typedef struct wf_gateway_request {
  wf_gateway_request_state state;
  wf_gateway_command command;
  wf_gateway_answer answer;
  int64_t since_ms;
  void *waiter;  // the connection that waits; NULL when it has gone or has been answered
} wf_gateway_request;

typedef struct wf_gateway_requests {
  wf_gateway_request entry[WF_GATEWAY_REQUEST_MAX];
} wf_gateway_requests;

// WF_OK: a new entry, to be sent. WF_EEXIST: known: *out is answered, or still waiting for another connection.
// WF_EDENIED: the key was used for another command. WF_EFULL: too many are waiting.
wf_status wf_gateway_requests_open(wf_gateway_requests *requests, const wf_gateway_command *command, int64_t now_ms,
                                   void *waiter, wf_gateway_request **out);
// The entry an answer belongs to, now answered and holding what the answer held; NULL when nobody asked.
wf_gateway_request *wf_gateway_requests_answer(wf_gateway_requests *requests, const wf_gateway_answer *answer);
// One entry that has waited too long, answered with status "timeout"; NULL when there is none. Its key is free again,
// so the person can ask again: the daemon itself knows the key and does nothing twice.
wf_gateway_request *wf_gateway_requests_expire(wf_gateway_requests *requests, int64_t now_ms, const char *status);
void wf_gateway_request_free(wf_gateway_request *request);
void wf_gateway_requests_clear(wf_gateway_requests *requests);  // frees what the answers hold
void wf_gateway_requests_forget(wf_gateway_requests *requests, const void *waiter);  // its connection has gone

#endif
