// Holds a store against what docs/protocol.md says of a log: every bundle what its row says, numbers without a gap,
// each bundle naming the one before, every signature its origin's.
#ifndef WF_CLI_LOG_CHECK_H
#define WF_CLI_LOG_CHECK_H

#include "io/pki.h"
#include "io/store_read.h"

#define LOG_KEYS_MAX 64

typedef struct log_keys {  // who may have signed
  uint32_t count;
  struct {
    wf_nation nation;
    uint8_t key[WF_PKI_KEY_SIZE];
  } item[LOG_KEYS_MAX];
} log_keys;

// Prints one line per stream and epoch, and each thing wrong. Returns how much is wrong; UINT64_MAX: it cannot be read.
uint64_t log_check(wf_store_reader *reader, const log_keys *keys, char reason[WF_IO_REASON_SIZE]);

#endif
