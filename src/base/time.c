#include "base/time.h"

#include "base/fmath.h"

enum { S_PER_DAY = 86400 };

int64_t wf_ns_from_s(double seconds) {
  if (seconds != seconds) return 0;
  if (seconds >= 9223372036.854775807) return INT64_MAX;
  if (seconds <= -9223372036.854775808) return INT64_MIN;
  // Whole and fraction apart: seconds · 1e9 in one product would lose bits of large times.
  const double whole = wf_floor(seconds);
  int64_t ns = (int64_t)wf_floor((seconds - whole) * 1e9 + 0.5);
  int64_t whole_ns = 0;
  const int64_t borrow = whole < 0.0 ? 1 : 0;  // the floor of the lowest times lies below the range
  if (__builtin_mul_overflow((int64_t)whole + borrow, WF_NS_PER_S, &whole_ns) ||
      __builtin_add_overflow(whole_ns, ns - borrow * WF_NS_PER_S, &ns))
    return seconds < 0.0 ? INT64_MIN : INT64_MAX;
  return ns;
}

wf_time wf_time_from_s(double seconds) {
  return (wf_time){wf_ns_from_s(seconds)};
}

wf_time wf_time_add_s(wf_time t, double seconds) {
  const int64_t step_ns = wf_ns_from_s(seconds);
  int64_t ns;
  if (__builtin_add_overflow(t.ns, step_ns, &ns)) ns = step_ns < 0 ? INT64_MIN : INT64_MAX;
  return (wf_time){ns};
}

double wf_time_to_s(wf_time t) {
  const int64_t whole = t.ns / WF_NS_PER_S;
  return (double)whole + (double)(t.ns - whole * WF_NS_PER_S) * 1e-9;
}

