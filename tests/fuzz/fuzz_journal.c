// Any recording: read frame by frame, each decoded or refused. The bytes after the first choose: as they are (frames
// with sums that mostly do not hold), or as the payload of one frame of each kind.
#include "node/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(wf_bytes payload) {
  static wf_release_policy policy;
  wf_journal_start_frame start;
  wf_journal_input_frame input;
  wf_journal_mark mark;
  if (wf_journal_decode_start(payload, &start) == WF_OK) wf_journal_start_free(&start);
  (void)wf_journal_decode_input(payload, &policy, &input);
  (void)wf_journal_decode_mark(payload, &mark);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  wf_journal_reader reader;
  wf_journal_frame frame;
  decode((wf_bytes){data, size});
  if (wf_journal_read_begin((wf_bytes){data, size}, &reader) != WF_OK) return 0;
  while (wf_journal_read(&reader, &frame) == WF_OK) decode(frame.payload);
  return 0;
}
