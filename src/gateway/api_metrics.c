// Prometheus text.
#include <stdio.h>
#include <stdlib.h>

#include "api.h"

typedef struct metric {
  const char *name, *kind, *help;
  double value;
} metric;

void wf_gateway_get_metrics(wf_gateway_api *api, wf_gateway_reply *out) {
  const wf_gateway_source *node = &api->source[WF_GATEWAY_NODE];
  const wf_gateway_counters *c = &api->counters;
  const wf_gateway_summary *s = wf_gateway_state_summary(node->state);
  const metric list[] = {
      {"feed_up", "gauge", "1 while the node's feed is alive", node->up},
      {"feed_age_seconds", "gauge", "Since the node was last heard", (double)(api->now_ms - node->heard_ms) * 1e-3},
      {"feed_connects_total", "counter", "Connections to the node", (double)c->feed_connects},
      {"feed_messages_total", "counter", "Messages of the feed", (double)c->messages_in},
      {"feed_messages_refused_total", "counter", "Messages that broke the contract", (double)c->messages_refused},
      {"clients", "gauge", "Consoles connected", (double)api->clients},
      {"stream_snapshots_total", "counter", "Snapshots sent to consoles", (double)c->snapshots_out},
      {"stream_deltas_total", "counter", "Deltas sent to consoles", (double)c->deltas_out},
      {"stream_bytes_total", "counter", "Bytes sent to consoles", (double)c->bytes_out},
      {"http_requests_total", "counter", "HTTP requests", (double)c->requests},
      {"http_refused_total", "counter", "HTTP requests answered with 4xx or 5xx", (double)c->refused},
      {"commands_total", "counter", "Commands passed to the node", (double)c->commands},
      {"commands_ok_total", "counter", "Commands the node carried out", (double)c->commands_ok},
      {"questions_total", "counter", "Questions passed to the node", (double)c->questions},
      {"sign_ins_total", "counter", "Sign-ins", (double)c->sign_ins},
      {"sign_ins_refused_total", "counter", "Sign-ins refused", (double)c->sign_ins_refused},
      {"streams_refused_total", "counter", "Streams refused", (double)c->streams_refused},
      {"sessions", "gauge", "People signed in", (double)api->sessions.count},
      {"memory_bytes", "gauge", "Resident memory of this process", (double)api->memory_bytes},
      {"limited_requests_total", "counter", "Refused: requests of one address",
       (double)api->limits.refused[WF_GATEWAY_LIMIT_REQUESTS]},
      {"limited_sign_ins_total", "counter", "Refused: sign-ins of one address",
       (double)api->limits.refused[WF_GATEWAY_LIMIT_SIGN_IN]},
      {"limited_passwords_total", "counter", "Refused: wrong passwords of one account",
       (double)api->limits.refused[WF_GATEWAY_LIMIT_WRONG]},
      {"limited_commands_total", "counter", "Refused: commands of one person",
       (double)api->limits.refused[WF_GATEWAY_LIMIT_ACT]},
      {"limited_questions_total", "counter", "Refused: questions of one person",
       (double)api->limits.refused[WF_GATEWAY_LIMIT_ASK]},
      {"tracks", "gauge", "Tracks in the national picture", (double)s->tracks},
      {"products", "gauge", "Products in the list", (double)s->products},
      {"alarms_open", "gauge", "Alarms nobody acknowledged", (double)s->alarms_open},
      {"links", "gauge", "Partner links configured", (double)s->links},
      {"links_up", "gauge", "Partner links up", (double)s->links_up},
  };
  char *body = malloc(8192);
  size_t at = 0;
  for (size_t i = 0; body && i < sizeof list / sizeof *list; i++)
    at += (size_t)snprintf(body + at, 8192 - at,
                           "# HELP watchfire_gateway_%s %s\n# TYPE watchfire_gateway_%s %s\n"
                           "watchfire_gateway_%s %.17g\n",
                           list[i].name, list[i].help, list[i].name, list[i].kind, list[i].name, list[i].value);
  wf_gateway_reply_owned(out, 200, "text/plain; version=0.0.4; charset=utf-8", body);
}
