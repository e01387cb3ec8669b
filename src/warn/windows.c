#include "warn/windows.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fmath.h"
#include "geo/geodesic.h"

#define DAY_S 86400
#define HALF_YEAR_S 15778800.0
#define SMALLEST_M 1000.0  // of the circle around a single place

typedef struct scan {
  const char *at, *end;
  char *reason;
} scan;

typedef struct span {
  bool known;
  wf_time from, to;
  int daily_from_s, daily_to_s;
} span;

__attribute__((format(printf, 3, 4))) static wf_status refuse(const scan *s, wf_status status, const char *format,
                                                              ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(s->reason, 96, format, arguments);
  va_end(arguments);
  return status;
}

static bool digit(char c) {
  return c >= '0' && c <= '9';
}
static bool upper(char c) {
  return c >= 'A' && c <= 'Z';
}
static bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip(scan *s) {
  while (s->at < s->end && blank(*s->at)) s->at++;
}

// Exactly n digits.
static bool take_digits(scan *s, int n, int *out) {
  if (s->end - s->at < n) return false;
  int value = 0;
  for (int i = 0; i < n; i++) {
    if (!digit(s->at[i])) return false;
    value = 10 * value + (s->at[i] - '0');
  }
  s->at += n;
  *out = value;
  return true;
}

static bool take(scan *s, const char *word) {
  const size_t n = strlen(word);
  if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0) return false;
  s->at += n;
  return true;
}

static bool take_word(scan *s, const char *word) {
  skip(s);
  return take(s, word);
}

