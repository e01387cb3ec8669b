// What the two files of `watchfire replay` share.
#ifndef WF_CLI_REPLAY_H
#define WF_CLI_REPLAY_H

#include <stdbool.h>

#include "node/journal.h"

typedef struct replay_options {
  const char *path, *feed;
  const char *serve;  // a folder of recordings, for consoles to choose from; NULL: not
  bool verify;
  double speed;  // into consoles: record seconds per second
} replay_options;

// Plays into consoles through a gateway's feed, at options->speed; the exit code of the command.
// Serves the recordings of options->serve at options->feed until it is stopped; the exit code of the command.
int wf_replay_serve(const replay_options *options);
int wf_replay_into_feed(const replay_options *options, wf_replay *replay);

#endif
