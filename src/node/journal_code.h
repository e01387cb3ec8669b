// The journal's structures to bytes and back: one description each, run either way.
#ifndef WF_NODE_JOURNAL_CODE_H
#define WF_NODE_JOURNAL_CODE_H

#include "base/bytes.h"
#include "node/journal.h"

typedef struct journal_code {
  wf_writer *to;    // one of the two
  wf_reader *from;  // `failed` is also set for what cannot be
} journal_code;

bool journal_code_failed(const journal_code *c);
void journal_code_config(journal_code *c, wf_node_config *config);  // without sensors and areas
void journal_code_sensor(journal_code *c, wf_sensor *sensor);
void journal_code_input(journal_code *c, wf_journal_input_frame *frame);
void journal_code_mark(journal_code *c, wf_journal_mark *mark);
void journal_code_text(journal_code *c, char *text, size_t size);  // NUL-terminated, padded
void journal_code_u32(journal_code *c, uint32_t *value, uint32_t most);
void journal_code_double(journal_code *c, double *value);

// What a core has come to, for writer and replay alike.
uint64_t journal_fold(uint64_t check, const void *bytes, size_t size);
uint64_t journal_fold_effect(uint64_t check, const wf_effect *effect);
void journal_mark_of(wf_node *node, uint64_t steps, uint64_t effects, wf_journal_mark *out);

#endif