// Days since 1970-01-01 of a proleptic Gregorian date. Years are counted from 1 March, so that the leap day ends
// them, and days are summed with the Gregorian rule (4, 100, 400).
static int64_t days_from_date(int year, int month, int day) {
  static const int before_month[12] = {306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
  const int64_t y = year - (month <= 2);
  return y * 365 + y / 4 - y / 100 + y / 400 + before_month[month - 1] + day - 1 - 719468;
}

static bool is_leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_length(int year, int month) {
  static const int length[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return length[month - 1] + (month == 2 && is_leap(year));
}

static void date_from_days(int64_t days, int *year, int *month, int *day) {
  int y = (int)((days * 400) / 146097 + 1970);  // within one of the truth
  while (days_from_date(y, 1, 1) > days) y--;
  while (days_from_date(y + 1, 1, 1) <= days) y++;
  int left = (int)(days - days_from_date(y, 1, 1));
  int m = 1;
  while (left >= month_length(y, m)) left -= month_length(y, m++);
  *year = y;
  *month = m;
  *day = left + 1;
}

static char *put_digits(char *out, unsigned value, int width) {
  for (int i = width - 1; i >= 0; i--, value /= 10) out[i] = (char)('0' + value % 10);
  return out + width;
}

// Decimals are cut, not rounded: a time shown is never later than the time meant.
char *wf_time_format(wf_time t, int decimals, char out[WF_TIME_RFC3339_SIZE]) {
  int64_t s = t.ns / WF_NS_PER_S;
  int64_t ns = t.ns % WF_NS_PER_S;
  if (ns < 0) s--, ns += WF_NS_PER_S;
  int64_t days = s / S_PER_DAY;
  int64_t in_day = s % S_PER_DAY;
  if (in_day < 0) days--, in_day += S_PER_DAY;
  int year, month, day;
  date_from_days(days, &year, &month, &day);
  char *p = put_digits(out, (unsigned)year, 4);
  *p++ = '-', p = put_digits(p, (unsigned)month, 2);
  *p++ = '-', p = put_digits(p, (unsigned)day, 2);
  *p++ = 'T', p = put_digits(p, (unsigned)(in_day / 3600), 2);
  *p++ = ':', p = put_digits(p, (unsigned)(in_day / 60 % 60), 2);
  *p++ = ':', p = put_digits(p, (unsigned)(in_day % 60), 2);
  decimals = decimals < 0 ? 0 : decimals > 9 ? 9 : decimals;
  if (decimals > 0) {
    *p++ = '.';
    put_digits(p, (unsigned)ns, 9);  // the buffer holds nine; the ones not wanted are overwritten below
    p += decimals;
  }
  *p++ = 'Z';
  *p = '\0';
  return out;
}

static bool take(const char **text, char c) {
  if (**text != c) return false;
  ++*text;
  return true;
}

static bool take_digits(const char **text, int count, int *value) {
  *value = 0;
  for (int i = 0; i < count; i++, ++*text) {
    if (**text < '0' || **text > '9') return false;
    *value = *value * 10 + (**text - '0');
  }
  return true;
}

// ".123" → 123,000,000 ns; digits beyond the ninth are cut.
static bool take_fraction(const char **text, int64_t *ns) {
  *ns = 0;
  if (!take(text, '.')) return true;
  if (**text < '0' || **text > '9') return false;
  int64_t unit = WF_NS_PER_S / 10;
  for (; **text >= '0' && **text <= '9'; ++*text, unit /= 10) *ns += unit * (**text - '0');
  return true;
}

static bool take_offset(const char **text, int *offset_s) {
  *offset_s = 0;
  if (take(text, 'Z')) return true;
  const int sign = **text == '-' ? -1 : 1;
  if (!take(text, '+') && !take(text, '-')) return false;
  int hours, minutes;
  if (!take_digits(text, 2, &hours) || !take(text, ':') || !take_digits(text, 2, &minutes)) return false;
  *offset_s = sign * (hours * 3600 + minutes * 60);
  return hours <= 23 && minutes <= 59;
}

typedef struct date_time {
  int year, month, day, hour, minute, second;
} date_time;

static bool take_date_time(const char **text, date_time *d) {
  return take_digits(text, 4, &d->year) && take(text, '-') && take_digits(text, 2, &d->month) && take(text, '-') &&
         take_digits(text, 2, &d->day) && take(text, 'T') && take_digits(text, 2, &d->hour) && take(text, ':') &&
         take_digits(text, 2, &d->minute) && take(text, ':') && take_digits(text, 2, &d->second);
}

static bool date_time_valid(const date_time *d) {
  return d->year >= 1 && d->month >= 1 && d->month <= 12 && d->day >= 1 && d->day <= month_length(d->year, d->month) &&
         d->hour <= 23 && d->minute <= 59 && d->second <= 60;
}

wf_status wf_time_parse(const char *text, wf_time *out) {
  date_time d;
  int64_t fraction_ns;
  int offset_s;
  if (text == NULL || !take_date_time(&text, &d) || !date_time_valid(&d)) return WF_EFORMAT;
  if (!take_fraction(&text, &fraction_ns) || !take_offset(&text, &offset_s) || *text != '\0') return WF_EFORMAT;
  const int64_t minute_s =
      days_from_date(d.year, d.month, d.day) * S_PER_DAY + d.hour * 3600 + d.minute * 60 - offset_s;
  // A leap second exists only at the end of a UTC day; POSIX time counts it as the next second.
  if (d.second == 60 && (minute_s + 60) % S_PER_DAY != 0) return WF_EFORMAT;
  const int64_t s = minute_s + d.second;
  // Before 1970 the fraction counts up from a whole second that may itself lie below the range.
  int64_t ns;
  const int64_t borrow = s < 0 ? 1 : 0;
  if (__builtin_mul_overflow(s + borrow, WF_NS_PER_S, &ns)) return WF_ETIME;
  if (__builtin_add_overflow(ns, fraction_ns - borrow * WF_NS_PER_S, &ns)) return WF_ETIME;
  out->ns = ns;
  return WF_OK;
}