static int take_month(scan *s) {
  static const char *const NAMES[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  skip(s);
  for (int i = 0; i < 12; i++)
    if (take(s, NAMES[i])) return i + 1;
  return 0;
}

static bool make_time(int year, int month, int day, int minutes, wf_time *out) {
  char text[32];
  if (minutes < 0 || minutes > 24 * 60) return false;
  snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", year % 10000, month % 100, day % 100);
  if (wf_time_parse(text, out) != WF_OK) return false;
  *out = wf_time_add_s(*out, 60.0 * minutes);
  return true;
}

// ---- Places --------------------------------------------------------------------------------------------------------
// 36-45N, 36-45.5N, 36-45-30N; 364530N, 3645N; `wide`: degrees of three digits and E or W.
static bool take_angle(scan *s, bool wide, double *out_rad) {
  scan t = *s;
  int degrees, minutes, seconds = 0;
  double part = 0, unit = 0.1;
  if (!take_digits(&t, wide ? 3 : 2, &degrees)) return false;
  const bool dashed = take(&t, "-");
  if (!take_digits(&t, 2, &minutes)) return false;
  if (t.at < t.end && *t.at == '.') {
    for (t.at++; t.at < t.end && digit(*t.at); t.at++, unit *= 0.1) part += unit * (*t.at - '0');
  } else if (!dashed || take(&t, "-")) {
    const bool more = t.at < t.end && digit(*t.at);
    if ((dashed || more) && !take_digits(&t, 2, &seconds)) return false;
  }
  if (t.at == t.end || strchr(wide ? "EW" : "NS", *t.at) == NULL) return false;
  const double deg = degrees + (minutes + part) / 60.0 + seconds / 3600.0;
  if (minutes > 59 || seconds > 59 || deg > (wide ? 180 : 90)) return false;
  *out_rad = (*t.at == 'S' || *t.at == 'W' ? -deg : deg) * WF_DEG;
  t.at++;
  *s = t;
  return true;
}

static bool take_place(scan *s, double out[2]) {
  scan t = *s;
  if (!take_angle(&t, false, &out[0])) return false;
  while (t.at < t.end && (blank(*t.at) || *t.at == ',' || *t.at == '/')) t.at++;
  if (!take_angle(&t, true, &out[1])) return false;
  *s = t;
  return true;
}

// ---- Times ---------------------------------------------------------------------------------------------------------
typedef struct moment {
  int year, month, day, minutes;  // year, month 0: not said
} moment;

static void take_year(scan *s, int *year) {
  scan t = *s;
  int value;
  skip(&t);
  if (!take_digits(&t, 2, &value)) return;
  int rest;
  if (take_digits(&t, 2, &rest)) value = value * 100 + rest;
  if (t.at < t.end && (digit(*t.at) || *t.at == '-')) return;  // a coordinate or something else
  *year = value < 100 ? 2000 + value : value;
  *s = t;
}

// 301500Z MAY 23
static bool take_moment(scan *s, moment *m) {
  scan t = *s;
  int hour, minute;
  *m = (moment){0};
  if (!take_digits(&t, 2, &m->day) || !take_digits(&t, 2, &hour) || !take_digits(&t, 2, &minute) || !take(&t, "Z") ||
      hour > 24 || minute > 59)
    return false;
  m->minutes = 60 * hour + minute;
  scan month = t;
  m->month = take_month(&month);
  if (m->month != 0) {
    t = month;
    take_year(&t, &m->year);
  }
  *s = t;
  return true;
}

static bool resolve(const moment *from, const moment *to, wf_time issued, span *out) {
  const int month_to = to->month, month_from = from->month != 0 ? from->month : month_to;
  if (month_to == 0) return false;
  int year = to->year != 0 ? to->year : from->year;
  if (year == 0) {  // the nearest to when it was issued
    double best = 1e18;
    for (int y = 1990; y < 2100; y++) {
      wf_time t;
      if (!make_time(y, month_to, to->day, to->minutes, &t)) continue;
      const double off_s = wf_time_diff_s(t, issued), size = off_s < 0 ? -off_s : off_s;
      if (size < best) best = size, year = y;
    }
    if (best > 4 * HALF_YEAR_S) return false;
  }
  const int year_from = from->year != 0 ? from->year : month_from > month_to ? year - 1 : year;
  out->daily_from_s = out->daily_to_s = -1;
  out->known = make_time(year_from, month_from, from->day, from->minutes, &out->from) &&
               make_time(year, month_to, to->day, to->minutes, &out->to) && wf_time_before(out->from, out->to);
  return out->known;
}

// 301500Z MAY TO 101500Z JUN 23
static bool take_span(scan *s, wf_time issued, span *out) {
  scan t = *s;
  moment from, to;
  if (!take_moment(&t, &from)) return false;
  if (!take_word(&t, "TO") && !take_word(&t, "UNTIL") && !take(&t, "-")) return false;
  skip(&t);
  if (!take_moment(&t, &to) || !resolve(&from, &to, issued, out)) return false;
  *s = t;
  return true;
}

// 0200Z TO 0700Z DAILY 04 TO 08 APR 09, 04 APR THRU 08 APR
static bool take_daily(scan *s, wf_time issued, span *out) {
  scan t = *s;
  int hour[2], minute[2];
  moment from = {0}, to = {0};
  for (int i = 0; i < 2; i++) {
    if (i == 1 && !take_word(&t, "TO") && !take(&t, "-")) return false;
    skip(&t);
    if (!take_digits(&t, 2, &hour[i]) || !take_digits(&t, 2, &minute[i]) || hour[i] > 24 || minute[i] > 59)
      return false;
    if (!take(&t, "Z") && i == 1) return false;
  }
  if (!take_word(&t, "DAILY")) return false;
  skip(&t);
  if (!take_digits(&t, 2, &from.day)) return false;
  from.month = take_month(&t);
  if (!take_word(&t, "TO") && !take_word(&t, "THRU") && !take_word(&t, "-")) return false;
  skip(&t);
  if (!take_digits(&t, 2, &to.day)) return false;
  to.month = take_month(&t);
  take_year(&t, &to.year);
  to.minutes = 60 * 24;
  if (!resolve(&from, &to, issued, out)) return false;
  out->daily_from_s = 3600 * hour[0] + 60 * minute[0];
  out->daily_to_s = 3600 * hour[1] + 60 * minute[1];
  *s = t;
  return true;
}

// B) 2305301500 C) 2306101500
static bool take_notam(scan *s, char letter, wf_time *out) {
  scan t = *s;
  int year, month, day, hour, minute;
  const char mark[3] = {letter, ')', '\0'};
  if (!take(&t, mark)) return false;
  skip(&t);
  if (!take_digits(&t, 2, &year) || !take_digits(&t, 2, &month) || !take_digits(&t, 2, &day) ||
      !take_digits(&t, 2, &hour) || !take_digits(&t, 2, &minute) || hour > 24 || minute > 59)
    return false;
  if (!make_time(2000 + year, month, day, 60 * hour + minute, out)) return false;
  *s = t;
  return true;
}

static bool take_date(scan *s, int *year, int *month, int *day) {
  return take_digits(s, 4, year) && take(s, "-") && take_digits(s, 2, month) && take(s, "-") && take_digits(s, 2, day);
}
static bool take_clock(scan *s, int *minutes) {
  int hour, minute;
  skip(s);
  if (!take_digits(s, 2, &hour) || !take(s, ":") || !take_digits(s, 2, &minute) || hour > 24 || minute > 59)
    return false;
  *minutes = 60 * hour + minute;
  return true;
}
static bool take_zone(scan *s, int *offset_s) {
  *offset_s = take_word(s, "UTC") ? 0 : take_word(s, "KST") || take_word(s, "JST") ? 9 * 3600 : -1;
  return *offset_s >= 0;
}

// 2023-05-30 15:00 .. 2023-06-10 15:00 UTC; 2012-12-10..22 07:00-12:00 KST daily
static bool take_iso(scan *s, span *out) {
  scan t = *s;
  int year, month, day, to_year, to_month, to_day, a, b, offset_s;
  if (!take_date(&t, &year, &month, &day)) return false;
  to_year = year, to_month = month;
  out->daily_from_s = out->daily_to_s = -1;
  if (take(&t, "..")) {
    if (!take_digits(&t, 2, &to_day) || !take_clock(&t, &a) || !take(&t, "-") || !take_clock(&t, &b) ||
        !take_zone(&t, &offset_s) || !take_word(&t, "daily"))
      return false;
    out->known = make_time(year, month, day, 0, &out->from) && make_time(to_year, to_month, to_day, 24 * 60, &out->to);
    out->daily_from_s = (60 * a - offset_s + DAY_S) % DAY_S;
    out->daily_to_s = (60 * b - offset_s + DAY_S) % DAY_S;
  } else {
    if (!take_clock(&t, &a) || !take_word(&t, "..")) return false;
    skip(&t);
    scan whole = t;
    if (take_date(&whole, &to_year, &to_month, &to_day))
      t = whole;
    else if (!(to_year = year, take_digits(&t, 2, &to_month) && take(&t, "-") && take_digits(&t, 2, &to_day)))
      return false;
    if (!take_clock(&t, &b) || !take_zone(&t, &offset_s)) return false;
    out->known = make_time(year, month, day, a, &out->from) && make_time(to_year, to_month, to_day, b, &out->to);
  }
  if (!out->known) return false;
  out->from = wf_time_add_s(out->from, -offset_s);
  out->to = wf_time_add_s(out->to, -offset_s);
  out->known = wf_time_before(out->from, out->to);
  *s = t;
  return out->known;
}

// ---- The whole -----------------------------------------------------------------------------------------------------
// "A." or "2." or "(B)" at the beginning of a word; a new zone begins with it.
static bool take_zone_name(scan *s, char zone[8]) {
  scan t = *s;
  const bool bracket = take(&t, "(");
  if (t.at >= t.end || (!upper(*t.at) && !digit(*t.at))) return false;
  const char name = *t.at++;
  if (!take(&t, bracket ? ")" : ".") || (t.at < t.end && !blank(*t.at))) return false;
  zone[0] = name, zone[1] = '\0';
  *s = t;
  return true;
}

static wf_status add_place(const scan *s, wf_window *out, size_t *count, bool *fresh, const char zone[8],
                           const double p[2]) {
  if (*fresh || *count == 0) {
    if (*count == WF_WINDOWS_MAX) return refuse(s, WF_EFULL, "more than %d zones", WF_WINDOWS_MAX);
    out[*count] = (wf_window){.daily_from_s = -1, .daily_to_s = -1};
    memcpy(out[(*count)++].zone, zone, 8);
    *fresh = false;
  }
  wf_window *w = &out[*count - 1];
  if (w->point_count == WF_WINDOW_POINTS_MAX)
    return refuse(s, WF_EFULL, "a zone of more than %d corners", WF_WINDOW_POINTS_MAX);
  memcpy(w->lat_lon_rad + 2 * w->point_count++, p, 2 * sizeof *p);
  return WF_OK;
}

static void step_over_word(scan *s) {
  while (s->at < s->end && !blank(*s->at) && *s->at != ',' && *s->at != '-' && *s->at != '/') s->at++;
  while (s->at < s->end && (blank(*s->at) || *s->at == ',' || *s->at == '-' || *s->at == '/')) s->at++;
}

static wf_status finish(const scan *s, wf_window *out, size_t *count, const span *when) {
  if (!when->known) return refuse(s, WF_EFORMAT, "no time that is understood");
  if (*count == 0) return refuse(s, WF_EFORMAT, "no place that is understood");
  for (size_t i = 0; i < *count; i++) {
    wf_window *w = &out[i];
    const double *first = w->lat_lon_rad, *last = w->lat_lon_rad + 2 * (w->point_count - 1);
    if (w->point_count > 3 && first[0] == last[0] && first[1] == last[1]) w->point_count--;  // closed in the text
    if (w->point_count == 2) return refuse(s, WF_EFORMAT, "zone %s has two corners", w->zone);
    w->from = when->from, w->to = when->to;
    w->daily_from_s = when->daily_from_s, w->daily_to_s = when->daily_to_s;
  }
  return WF_OK;
}

wf_status wf_windows_parse(const char *text, size_t size, wf_time issued, wf_window out[WF_WINDOWS_MAX], size_t *count,
                           char reason[96]) {
  scan s = {text, text + size, reason};
  span when = {.daily_from_s = -1, .daily_to_s = -1}, found = when;
  wf_time begins = {0};
  char zone[8] = "";
  bool fresh = true;
  double place[2];
  *count = 0;
  reason[0] = '\0';
  if (size > WF_WINDOWS_TEXT_MAX) return refuse(&s, WF_EFULL, "more than %d bytes", WF_WINDOWS_TEXT_MAX);
  for (skip(&s); s.at < s.end;) {
    if (take_place(&s, place)) {
      const wf_status status = add_place(&s, out, count, &fresh, zone, place);
      if (status != WF_OK) return status;
    } else if (take_zone_name(&s, zone)) {
      fresh = true;
    } else if (take_notam(&s, 'B', &begins)) {
    } else if (begins.ns != 0 && take_notam(&s, 'C', &found.to)) {
      found.from = begins, found.known = wf_time_before(begins, found.to);
      if (!when.known && found.known) when = found;
    } else if (take_daily(&s, issued, &found) || take_span(&s, issued, &found) || take_iso(&s, &found)) {
      if (!when.known) when = found;  // the first that is said; later ones are of the message itself
    } else {
      step_over_word(&s);
    }
    while (s.at < s.end && (blank(*s.at) || *s.at == ',' || *s.at == '-' || *s.at == '/' || *s.at == ';')) s.at++;
  }
  return finish(&s, out, count, &when);
}

static bool holds(const wf_window *w, double lat_rad, double lon_rad) {
  bool inside = false;
  for (size_t i = 0, k = w->point_count - 1; i < w->point_count; k = i++) {
    const double *a = w->lat_lon_rad + 2 * k, *b = w->lat_lon_rad + 2 * i;
    const double west = wf_wrap_pi(a[1] - lon_rad), east = wf_wrap_pi(b[1] - lon_rad);
    if ((a[0] > lat_rad) != (b[0] > lat_rad) && west + (east - west) * (lat_rad - a[0]) / (b[0] - a[0]) > 0)
      inside = !inside;
  }
  return inside;
}

static bool is_on(const wf_window *w, wf_time at) {
  if (wf_time_before(at, w->from) || wf_time_before(w->to, at)) return false;
  if (w->daily_from_s < 0) return true;
  const int now_s = (int)(at.ns / WF_NS_PER_S % DAY_S);
  return w->daily_from_s <= w->daily_to_s ? now_s >= w->daily_from_s && now_s <= w->daily_to_s
                                          : now_s >= w->daily_from_s || now_s <= w->daily_to_s;
}

wf_window_match wf_windows_match(const wf_window *windows, size_t count, double lat_rad, double lon_rad, wf_time at) {
  wf_window_match best = WF_WINDOW_NOWHERE;
  for (size_t i = 0; i < count && best != WF_WINDOW_INSIDE; i++)
    if (windows[i].point_count >= 3 && holds(&windows[i], lat_rad, lon_rad))
      best = is_on(&windows[i], at) ? WF_WINDOW_INSIDE : WF_WINDOW_PLACE_ONLY;
  return best;
}

static void widen(double range[2], double value) {
  if (value < range[0]) range[0] = value;
  if (value > range[1]) range[1] = value;
}

wf_status wf_windows_bulletin(const wf_window *windows, size_t count, const char *origin, wf_bulletin *out) {
  if (count == 0 || windows[0].point_count == 0) return WF_EINVAL;
  const double first_rad = windows[0].lat_lon_rad[1];  // longitudes are counted from here, across the antimeridian too
  double lat[2] = {WF_PI, -WF_PI}, east[2] = {WF_PI, -WF_PI}, radius_m = SMALLEST_M;
  *out = (wf_bulletin){.kind = WF_BULLETIN_NOTICE, .from = windows[0].from, .to = windows[0].to};
  for (size_t i = 0; i < count; i++) {
    if (wf_time_before(windows[i].from, out->from)) out->from = windows[i].from;
    if (wf_time_before(out->to, windows[i].to)) out->to = windows[i].to;
    for (size_t k = 0; k < windows[i].point_count; k++) {
      widen(lat, windows[i].lat_lon_rad[2 * k]);
      widen(east, wf_wrap_pi(windows[i].lat_lon_rad[2 * k + 1] - first_rad));
    }
  }
  wf_ground_ellipse *e = &out->place;
  e->lat_rad = (lat[0] + lat[1]) / 2;
  e->lon_rad = wf_wrap_pi(first_rad + (east[0] + east[1]) / 2);
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < windows[i].point_count; k++) {
      const double *p = windows[i].lat_lon_rad + 2 * k;
      const double d_m = wf_geo_distance_m(e->lat_rad, e->lon_rad, p[0], p[1], NULL, NULL);
      if (d_m > radius_m) radius_m = d_m;
    }
  e->semi_major_95_m = e->semi_minor_95_m = radius_m;
  snprintf(out->origin, sizeof out->origin, "%s", origin);
  return WF_OK;
}
