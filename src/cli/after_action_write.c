// The report as one HTML file: no script, no request, a content security policy that allows nothing but its own style.
#include <math.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "after_action.h"
#include "base/fmath.h"
#include "warn/areas.h"

static const char STYLE[] =
    "body{font:15px/1.5 system-ui,'Noto Sans CJK JP','Noto Sans CJK KR',sans-serif;color:#16202b;max-width:64rem;"
    "margin:2rem auto;padding:0 1.5rem}"
    "h1{font-size:1.9rem;margin:.2rem 0}h2{font-size:1.25rem;margin:2.2rem 0 .6rem;border-bottom:2px solid #16202b;"
    "padding-bottom:.2rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}"
    ".mode{background:#8a3ffc;color:#fff;font-weight:700;letter-spacing:.12em;text-align:center;padding:.35rem}"
    ".live{background:#a2191f}.good{color:#0e6027}.bad{color:#a2191f;font-weight:700}"
    "table{border-collapse:collapse;width:100%;margin:.4rem 0 1rem;font-variant-numeric:tabular-nums}"
    "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #c6ccd3;vertical-align:top}"
    "th{font-weight:600;color:#44505c;font-size:.85rem}td.n,th.n{text-align:right}"
    "td.best,th.best{background:#e5f0ff;font-weight:700}"
    "figure{margin:.6rem 0 1.2rem}figcaption{color:#44505c;font-size:.85rem}"
    "svg{width:100%;height:auto;border:1px solid #c6ccd3;background:#f7f9fb}"
    "svg text{font:12px system-ui,sans-serif;fill:#16202b}"
    ".land{fill:#e3e7e0;stroke:#a9b3a4;stroke-width:.6}.grid{stroke:#d8dee5;stroke-width:1;fill:none}"
    ".path{fill:none;stroke:#16202b;stroke-width:2}.shared{stroke:#0043ce;fill:none;stroke-width:3}"
    ".ring{fill:none;stroke:#0043ce;stroke-width:1;stroke-opacity:.55}"
    ".area{fill:#0043ce;fill-opacity:.12;stroke:#0043ce;stroke-width:2.5}"
    ".n0{stroke:#a2191f;fill:none;stroke-width:1.8}.n1{stroke:#9a5b00;fill:none;stroke-width:1.8;stroke-dasharray:8 4}"
    ".n2{stroke:#00695c;fill:none;stroke-width:1.8;stroke-dasharray:2 4}"
    ".n3,.n4,.n5,.n6,.n7{stroke:#6929c4;fill:none;stroke-width:1.8;stroke-dasharray:12 3 2 3}"
    "@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}tr,figure{break-inside:avoid}}";

enum { WIDTH = 900, MAP_HEIGHT = 520, CURVE_HEIGHT = 320 };

// ---- Text ----------------------------------------------------------------------------------------------------------
static void escaped(FILE *to, const char *text) {
  for (; *text != '\0'; text++) {
    if (*text == '<')
      fputs("&lt;", to);
    else if (*text == '>')
      fputs("&gt;", to);
    else if (*text == '&')
      fputs("&amp;", to);
    else if (*text == '"')
      fputs("&quot;", to);
    else
      fputc(*text, to);
  }
}

static void cell(FILE *to, const char *class, const char *text) {
  fprintf(to, "<td%s%s%s>", class[0] ? " class=\"" : "", class, class[0] ? "\"" : "");
  escaped(to, text);
  fputs("</td>", to);
}

static const char *clock_of(wf_time t, char out[WF_TIME_RFC3339_SIZE]) {
  wf_time_format(t, 1, out);
  return t.ns == 0 ? "" : out + 11;  // the time of day
}

static void heading(const report *r, FILE *to, report_word word) {
  fprintf(to, "<h2>%s</h2>\n", report_text(r, word));
}

