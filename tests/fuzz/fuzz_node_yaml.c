// A configuration file of any content is taken or refused with a place; never half taken.
#define _GNU_SOURCE  // memfd_create
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const int fd = memfd_create("node", 0);
  char path[32];
  if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  wf_diag diag = {NULL, NULL, 0};
  wf_config *config = wf_config_load(path, &diag);
  if ((config == NULL) != (diag.count > 0)) abort();
  if (config != NULL && (config->partner_count >= WF_NATION_MAX || config->sensor_count > WF_SENSOR_MAX)) abort();
  wf_config_free(config);
  close(fd);
  return 0;
}
