// What the two files of `watchfire replay` share.
#ifndef WF_CLI_REPLAY_H
#define WF_CLI_REPLAY_H

#include <stdbool.h>

#include "node/journal.h"

typedef struct replay_options {
  const char *path, *feed;
  bool verify;
  double speed;  // into consoles: record seconds per second
} replay_options;

// Plays into consoles through a gateway's feed, at options->speed; the exit code of the command.
int wf_replay_into_feed(const replay_options *options, wf_replay *replay);

#endif