static void head(const report *r, FILE *to) {
  uint8_t hash[crypto_hash_sha256_BYTES];
  char hash_text[64], from[WF_TIME_RFC3339_SIZE], until[WF_TIME_RFC3339_SIZE];
  crypto_hash_sha256(hash, (const unsigned char *)STYLE, sizeof STYLE - 1);
  sodium_bin2base64(hash_text, sizeof hash_text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
  fprintf(
      to,
      "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'sha256-%s'\">\n<meta name=\"viewport\" "
      "content=\"width=device-width\">\n"
      "<title>%s %s</title>\n<style>%s</style></head><body>\n",
      r->language, hash_text, report_text(r, WORD_TITLE), r->nation.code, STYLE);
  fprintf(to, "<p class=\"mode%s\">%s</p>\n<h1>%s · %s</h1>\n", r->mode == WF_MODE_LIVE ? " live" : "", report_mode(r),
          report_text(r, WORD_TITLE), r->nation.code);
  if (r->mode == WF_MODE_EXERCISE) fprintf(to, "<p>%s</p>\n", report_text(r, WORD_NOTIONAL));
  fprintf(to, "<table><tr><th>%s</th>", report_text(r, WORD_RECORDING));
  cell(to, "", r->name);
  fprintf(to, "</tr><tr><th>%s</th><td>%s – %s</td></tr></table>\n", report_text(r, WORD_SPAN),
          wf_time_format(r->from, 0, from), wf_time_format(r->until, 0, until));
  if (r->identical)
    fprintf(to, "<p class=\"good\">%s</p>\n", report_text(r, WORD_IDENTICAL));
  else
    fprintf(to, "<p class=\"bad\">%s", report_text(r, WORD_NOT_IDENTICAL)),
        escaped(to, r->difference[0] ? r->difference : r->end), fputs("</p>\n", to);
}

// ---- The value of sharing ------------------------------------------------------------------------------------------
static wf_time first_of(const wf_value_event *v) {
  wf_time first = v->shared.detected;
  for (uint8_t n = 0; n < v->nation_count; n++) {
    const wf_time t = v->nation[n].alone.detected;
    if (t.ns != 0 && (first.ns == 0 || wf_time_before(t, first))) first = t;
  }
  return first;
}

static wf_time moment_of(const wf_value_entry *e, report_word word) {
  return word == WORD_DETECTED  ? e->detected
         : word == WORD_TRACKED ? e->tracked
         : word == WORD_LAUNCH  ? e->launch_known
                                : e->area_known;
}

static void time_cell(const report *r, FILE *to, wf_time t, wf_time zero, bool best) {
  if (t.ns == 0)
    fprintf(to, "<td class=\"n\">%s</td>", report_text(r, WORD_NEVER));
  else
    fprintf(to, "<td class=\"n%s\">+%.1f s</td>", best ? " best" : "", wf_time_diff_s(t, zero));
}

static void time_row(const report *r, FILE *to, const wf_value_event *v, report_word word) {
  const wf_time zero = first_of(v);
  fprintf(to, "<tr><th>%s</th>", report_text(r, word));
  for (uint8_t n = 0; n < v->nation_count; n++) time_cell(r, to, moment_of(&v->nation[n].alone, word), zero, false);
  time_cell(r, to, moment_of(&v->shared, word), zero, true);
  fputs("</tr>\n", to);
}

static void size_cell(const report *r, FILE *to, const wf_impact_area *i, bool best) {
  if (!i->valid)
    fprintf(to, "<td class=\"n\">%s</td>", report_text(r, WORD_NEVER));
  else
    fprintf(to, "<td class=\"n%s\">%.1f km</td>", best ? " best" : "", 1e-3 * i->area.semi_major_95_m);
}

static void impact_cell(const report *r, FILE *to, const wf_impact_area *i, bool best) {
  char at[WF_TIME_RFC3339_SIZE];
  if (!i->valid)
    fprintf(to, "<td class=\"n\">%s</td>", report_text(r, WORD_NEVER));
  else
    fprintf(to, "<td class=\"n%s\">%.2f°, %.2f°<br>%s ± %.0f s</td>", best ? " best" : "", i->area.lat_rad / WF_DEG,
            i->area.lon_rad / WF_DEG, clock_of(i->time, at), i->time_sigma_s);
}

static void value_table(const report *r, FILE *to, const wf_value_event *v) {
  fprintf(to, "<h3>%s</h3>\n<table><tr><th>%s</th>", report_text(r, WORD_VALUE), report_text(r, WORD_SECONDS_AFTER));
  for (uint8_t n = 0; n < v->nation_count; n++)
    fprintf(to, "<th class=\"n\">%s %s</th>", v->nation[n].nation.code, report_text(r, WORD_ALONE));
  fprintf(to, "<th class=\"n best\">%s</th></tr>\n", report_text(r, WORD_SHARED));
  time_row(r, to, v, WORD_DETECTED);
  time_row(r, to, v, WORD_TRACKED);
  time_row(r, to, v, WORD_LAUNCH);
  time_row(r, to, v, WORD_AREA20);
  fprintf(to, "<tr><th>%s</th>", report_text(r, WORD_SIZE));
  for (uint8_t n = 0; n < v->nation_count; n++) size_cell(r, to, &v->nation[n].alone.latest, false);
  size_cell(r, to, &v->shared.latest, true);
  fprintf(to, "</tr><tr><th>%s</th>", report_text(r, WORD_IMPACT));
  for (uint8_t n = 0; n < v->nation_count; n++) impact_cell(r, to, &v->nation[n].alone.latest, false);
  impact_cell(r, to, &v->shared.latest, true);
  fputs("</tr></table>\n", to);
}

// ---- Map -----------------------------------------------------------------------------------------------------------
typedef struct map {
  double lat0, lon0, scale;  // degrees at the middle; pixels per degree of latitude
  double squeeze;            // of longitude
} map;

static double x_of(const map *m, double lon) {
  return WIDTH / 2.0 + remainder(lon - m->lon0, 360) * m->squeeze * m->scale;
}
static double y_of(const map *m, double lat) {
  return MAP_HEIGHT / 2.0 - (lat - m->lat0) * m->scale;
}

typedef struct bounds {
  double lat[2], lon[2];
  bool any;
  double lon_first;
} bounds;

static void widen(bounds *b, double lat, double lon) {
  if (!b->any) *b = (bounds){{lat, lat}, {lon, lon}, true, lon};
  lon = b->lon_first + remainder(lon - b->lon_first, 360);
  b->lat[0] = fmin(b->lat[0], lat), b->lat[1] = fmax(b->lat[1], lat);
  b->lon[0] = fmin(b->lon[0], lon), b->lon[1] = fmax(b->lon[1], lon);
}

static void widen_area(bounds *b, const wf_impact_area *i) {
  if (!i->valid || i->area.semi_major_95_m > 600e3) return;
  const double lat = i->area.lat_rad / WF_DEG, r = i->area.semi_major_95_m / 111e3;
  widen(b, lat - r, i->area.lon_rad / WF_DEG - r);
  widen(b, lat + r, i->area.lon_rad / WF_DEG + r);
}

static map map_within(const bounds *b, double least_deg) {
  map m = {(b->lat[0] + b->lat[1]) / 2, (b->lon[0] + b->lon[1]) / 2, 0, 0};
  m.squeeze = fmax(0.2, cos(m.lat0 * WF_DEG));
  const double high = fmax(b->lat[1] - b->lat[0], least_deg) * 1.2,
               wide = fmax(b->lon[1] - b->lon[0], least_deg) * 1.2 * m.squeeze;
  m.scale = fmin(MAP_HEIGHT / high, WIDTH / wide);
  return m;
}

static map map_of(const report_event *e) {
  bounds b = {0};
  for (size_t i = 0; i < e->sample_count; i++)
    if (e->sample[i].height_m > -1e6f) widen(&b, e->sample[i].lat_deg, e->sample[i].lon_deg);
  widen_area(&b, &e->value.shared.latest);
  for (uint8_t n = 0; n < e->value.nation_count; n++) widen_area(&b, &e->value.nation[n].alone.latest);
  return map_within(&b, 4);
}

// Outlines of the areas that the shipped lists know; they say nothing about borders.
static void draw_areas(FILE *to, const map *m, const wf_area *areas, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const double *p = areas[i].lat_lon_rad;
    fputs("<path class=\"land\" d=\"", to);
    for (uint32_t ring = 0; ring < areas[i].ring_count; ring++) {
      for (uint32_t k = 0; k < areas[i].ring_points[ring]; k++, p += 2)
        fprintf(to, "%s%.1f %.1f", k == 0 ? "M" : "L", x_of(m, p[1] / WF_DEG), y_of(m, p[0] / WF_DEG));
      fputc('Z', to);
    }
    fputs("\"/>\n", to);
  }
}

