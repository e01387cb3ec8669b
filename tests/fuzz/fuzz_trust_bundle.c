// A bundle a partner sent: whatever it holds, it is either trust in one nation or refused with a reason.
#define _GNU_SOURCE  // memfd_create
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/pki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const int fd = memfd_create("bundle", 0);
  char path[32], reason[WF_IO_REASON_SIZE] = "";
  if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  wf_pki_trust trust;
  const wf_status status = wf_pki_trust_load(path, &trust, reason);
  if (status == WF_OK && (trust.nation.code[0] == '\0' || trust.store == NULL || trust.key_count > WF_PKI_KEYS_MAX))
    abort();
  if (status != WF_OK && reason[0] == '\0') abort();
  if (status == WF_OK) wf_pki_trust_clear(&trust);
  close(fd);
  return 0;
}
