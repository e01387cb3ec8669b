// What consoles ask of the node beyond its state: the policy, what went to whom, the signed record, the system. What needs
// the disk is looked up in a worker, few at a time; what needs the core is answered at once.
#ifndef WF_IO_QUESTIONS_H
#define WF_IO_QUESTIONS_H

#include "driver_state.h"

enum { QUESTIONS_MAX = 4, QUESTION_ROWS_MAX = 200, QUESTION_SCAN_MAX = 20000 };

typedef struct question_keys {
  uint32_t count;
  struct {
    wf_nation nation;
    uint8_t key[WF_PKI_KEY_SIZE];
  } item[WF_NATION_MAX * WF_PKI_KEYS_MAX];
} question_keys;

// The command {"command":"ask","what":…,"parameters":{…}}. False: no such question.
bool questions_ask(wf_driver *d, const wf_feed_question *question, const json_t *command);

// questions_log.c: in the worker. The body, or NULL and a reason.
json_t *questions_log(const char *store, const question_keys *keys, const json_t *parameters,
                      char reason[WF_IO_REASON_SIZE]);
json_t *questions_releases(const char *store, const json_t *parameters, char reason[WF_IO_REASON_SIZE]);
// questions_system.c
json_t *questions_system(wf_driver *d);

#endif