static void draw_land(FILE *to, const map *m, const wf_value_event *v) {
  for (uint8_t n = 0; n < v->nation_count; n++) {
    size_t count = 0;
    const wf_area *areas = wf_areas_of(v->nation[n].nation, &count);
    draw_areas(to, m, areas, count);
  }
}

static void draw_grid(FILE *to, const map *m) {
  const double high = MAP_HEIGHT / m->scale, step = high > 40    ? 10
                                                    : high > 12  ? 5
                                                    : high > 5   ? 2
                                                    : high > 2   ? 1
                                                    : high > 0.8 ? 0.25
                                                                 : 0.1;
  for (double lat = ceil((m->lat0 - high / 2) / step) * step; lat < m->lat0 + high / 2; lat += step)
    fprintf(to, "<path class=\"grid\" d=\"M0 %.1fH%d\"/><text x=\"4\" y=\"%.1f\">%g°</text>\n", y_of(m, lat), WIDTH,
            y_of(m, lat) - 3, lat);
  const double wide = WIDTH / m->scale / m->squeeze;
  for (double lon = ceil((m->lon0 - wide / 2) / step) * step; lon < m->lon0 + wide / 2; lon += step)
    fprintf(to, "<path class=\"grid\" d=\"M%.1f 0V%d\"/><text x=\"%.1f\" y=\"%d\">%g°</text>\n", x_of(m, lon),
            MAP_HEIGHT, x_of(m, lon) + 3, MAP_HEIGHT - 5, remainder(lon, 360));
}

