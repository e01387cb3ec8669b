#include "cap_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "warn/cap.h"

enum { CAP_MAX = 192 * 1024, PATH_SIZE = 640 };

static bool put_file(const char *temporary, const char *path, const char *text, size_t size) {
  const int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  bool ok = write(fd, text, size) == (ssize_t)size;
  ok = close(fd) == 0 && ok;
  ok = ok && rename(temporary, path) == 0;
  if (!ok) unlink(temporary);
  return ok;
}

wf_status wf_cap_file_write(const char *dir, const wf_product *p, const wf_area *areas, size_t area_count,
                            char reason[WF_IO_REASON_SIZE]) {
  char path[PATH_SIZE], temporary[PATH_SIZE + 8], sender[64];
  char *text = malloc(CAP_MAX);
  size_t length = 0;
  if (text == NULL) return WF_ENOMEM;
  snprintf(path, sizeof path, "%s/%016" PRIx64 ".xml", dir, p->id);
  snprintf(temporary, sizeof temporary, "%s.new", path);
  snprintf(sender, sizeof sender, "watchfire-%s", p->issuer.code);
  wf_status status = wf_cap_write(p, sender, areas, area_count, text, CAP_MAX, &length);
  if (status != WF_OK) {
    snprintf(reason, WF_IO_REASON_SIZE, "CAP message of %s: %s", p->label, wf_status_name(status));
  } else if (!put_file(temporary, path, text, length)) {
    snprintf(reason, WF_IO_REASON_SIZE, "%.300s: %s", path, strerror(errno));
    status = WF_EIO;
  }
  free(text);
  return status;
}
