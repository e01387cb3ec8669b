// When a track stands for a truth. Follows docs/score.md rule by rule.
#include "siap.h"

typedef struct runner {
  uint32_t truth, count, start;  // the run of one candidate that may become an association
  uint32_t failures;             // misses in a row; only a success sets them to 0, not a new association
  bool open;
  wf_score_association now;
} runner;

// The same candidate again, or a new run.
static void count_run(runner *r, uint32_t candidate, uint32_t scan) {
  if (candidate != WF_SCORE_NONE && r->count > 0 && r->truth == candidate) {
    r->count++;
    return;
  }
  r->truth = candidate;
  r->start = scan;
  r->count = 1;
}

static void begin_if_due(runner *r, uint32_t scan) {
  if (r->count < WF_SCORE_SCANS_TO_BEGIN) return;
  r->now = (wf_score_association){.truth = r->truth, .start_scan = r->start, .end_scan = scan};
  r->open = true;
}

static void step_free(runner *r, uint32_t candidate, uint32_t scan) {
  if (candidate == WF_SCORE_NONE) {
    r->count = 0;
    return;
  }
  count_run(r, candidate, scan);
  begin_if_due(r, scan);
  if (r->open) r->count = 0;  // the run is used up
}

// True when the association has ended at its last success.
static bool step_associated(runner *r, uint32_t candidate, uint32_t scan) {
  if (candidate == r->now.truth) {
    r->failures = 0;
    r->now.end_scan = scan;
  } else {
    r->failures++;
    count_run(r, candidate, scan);
  }
  return r->failures >= WF_SCORE_MISSES_TO_END;
}

size_t wf_score_associate(const uint32_t *candidate, const uint32_t *scan, size_t count, wf_score_association *out) {
  runner r = {0};
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    if (!r.open) {
      step_free(&r, candidate[i], scan[i]);
    } else if (step_associated(&r, candidate[i], scan[i])) {
      out[found++] = r.now;
      r.open = false;
      begin_if_due(&r, scan[i]);
    }
  }
  if (r.open) out[found++] = r.now;
  return found;
}
