#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_SIZE = 1024 };

// One call is one line: control characters from outside cannot forge a second one.
static void flatten(char *line) {
  for (char *c = line; *c != '\0'; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = ' ';
}

void wf_log_write(const wf_log_sink *sink, wf_log_level level, const char *format, ...) {
  if (sink == NULL || sink->write == NULL) return;
  char line[LINE_SIZE];
  va_list args;
  va_start(args, format);
  const int length = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (length < 0) strcpy(line, "(log line could not be formatted)");
  if (length >= LINE_SIZE) strcpy(line + sizeof line - 4, "...");
  flatten(line);
  sink->write(sink->context, level, line);
}
