// What a person did at a node's screens, as the node's own signed record keeps it: decisions with their reason and their
// outcome (refused ones, too), acknowledgements, shifts handed over and taken. Only the nation itself ever hears it.
#ifndef WF_MODEL_ACTION_H
#define WF_MODEL_ACTION_H

#include <stdint.h>

typedef struct wf_action {
  char person[32];   // as the driver authenticated them; as long as WF_OPERATOR_SIZE
  char role[20];     // empty: nobody gave one
  char what[16];     // "confirm", "withdraw", …, "acknowledge", "hand_over", "take_over"
  char outcome[16];  // a name of wf_status
  uint64_t subject;  // product or alarm; 0: none
  char reason[244];
} wf_action;

#endif
