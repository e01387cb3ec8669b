// One snapshot of a node: from its console feed's Unix socket, or from its gateway over plain HTTP.
#ifndef WF_CLI_STATUS_FETCH_H
#define WF_CLI_STATUS_FETCH_H

#include <jansson.h>
#include <stddef.h>

// node: a socket's path, or http://host:port. The state object (docs/console-feed.md), a new reference; NULL with why.
json_t *wf_cli_fetch_state(const char *node, double timeout_s, char *why, size_t why_size);

// Sends one command to the feed's socket and waits for its answer: "status" and "text", a new reference; NULL with why.
json_t *wf_cli_ask(const char *socket, double timeout_s, const json_t *command, char *why, size_t why_size);

#endif