static void draw_ellipse(FILE *to, const map *m, const wf_impact_area *i, const char *class) {
  if (!i->valid) return;
  const double cs = cos(i->area.azimuth_rad), sn = sin(i->area.azimuth_rad), lat = i->area.lat_rad / WF_DEG;
  fprintf(to, "<path class=\"%s\" d=\"", class);
  for (int k = 0; k < 48; k++) {
    const double a = i->area.semi_major_95_m * cos(k * WF_PI / 24), b = i->area.semi_minor_95_m * sin(k * WF_PI / 24);
    const double north = a * cs - b * sn, east = a * sn + b * cs;
    fprintf(to, "%s%.1f %.1f", k == 0 ? "M" : "L",
            x_of(m, i->area.lon_rad / WF_DEG + east / (111.2e3 * fmax(0.05, cos(lat * WF_DEG)))),
            y_of(m, lat + north / 111.2e3));
  }
  fputs("Z\"/>\n", to);
}

static void draw_path(FILE *to, const map *m, const report_event *e) {
  bool open = false;
  fputs("<path class=\"path\" d=\"", to);
  for (size_t i = 0; i < e->sample_count; i++) {
    const report_sample *s = &e->sample[i];
    if (s->height_m < -1e6f) continue;
    fprintf(to, "%s%.1f %.1f", open ? "L" : "M", x_of(m, s->lon_deg), y_of(m, s->lat_deg));
    open = true;
  }
  fputs(open ? "\"/>\n" : "M0 0\"/>\n", to);
}

