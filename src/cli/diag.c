#include "diag.h"

#include <stdio.h>

static void tell(void *context, const char *file, unsigned long line, const char *what) {
  const char *name = *(const char *const *)&context;
  if (line > 0)
    fprintf(stderr, "watchfire %s: %s:%lu: %s\n", name, file, line, what);
  else
    fprintf(stderr, "watchfire %s: %s: %s\n", name, file, what);
}

wf_diag wf_cli_diag(const char *name) {
  wf_diag diag = {.report = tell};
  *(const char **)&diag.context = name;
  return diag;
}
