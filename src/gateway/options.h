// The command line of watchfire-gateway.
#ifndef WF_GATEWAY_OPTIONS_H
#define WF_GATEWAY_OPTIONS_H

#include <stdbool.h>

#include "api.h"

typedef struct wf_gateway_options {
  const char *feed;                // the daemon's Unix socket
  const char *replay, *exercise;   // of the recordings' player and of the exercise's control; NULL: none
  const char *accounts;            // the account file; NULL: sign-in by name alone, exercise mode only
  const char *operators;           // what `watchfire pki export` wrote: operator certificates are asked for; NULL: not
  long idle_s;
  double requests_per_s;  // of one address
  char host[64];
  int port;
  bool loopback;           // host is this machine's own address
  const char *cert, *key;  // PEM files; both or neither
  const char *cap_dir;     // NULL: no CAP channel
  const char *user;        // NULL: stay who we are
  bool plain_anywhere;     // plain HTTP on an address that is not this machine's own
  wf_gateway_peer peer[WF_GATEWAY_PEER_MAX];
  size_t peer_count;
} wf_gateway_options;

// 0: go on; 1: done (help or version was printed); 2: wrong, and said so on stderr.
int wf_gateway_options_read(int argc, char **argv, wf_gateway_options *out);

#endif
