#define _GNU_SOURCE
#include "io/csv.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wf_csv {
  FILE *file;
  char *path;
  char *line, *header;
  size_t line_size;
  unsigned long number;
  int columns;
  const char *name[WF_CSV_COLUMNS_MAX], *field[WF_CSV_COLUMNS_MAX];
  locale_t c_locale;
  wf_diag *diag;
};

void wf_diag_say(wf_diag *diag, const char *file, unsigned long line, const char *format, ...) {
  diag->count++;
  if (diag->report == NULL) return;
  char what[256];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  diag->report(diag->context, file, line, what);
}

// Splits at commas in place; blanks around fields and a carriage return at the end are dropped. Returns how many
// fields there are, which may be more than are kept.
static int split(char *line, const char **field) {
  int count = 0;
  char *at = line;
  for (;;) {
    char *end = at + strcspn(at, ",\r\n");
    const bool more = *end == ',';
    *end = '\0';
    at += strspn(at, " \t");
    for (char *tail = end; tail > at && (tail[-1] == ' ' || tail[-1] == '\t');) *--tail = '\0';
    if (count < WF_CSV_COLUMNS_MAX) field[count] = at;
    count++;
    if (!more) return count;
    at = end + 1;
  }
}

static bool read_line(wf_csv *csv) {
  const ssize_t got = getline(&csv->line, &csv->line_size, csv->file);
  if (got < 0) return false;
  csv->number++;
  return true;
}

static wf_status read_header(wf_csv *csv) {
  if (!read_line(csv)) {
    wf_diag_say(csv->diag, csv->path, 1, "no header line");
    return WF_EFORMAT;
  }
  char *text = csv->line;
  if (strncmp(text, "\xef\xbb\xbf", 3) == 0) text += 3;  // a byte order mark
  csv->header = strdup(text);
  if (csv->header == NULL) return WF_ENOMEM;
  csv->columns = split(csv->header, csv->name);
  if (csv->columns > WF_CSV_COLUMNS_MAX) {
    wf_diag_say(csv->diag, csv->path, 1, "more than %d columns", WF_CSV_COLUMNS_MAX);
    return WF_EFORMAT;
  }
  return WF_OK;
}

wf_status wf_csv_open(const char *path, wf_diag *diag, wf_csv **out) {
  *out = NULL;
  wf_csv *csv = calloc(1, sizeof *csv);
  if (csv == NULL) return WF_ENOMEM;
  csv->diag = diag;
  const bool standard = strcmp(path, "-") == 0;
  csv->path = strdup(standard ? "stdin" : path);
  csv->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  csv->file = standard ? stdin : fopen(path, "r");
  wf_status status = csv->path == NULL || csv->c_locale == (locale_t)0 ? WF_ENOMEM : WF_OK;
  if (status == WF_OK && csv->file == NULL) {
    wf_diag_say(diag, path, 0, "cannot be opened");
    status = WF_EIO;
  }
  if (status == WF_OK) status = read_header(csv);
  if (status != WF_OK) {
    wf_csv_close(csv);
    return status;
  }
  *out = csv;
  return WF_OK;
}

void wf_csv_close(wf_csv *csv) {
  if (csv == NULL) return;
  if (csv->file != NULL && csv->file != stdin) fclose(csv->file);
  if (csv->c_locale != (locale_t)0) freelocale(csv->c_locale);
  free(csv->path);
  free(csv->header);
  free(csv->line);
  free(csv);
}

int wf_csv_column(const wf_csv *csv, const char *name) {
  for (int i = 0; i < csv->columns; i++)
    if (strcmp(csv->name[i], name) == 0) return i;
  return -1;
}

int wf_csv_need(wf_csv *csv, const char *name) {
  const int column = wf_csv_column(csv, name);
  if (column < 0) wf_diag_say(csv->diag, csv->path, 1, "column %s is missing", name);
  return column;
}

bool wf_csv_next(wf_csv *csv) {
  while (read_line(csv)) {
    const size_t length = strlen(csv->line);
    const bool cut = length == 0 || csv->line[length - 1] != '\n';
    if (csv->line[strspn(csv->line, " \t\r\n")] == '\0') continue;
    const int count = split(csv->line, csv->field);
    if (count == csv->columns) return true;
    wf_diag_say(csv->diag, csv->path, csv->number, "%d fields where the header has %d%s", count, csv->columns,
                cut || count < csv->columns ? " (truncated line?)" : "");
  }
  return false;
}

unsigned long wf_csv_line(const wf_csv *csv) {
  return csv->number;
}
const char *wf_csv_path(const wf_csv *csv) {
  return csv->path;
}
wf_diag *wf_csv_diag(const wf_csv *csv) {
  return csv->diag;
}
const char *wf_csv_text(const wf_csv *csv, int column) {
  return column < 0 ? "" : csv->field[column];
}

bool wf_csv_number(wf_csv *csv, int column, double *out) {
  if (column < 0) return false;
  const char *text = csv->field[column];
  char *end = NULL;
  const double value = strtod_l(text, &end, csv->c_locale);
  if (*text == '\0' || *end != '\0') {
    wf_diag_say(csv->diag, csv->path, csv->number, "%s: \"%.40s\" is not a number", csv->name[column], text);
    return false;
  }
  if (!isfinite(value)) {
    wf_diag_say(csv->diag, csv->path, csv->number, "%s: %.40s is not finite", csv->name[column], text);
    return false;
  }
  *out = value;
  return true;
}

bool wf_csv_number_or(wf_csv *csv, int column, double otherwise, double *out) {
  *out = otherwise;
  if (column < 0 || csv->field[column][0] == '\0') return true;
  return wf_csv_number(csv, column, out);
}

bool wf_csv_integer(wf_csv *csv, int column, long long *out) {
  if (column < 0) return false;
  const char *text = csv->field[column];
  char *end = NULL;
  const long long value = strtoll(text, &end, 10);
  if (*text == '\0' || *end != '\0') {
    wf_diag_say(csv->diag, csv->path, csv->number, "%s: \"%.40s\" is not a whole number", csv->name[column], text);
    return false;
  }
  *out = value;
  return true;
}