static void legend(const report *r, FILE *to, const report_event *e, int x, int y) {
  for (uint8_t n = 0; n <= e->value.nation_count; n++, y += 18) {
    const bool shared = n == e->value.nation_count;
    char class[12] = "shared";
    if (!shared) snprintf(class, sizeof class, "n%u", (unsigned)n % 8);
    fprintf(to, "<path class=\"%s\" d=\"M%d %dh34\"/><text x=\"%d\" y=\"%d\">%s%s%s</text>\n", class, x, y - 4, x + 42,
            y, shared ? "" : e->value.nation[n].nation.code, shared ? "" : " ",
            report_text(r, shared ? WORD_SHARED : WORD_ALONE));
  }
}

static void draw_map(const report *r, FILE *to, const report_event *e) {
  const map m = map_of(e);
  char class[8];
  fprintf(to, "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, MAP_HEIGHT,
          report_text(r, WORD_MAP));
  draw_land(to, &m, &e->value);
  draw_grid(to, &m);
  for (uint8_t n = 0; n < e->value.nation_count; n++) {
    snprintf(class, sizeof class, "n%u", (unsigned)n % 8);
    draw_ellipse(to, &m, &e->value.nation[n].alone.latest, class);
  }
  draw_ellipse(to, &m, &e->value.shared.latest, "area");
  draw_path(to, &m, e);
  legend(r, to, e, WIDTH - 150, 24);
  fprintf(to, "</svg><figcaption>%s: %s</figcaption></figure>\n", report_text(r, WORD_MAP),
          report_text(r, WORD_MAP_SAYS));
}

// Some of the areas on the way, and the last one.
static void draw_close(const report *r, FILE *to, const report_event *e) {
  enum { RINGS = 9 };
  size_t first = 0;
  while (first < e->sample_count && !(e->sample[first].shared_m > 0 && e->sample[first].shared_m < 60e3f)) first++;
  if (first == e->sample_count || !e->value.shared.latest.valid) return;
  bounds b = {0};
  widen_area(&b, &e->sample[first].shared);
  widen_area(&b, &e->value.shared.latest);
  const map m = map_within(&b, 0.05);
  fprintf(to, "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, MAP_HEIGHT,
          report_text(r, WORD_CLOSE));
  draw_land(to, &m, &e->value);
  draw_grid(to, &m);
  for (int k = 0; k < RINGS; k++) {  // denser at the beginning, where it shrinks fastest
    const double part = (double)(k * k) / (RINGS * RINGS);
    draw_ellipse(to, &m, &e->sample[first + (size_t)(part * (double)(e->sample_count - 1 - first))].shared, "ring");
  }
  draw_ellipse(to, &m, &e->value.shared.latest, "area");
  fprintf(to, "</svg><figcaption>%s: %s</figcaption></figure>\n", report_text(r, WORD_CLOSE),
          report_text(r, WORD_CLOSE_SAYS));
}

// ---- Curves --------------------------------------------------------------------------------------------------------
static float size_at(const report_sample *s, int nation) {
  return nation < 0 ? s->shared_m : s->alone_m[nation];
}

static void draw_curve(FILE *to, const report_event *e, int nation, double from_s, double span_s) {
  const wf_time zero = e->sample[0].at;
  bool open = false;
  if (nation < 0)
    fputs("<path class=\"shared\" d=\"", to);
  else
    fprintf(to, "<path class=\"n%d\" d=\"", nation % 8);
  for (size_t i = 0; i < e->sample_count; i++) {
    const float size_m = size_at(&e->sample[i], nation);
    if (size_m <= 0) {
      open = false;
      continue;
    }
    const double x = 60 + (WIDTH - 80) * (wf_time_diff_s(e->sample[i].at, zero) - from_s) / span_s;
    const double decades = log10(fmin(fmax(size_m, 100), 1e6)) - 2;  // 100 m … 1,000 km
    fprintf(to, "%s%.1f %.1f", open ? "L" : "M", x, CURVE_HEIGHT - 30 - (CURVE_HEIGHT - 50) * decades / 4);
    open = true;
  }
  fputs("\"/>\n", to);
}

