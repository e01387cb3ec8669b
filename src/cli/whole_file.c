#include "whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 65536

// Room doubles, so that what the file turns out to hold is paid for, and not what it might.
static uint8_t *read_to_end(FILE *file, size_t most, size_t *size) {
  size_t room = most < ROOM_FIRST ? most : ROOM_FIRST;
  uint8_t *bytes = malloc(room);
  *size = 0;
  while (bytes != NULL) {
    *size += fread(bytes + *size, 1, room - *size, file);
    if (*size < room || room == most) break;
    room = room > most / 2 ? most : room * 2;
    uint8_t *more = realloc(bytes, room);
    if (more == NULL) free(bytes);
    bytes = more;
  }
  return bytes;
}

uint8_t *wf_cli_whole_file(const char *path, size_t most, size_t *size) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  if (file == NULL) return NULL;
  uint8_t *bytes = read_to_end(file, most, size);
  const int why = errno;
  if (bytes != NULL && ferror(file)) {
    free(bytes);
    bytes = NULL;
  }
  if (file != stdin) fclose(file);
  errno = why;
  return bytes;
}
