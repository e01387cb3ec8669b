// Polygons and circles of CAP 1.2 (section 3.2.4): pairs of WGS-84 degrees, latitude first.
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "cap_rules.h"

enum { POINTS_MAX = 20000 };
#define RADIUS_MAX_KM 20100.0  // half way round the Earth

typedef struct point {
  double lat_deg, lon_deg;
} point;

static bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// A plain decimal: no exponent, no "nan", no hexadecimal, no locale. Steps over it.
static bool number(const char **text, double *out) {
  const char *at = *text;
  const bool negative = *at == '-';
  if (*at == '-' || *at == '+') at++;
  double value = 0, place = 1;
  int digits = 0;
  bool after_point = false;
  for (;; at++) {
    if (*at == '.' && !after_point) {
      after_point = true;
    } else if (*at >= '0' && *at <= '9') {
      if (++digits > 40) return false;
      value = value * 10 + (*at - '0');
      if (after_point) place *= 10;
    } else {
      break;
    }
  }
  *text = at;
  *out = (negative ? -value : value) / place;
  return digits > 0;
}

static bool pair(const char **text, point *out) {
  return number(text, &out->lat_deg) && *(*text)++ == ',' && number(text, &out->lon_deg);
}

static bool in_range(const point *p) {
  return p->lat_deg >= -90 && p->lat_deg <= 90 && p->lon_deg >= -180 && p->lon_deg <= 180;
}

static double side_of(const point *a, const point *b, const point *p) {
  return (b->lat_deg - a->lat_deg) * (p->lon_deg - a->lon_deg) - (b->lon_deg - a->lon_deg) * (p->lat_deg - a->lat_deg);
}

static bool apart(double a0, double a1, double b0, double b1) {
  return (a0 < a1 ? a1 : a0) < (b0 < b1 ? b0 : b1) || (b0 < b1 ? b1 : b0) < (a0 < a1 ? a0 : a1);
}

// Inner points of both sides coincide in one place; sides that merely touch do not cross.
static bool cross(const point *a, const point *b, const point *c, const point *d) {
  if (apart(a->lat_deg, b->lat_deg, c->lat_deg, d->lat_deg) || apart(a->lon_deg, b->lon_deg, c->lon_deg, d->lon_deg))
    return false;
  const double s1 = side_of(a, b, c), s2 = side_of(a, b, d), s3 = side_of(c, d, a), s4 = side_of(c, d, b);
  return ((s1 > 0 && s2 < 0) || (s1 < 0 && s2 > 0)) && ((s3 > 0 && s4 < 0) || (s3 < 0 && s4 > 0));
}

// Sides take the short way round, over the antimeridian too.
static void unwrap(point *p, int count) {
  for (int i = 1; i < count; i++) {
    while (p[i].lon_deg - p[i - 1].lon_deg > 180) p[i].lon_deg -= 360;
    while (p[i].lon_deg - p[i - 1].lon_deg < -180) p[i].lon_deg += 360;
  }
}

static bool crosses_itself(point *p, int count) {
  unwrap(p, count);
  for (int i = 0; i + 1 < count; i++)
    for (int k = i + 2; k + 1 < count; k++)
      if (cross(&p[i], &p[i + 1], &p[k], &p[k + 1])) return true;
  return false;
}

// -1: not a list of pairs. Counts all, keeps the first `max`.
static int read_pairs(const char *text, point *out, int max) {
  int count = 0;
  for (;;) {
    while (blank(*text)) text++;
    if (*text == '\0') return count;
    point p;
    if (!pair(&text, &p) || (*text != '\0' && !blank(*text))) return -1;
    if (count < max) out[count] = p;
    count++;
  }
}

void cap_check_polygon(cap_findings *f, const xmlNode *node, const char *text) {
  const int count = read_pairs(text, NULL, 0);
  if (count < 0) {
    cap_found(f, CAP_POLYGON_FORM, node, "polygon is not a list of lat,lon pairs");
    return;
  }
  f->polygon_points += count;
  if (f->polygon_points > POINTS_MAX) {
    cap_found(f, CAP_POLYGON_SIZE, node, "more than %d polygon points", POINTS_MAX);
    return;
  }
  point *points = calloc((size_t)count + 1, sizeof *points);
  if (points == NULL) {
    cap_found(f, CAP_POLYGON_SIZE, node, "no memory for %d polygon points", count);
    return;
  }
  read_pairs(text, points, count);
  const point *last = &points[count > 0 ? count - 1 : 0];
  if (count < 4) cap_found(f, CAP_POLYGON_POINTS, node, "polygon has %d pairs, fewer than four", count);
  if (points[0].lat_deg != last->lat_deg || points[0].lon_deg != last->lon_deg)
    cap_found(f, CAP_POLYGON_CLOSED, node, "polygon is not closed");
  for (int i = 0; i < count; i++)
    if (!in_range(&points[i])) cap_found(f, CAP_POLYGON_RANGE, node, "polygon point %d is out of range", i + 1);
  if (f->verdict != WF_CAP_REJECT && crosses_itself(points, count))
    cap_found(f, CAP_POLYGON_SIMPLE, node, "two sides of the polygon cross");
  free(points);
}

void cap_check_circle(cap_findings *f, const xmlNode *node, const char *text) {
  point centre;
  double radius_km = 0;
  bool ok = pair(&text, &centre) && blank(*text);
  while (ok && blank(*text)) text++;
  ok = ok && number(&text, &radius_km) && *text == '\0';
  if (!ok)
    cap_found(f, CAP_CIRCLE_FORM, node, "circle is not lat,lon radius");
  else if (!in_range(&centre))
    cap_found(f, CAP_CIRCLE_RANGE, node, "the circle's centre is out of range");
  else if (radius_km < 0 || radius_km > RADIUS_MAX_KM)
    cap_found(f, CAP_CIRCLE_RADIUS, node, radius_km < 0 ? "circle radius is negative" : "circle radius is too large");
}