// From the first area that anybody had to the last.
static bool span_of(const report_event *e, double *from_s, double *span_s) {
  double first = -1, last = -1;
  for (size_t i = 0; i < e->sample_count; i++) {
    bool any = e->sample[i].shared_m > 0;
    for (int n = 0; n < e->value.nation_count; n++) any = any || e->sample[i].alone_m[n] > 0;
    const double t = wf_time_diff_s(e->sample[i].at, e->sample[0].at);
    if (any && first < 0) first = t;
    if (any) last = t;
  }
  *from_s = first;
  *span_s = fmax(last - first, 1);
  return first >= 0;
}

static void draw_curves(const report *r, FILE *to, const report_event *e) {
  double from_s, span_s;
  if (e->sample_count < 2 || !span_of(e, &from_s, &span_s)) return;
  fprintf(to, "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, CURVE_HEIGHT,
          report_text(r, WORD_SIZES));
  for (int decade = 0; decade <= 4; decade++) {
    const double y = CURVE_HEIGHT - 30 - (CURVE_HEIGHT - 50) * decade / 4.0;
    fprintf(to, "<path class=\"grid\" d=\"M60 %.1fH%d\"/><text x=\"6\" y=\"%.1f\">%g km</text>\n", y, WIDTH - 20, y + 4,
            pow(10, decade - 1));
  }
  const wf_time zero = first_of(&e->value);
  for (int k = 0; k <= 4; k++)
    fprintf(to, "<text x=\"%d\" y=\"%d\">+%.0f s</text>\n", 60 + (WIDTH - 110) * k / 4, CURVE_HEIGHT - 8,
            from_s + span_s * k / 4 + wf_time_diff_s(e->sample[0].at, zero));
  for (int n = 0; n < e->value.nation_count; n++) draw_curve(to, e, n, from_s, span_s);
  draw_curve(to, e, -1, from_s, span_s);
  legend(r, to, e, WIDTH - 170, 24);
  fprintf(to, "</svg><figcaption>%s: %s; %s</figcaption></figure>\n", report_text(r, WORD_SIZES),
          report_text(r, WORD_SIZES_SAYS), report_text(r, WORD_SECONDS_AFTER));
}

// ---- Warnings ------------------------------------------------------------------------------------------------------
static const char *area_name(const report *r, const char *code) {
  size_t count;
  const wf_area *areas = wf_node_areas(r->node, &count);
  for (size_t i = 0; i < count; i++)
    if (strcmp(areas[i].code, code) == 0)
      return r->language[0] == 'j' ? areas[i].name_ja : r->language[0] == 'k' ? areas[i].name_ko : areas[i].name_en;
  return code;
}

static void product_row(const report *r, FILE *to, const wf_product *p) {
  char at[WF_TIME_RFC3339_SIZE];
  fputs("<tr>", to);
  cell(to, "", p->label);
  cell(to, "", report_stage(r, p->stage));
  cell(to, "", report_state(r, p->state));
  cell(to, "n", clock_of(p->proposed_at, at));
  cell(to, "n", clock_of(p->released_at, at));
  cell(to, "", p->first_operator);
  cell(to, "", p->second_operator);
  fputs("<td>", to);
  for (uint16_t i = 0; i < p->area_count; i++) {
    if (i > 0) fputs(", ", to);
    escaped(to, area_name(r, p->area[i].code));
  }
  fputs("</td></tr>\n", to);
}

static void headers(const report *r, FILE *to, const report_word *words, size_t count) {
  fputs("<table><tr>", to);
  for (size_t i = 0; i < count; i++) fprintf(to, "<th>%s</th>", report_text(r, words[i]));
  fputs("</tr>\n", to);
}

