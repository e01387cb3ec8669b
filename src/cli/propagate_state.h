// The state file of `watchfire propagate`.
#ifndef WF_CLI_PROPAGATE_STATE_H
#define WF_CLI_PROPAGATE_STATE_H

#include <stdbool.h>

typedef struct wf_cli_state {
  double time_s, state_ecef[6];
  double beta_kg_m2;  // 0 when null or absent
  bool has_covariance;
  double covariance[36];
} wf_cli_state;

// Returns a wf_cli exit code; everything wrong is named on stderr with its place.
int wf_cli_state_read(const char *path, wf_cli_state *out);

#endif
