// What a log holds that is not in the picture: both bundles of every equivocation, and records set aside, each with its
// reason. All of it follows from the log alone, so every node says the same.
#ifndef WF_CLI_LOG_ASIDE_H
#define WF_CLI_LOG_ASIDE_H

#include "base/time.h"
#include "io/store_read.h"

// One line (or JSON object) each. wanted: which bundles are looked at. now: against records of the future. Returns how
// many there are; UINT64_MAX: the store cannot be read.
uint64_t log_aside(wf_store_reader *reader, bool (*wanted)(void *, const wf_store_entry *), void *context, wf_time now,
                   bool json, char reason[WF_IO_REASON_SIZE]);

#endif