static void products(const report *r, FILE *to) {
  static const report_word HEADS[] = {WORD_EVENTS,   WORD_PRODUCT, WORD_STATE,  WORD_PROPOSED,
                                      WORD_RELEASED, WORD_FIRST,   WORD_SECOND, WORD_AREAS};
  heading(r, to, WORD_PRODUCTS);
  if (r->product_count == 0) {
    fprintf(to, "<p>%s</p>\n", report_text(r, WORD_NONE));
    return;
  }
  headers(r, to, HEADS, sizeof HEADS / sizeof HEADS[0]);
  for (size_t i = 0; i < r->product_count; i++) product_row(r, to, &r->product[i]);
  fprintf(to, "</table>\n<p>%s</p>\n", report_text(r, WORD_NO_RECEIPTS));
}

// ---- Time line -----------------------------------------------------------------------------------------------------
static const wf_product *product_named(const report *r, uint64_t id) {
  for (size_t i = 0; i < r->product_count; i++)
    if (r->product[i].id == id) return &r->product[i];
  return NULL;
}

static void line_row(const report *r, FILE *to, const report_line *l) {
  char at[WF_TIME_RFC3339_SIZE], what[260];
  const wf_product *p = l->kind == REPORT_ACTION ? product_named(r, l->action.subject) : &l->product;
  const char *who = "", *reason = "", *outcome = "";
  switch (l->kind) {
    case REPORT_START:
      snprintf(what, sizeof what, "%s: %s", report_text(r, WORD_START), l->text);
      break;
    case REPORT_PRODUCT:
      snprintf(what, sizeof what, "%s: %s – %s", l->product.label, report_stage(r, l->product.stage),
               report_state(r, l->product.state));
      who = l->product.state == WF_PRODUCT_RELEASED ? l->product.second_operator : l->product.first_operator;
      break;
    case REPORT_ACTION:
      snprintf(what, sizeof what, "%s %s%s%s", l->action.what, p != NULL ? p->label : "", p != NULL ? " " : "",
               p != NULL ? report_stage(r, p->stage) : "");
      who = l->action.person;
      reason = l->action.reason;
      outcome = l->action.outcome;
      break;
    case REPORT_ALARM:
      snprintf(what, sizeof what, "%s: %s: %s", report_text(r, WORD_ALARM), wf_alarm_name(l->alarm), l->text);
      break;
  }
  fputs("<tr>", to);
  cell(to, "n", clock_of(l->at, at));
  cell(to, "", what);
  cell(to, "", who);
  cell(to, "", reason);
  cell(to, "", outcome);
  fputs("</tr>\n", to);
}

static void timeline(const report *r, FILE *to) {
  static const report_word HEADS[] = {WORD_TIME, WORD_WHAT, WORD_WHO, WORD_REASON, WORD_OUTCOME};
  heading(r, to, WORD_TIMELINE);
  headers(r, to, HEADS, sizeof HEADS / sizeof HEADS[0]);
  for (size_t i = 0; i < r->line_count; i++) line_row(r, to, &r->line[i]);
  fputs("</table>\n", to);
  if (r->lines_lost > 0) fprintf(to, "<p>%zu %s</p>\n", r->lines_lost, report_text(r, WORD_LOST_LINES));
}

void report_write(const report *r, FILE *to) {
  head(r, to);
  for (size_t i = 0; i < r->event_count; i++) {
    const report_event *e = &r->event[i];
    fprintf(to, "<h2>%s ", report_text(r, WORD_EVENTS));
    escaped(to, e->value.label);
    fputs("</h2>\n", to);
    value_table(r, to, &e->value);
    draw_map(r, to, e);
    draw_close(r, to, e);
    draw_curves(r, to, e);
  }
  products(r, to);
  timeline(r, to);
  fputs("</body></html>\n", to);
}
