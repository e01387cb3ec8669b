// The data handed to the project beside its repository. Not there on a fresh clone: a test that needs it says so and
// returns WF_TEST_SKIPPED; the repository's own small vectors test the same thing.
#ifndef WF_TEST_SHARED_DIR_H
#define WF_TEST_SHARED_DIR_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { WF_TEST_SKIPPED = 77 };  // Meson's exit code of a skipped test

// The directory in WF_SHARED, else ../shared of the working directory; NULL, said on stderr, when it is not there.
static inline const char *wf_test_shared(void) {
  const char *path = getenv("WF_SHARED");
  if (path == NULL || *path == '\0') path = "../shared";
  struct stat s;
  if (stat(path, &s) == 0 && S_ISDIR(s.st_mode)) return path;
  fprintf(stderr, "skipped: ../shared is absent\n");
  return NULL;
}

#endif
