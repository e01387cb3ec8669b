#include "diag.h"

#include <stdio.h>

static void tell(void *context, const char *file, unsigned long line, const char *what) {
  const char *name = context;
  if (line > 0)
    fprintf(stderr, "watchfire %s: %s:%lu: %s\n", name, file, line, what);
  else
    fprintf(stderr, "watchfire %s: %s: %s\n", name, file, what);
}

wf_diag wf_cli_diag(const char *name) {
  const union {
    const char *name;
    void *context;
  } kept = {name};  // tell only reads it
  return (wf_diag){.report = tell, .context = kept.context};
}
