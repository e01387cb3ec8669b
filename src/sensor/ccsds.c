#include "sensor/ccsds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool digits(const char *text, int count) {
  for (int i = 0; i < count; i++)
    if (text[i] < '0' || text[i] > '9') return false;
  return true;
}

static int value(const char *text, int count) {
  int v = 0;
  for (int i = 0; i < count; i++) v = 10 * v + text[i] - '0';
  return v;
}

// Day of the year → month and day; false beyond the year's end.
static bool calendar(int year, int day_of_year, int *month, int *day) {
  static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (day_of_year < 1) return false;
  for (int m = 0; m < 12; m++) {
    const int length = DAYS[m] + (m == 1 && leap);
    if (day_of_year <= length) {
      *month = m + 1;
      *day = day_of_year;
      return true;
    }
    day_of_year -= length;
  }
  return false;
}

wf_status wf_ccsds_time(const char *text, wf_time *out) {
  char plain[64];
  const size_t length = strlen(text);
  if (length < 8 || length > 40 || !digits(text, 4) || text[4] != '-') return WF_EFORMAT;
  const char *rest = text + 10;
  if (digits(text + 5, 3) && text[8] == 'T') {
    int month, day;
    if (!calendar(value(text, 4), value(text + 5, 3), &month, &day)) return WF_EFORMAT;
    snprintf(plain, sizeof plain, "%.4s-%02d-%02d", text, month, day);
    rest = text + 8;
  } else if (length > 10 && text[10] == 'T') {
    snprintf(plain, sizeof plain, "%.10s", text);
  } else {
    return WF_EFORMAT;
  }
  const size_t tail = strlen(rest);
  const bool zulu = rest[tail - 1] == 'Z';
  if (strspn(rest + 1, "0123456789:.") != tail - 1 - zulu) return WF_EFORMAT;  // no offsets in CCSDS times
  snprintf(plain + 10, sizeof plain - 10, "%.*sZ", (int)(tail - zulu), rest);
  return wf_time_parse(plain, out);
}

wf_status wf_ccsds_number(const char *text, double *out) {
  const size_t length = strlen(text);
  if (length == 0 || length > 64 || strspn(text, "+-.0123456789eE") != length) return WF_EFORMAT;
  char *end = NULL;
  *out = strtod(text, &end);
  return *end == '\0' && isfinite(*out) ? WF_OK : WF_EFORMAT;
}
