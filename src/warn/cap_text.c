// The description and headline of a product in one language, from the catalogue (text.c).
#include "cap_text.h"

#include <stdio.h>

#include "base/fmath.h"
#include "geo/geodesic.h"
#include "rules.h"
#include "warn/cap.h"
#include "warn/seas.h"

#define NAUTICAL_200_M 370400.0
#define COAST_FAR_M 2e6
#define MOSTLY 0.9

enum { HEADLINE_AREAS = 4, NUMBER_SIZE = 32, CLOCK_SIZE = 96, PLACE_SIZE = 96 };

int warn_zone_s(wf_nation issuer) {
  const bool nine = strcmp(issuer.code, "JPN") == 0 || strcmp(issuer.code, "KOR") == 0;
  return nine ? 9 * 3600 : 0;
}

static const char *zone_name(const warn_text *t, wf_nation issuer) {
  if (strcmp(issuer.code, "JPN") == 0) return t->zone_jpn;
  return strcmp(issuer.code, "KOR") == 0 ? t->zone_kor : t->zone_utc;
}

static const char *put_clock(const warn_text *t, const char *pattern, wf_nation issuer, wf_time time,
                             char out[CLOCK_SIZE]) {
  char stamp[WF_TIME_RFC3339_SIZE], hour[3], minute[3];
  wf_time_format(wf_time_add_s(time, warn_zone_s(issuer)), 0, stamp);
  snprintf(hour, sizeof hour, "%.2s", t->hour_plain && stamp[11] == '0' ? stamp + 12 : stamp + 11);
  if (t->hour_plain && stamp[11] == '0') hour[1] = '\0';
  snprintf(minute, sizeof minute, "%.2s", stamp + 14);
  const warn_slot slots[] = {{"hour", hour}, {"minute", minute}, {"zone", zone_name(t, issuer)}};
  warn_line line = {.text = out, .size = CLOCK_SIZE};
  warn_put_filled(&line, pattern, slots, 3);
  return out;
}

// Hours and minutes, seconds cut: what is earliest is never said later than it is.
static const char *clock_text(const warn_text *t, wf_nation issuer, wf_time time, char out[CLOCK_SIZE]) {
  return put_clock(t, t->clock, issuer, time, out);
}

// The end of a span, beside its beginning: the minute that is full by then.
static const char *until_text(const warn_text *t, wf_nation issuer, wf_time time, char out[CLOCK_SIZE]) {
  return put_clock(t, t->bare, issuer, wf_time_add_s(time, 59.999), out);
}

static const char *place_text(const warn_text *t, const wf_ground_ellipse *at, char out[PLACE_SIZE]) {
  char lat[NUMBER_SIZE], lon[NUMBER_SIZE];
  const double lat_deg = at->lat_rad / WF_DEG, lon_deg = wf_wrap_pi(at->lon_rad) / WF_DEG;
  snprintf(lat, sizeof lat, "%.2f", lat_deg < 0 ? -lat_deg : lat_deg);
  snprintf(lon, sizeof lon, "%.2f", lon_deg < 0 ? -lon_deg : lon_deg);
  const warn_slot slots[] = {{"lat", lat}, {"lon", lon}};
  warn_line line = {.text = out, .size = PLACE_SIZE};
  warn_put_filled(&line, t->place[(lat_deg < 0 ? 2 : 0) + (lon_deg < 0 ? 1 : 0)], slots, 2);
  return out;
}

// Whole kilometres, rounded up: an area is never said to be smaller than it is.
static const char *km_text(double m, char out[NUMBER_SIZE]) {
  const double km = m / 1000.0;
  const long whole = (long)km;
  snprintf(out, NUMBER_SIZE, "%ld", (double)whole < km ? whole + 1 : whole);
  return out;
}

const char *warn_area_name(const wf_area *areas, size_t area_count, const char *code, int language) {
  for (size_t i = 0; i < area_count; i++) {
    if (strcmp(areas[i].code, code) != 0) continue;
    const char *names[WARN_LANGUAGE_COUNT] = {areas[i].name_en, areas[i].name_ja, areas[i].name_ko};
    if (names[language] != NULL) return names[language];
    return areas[i].name_en != NULL ? areas[i].name_en : code;
  }
  return code;
}

static void put_launch(const warn_saying *s, warn_line *out) {
  const wf_product *p = s->product;
  if (!p->launch.valid) return;
  char time[CLOCK_SIZE], place[PLACE_SIZE], size[NUMBER_SIZE], distance[NUMBER_SIZE];
  const warn_slot slots[] = {{"time", clock_text(s->text, p->issuer, p->launch.time, time)},
                             {"place", place_text(s->text, &p->launch.area, place)},
                             {"size", km_text(p->launch.area.semi_major_95_m, size)}};
  warn_put_filled(out, s->text->launch, slots, 3);
  if (!p->impact.valid) return;
  double azimuth_rad = 0;
  const double range_m = wf_geo_distance_m(p->launch.area.lat_rad, p->launch.area.lon_rad, p->impact.area.lat_rad,
                                           p->impact.area.lon_rad, &azimuth_rad, NULL);
  const int point = (int)(wf_wrap_2pi(azimuth_rad + WF_PI / 16) / (WF_PI / 8)) % 16;
  const warn_slot way[] = {{"compass", s->text->compass[point]}, {"distance", km_text(range_m, distance)}};
  warn_put_filled(out, s->text->direction, way, 2);
}

static void put_impact(const warn_saying *s, warn_line *out) {
  const wf_product *p = s->product;
  if (!p->impact.valid || p->stage == WF_STAGE_LAUNCH_NOTICE || p->stage == WF_STAGE_ALL_CLEAR ||
      p->stage == WF_STAGE_CANCEL)
    return;
  char earliest[CLOCK_SIZE], latest[CLOCK_SIZE], place[PLACE_SIZE], length[NUMBER_SIZE], width[NUMBER_SIZE];
  const warn_slot slots[] = {{"earliest", clock_text(s->text, p->issuer, warn_earliest(&p->impact), earliest)},
                             {"latest", until_text(s->text, p->issuer, warn_latest(&p->impact), latest)},
                             {"place", place_text(s->text, &p->impact.area, place)},
                             {"length", km_text(2 * p->impact.area.semi_major_95_m, length)},
                             {"width", km_text(2 * p->impact.area.semi_minor_95_m, width)}};
  warn_put_filled(out, s->text->impact, slots, 5);
}

static const char *sea_name(const wf_sea *sea, int language) {
  const char *names[WARN_LANGUAGE_COUNT] = {sea->name_en, sea->name_ja, sea->name_ko};
  return names[language];
}

// "Inside" or "outside" is said only when the whole area is.
static int beside_limit(double distance_m, double semi_major_m) {
  if (distance_m + semi_major_m < NAUTICAL_200_M) return 0;
  return distance_m - semi_major_m > NAUTICAL_200_M ? 2 : 1;
}

static void put_coast(const warn_saying *s, warn_line *out) {
  const wf_ground_ellipse *at = &s->product->impact.area;
  const wf_area *nearest;
  char distance[NUMBER_SIZE];
  const double d_m = wf_warn_nearest_m(at->lat_rad, at->lon_rad, s->areas, s->area_count, &nearest);
  if (nearest == NULL || d_m > COAST_FAR_M || d_m < 1000) return;
  snprintf(distance, sizeof distance, "%.0f", d_m < 10e3 ? wf_floor(d_m / 1e3) : wf_floor(d_m / 10e3) * 10);
  const char *name = warn_area_name(s->areas, s->area_count, nearest->code, s->language);
  const warn_slot slots[] = {{"area", name}, {"distance", distance}};
  warn_put_filled(out, s->text->coast[beside_limit(d_m, at->semi_major_95_m)], slots, 2);
}

// In words where it falls when that is the sea. What is over is said only of what was followed to its end.
static void put_seas(const warn_saying *s, warn_line *out) {
  const wf_product *p = s->product;
  const bool over = p->stage == WF_STAGE_ALL_CLEAR;
  if (!p->impact.valid || p->stage == WF_STAGE_LAUNCH_NOTICE || p->stage == WF_STAGE_CANCEL) return;
  if (over && p->rule != WARN_RULE_FALL_OBSERVED && p->rule != WARN_RULE_TIME_OVER) return;
  wf_sea_part parts[WF_SEA_PARTS_MAX];
  const size_t count = wf_seas_of(&p->impact.area, parts);
  char list_text[512] = "";
  warn_line list = {.text = list_text, .size = sizeof list_text};
  double sea = 0;
  for (size_t i = 0; i < count; i++) {
    if (i > 0) warn_put(&list, s->text->separator);
    warn_put(&list, sea_name(parts[i].sea, s->language));
    sea += parts[i].probability;
  }
  if (count == 0 || (over && sea < MOSTLY)) return;
  const warn_slot slot = {"list", list_text};
  warn_put_filled(out, over ? s->text->fell : sea >= MOSTLY ? s->text->sea : s->text->sea_part, &slot, 1);
  if (!over && sea >= MOSTLY) put_coast(s, out);
}

static bool times_matter(const wf_product *p) {
  return p->stage == WF_STAGE_THREATENED_AREAS || p->stage == WF_STAGE_IMMINENT || p->stage == WF_STAGE_OVERFLIGHT ||
         p->stage == WF_STAGE_DEBRIS || p->stage == WF_STAGE_AREA;
}

// Areas under the path are a sentence of their own: who lies under it and who may be hit do not read each other's time.
static void put_area_list(const warn_saying *s, warn_line *out, bool overhead) {
  const wf_product *p = s->product;
  char list_text[6 * 1024] = "", time[CLOCK_SIZE], until[CLOCK_SIZE], height[NUMBER_SIZE];
  warn_line list = {.text = list_text, .size = sizeof list_text};
  for (size_t i = 0; i < p->area_count; i++) {
    if (times_matter(p) && (p->area[i].threat == WF_THREAT_OVERFLIGHT) != overhead) continue;
    if (list.length > 0) warn_put(&list, s->text->separator);
    const char *name = warn_area_name(s->areas, s->area_count, p->area[i].code, s->language);
    snprintf(height, sizeof height, "%.0f", wf_floor(p->area[i].height_m / 1e3));
    const warn_slot slots[] = {{"name", name},
                               {"time", clock_text(s->text, p->issuer, p->area[i].earliest, time)},
                               {"until", until_text(s->text, p->issuer, p->area[i].latest, until)},
                               {"height", height}};
    if (times_matter(p))
      warn_put_filled(&list, overhead ? s->text->above : s->text->area, slots, 4);
    else
      warn_put(&list, name);
  }
  out->cut |= list.cut;
  const warn_slot slot = {"list", list_text};
  const char *const pattern = overhead ? s->text->overhead : times_matter(p) ? s->text->threatened : s->text->concerned;
  if (list.length > 0) warn_put_filled(out, pattern, &slot, 1);
}

static void put_areas(const warn_saying *s, warn_line *out) {
  put_area_list(s, out, false);
  if (times_matter(s->product)) put_area_list(s, out, true);
}

static void put_salvo(const warn_saying *s, warn_line *out) {
  char count[NUMBER_SIZE];
  if (s->product->at_least < 2 || s->product->stage == WF_STAGE_CANCEL) return;
  snprintf(count, sizeof count, "%u", s->product->at_least);
  const warn_slot slot = {"count", count};
  warn_put_filled(out, s->text->salvo, &slot, 1);
}

static void put_sources(const warn_saying *s, warn_line *out) {
  char list_text[512] = "";
  warn_line list = {.text = list_text, .size = sizeof list_text};
  for (int bit = 0; bit < 6; bit++) {
    if ((s->product->sources & (1u << bit)) == 0) continue;
    if (list.length > 0) warn_put(&list, s->text->separator);
    warn_put(&list, s->text->source[bit]);
  }
  const warn_slot slot = {"sources", list_text};
  if (list.length > 0) warn_put_filled(out, s->text->seen_by, &slot, 1);
  if (s->product->single_source) warn_put(out, s->text->alone);
}

static const char *date_text(const warn_saying *s, wf_time time, char out[CLOCK_SIZE]) {
  char stamp[WF_TIME_RFC3339_SIZE], part[5][5];
  static const int AT[5] = {0, 5, 8, 11, 14};
  wf_time_format(wf_time_add_s(time, warn_zone_s(s->product->issuer)), 0, stamp);
  for (int i = 0; i < 5; i++) {
    const int skip = i > 0 && i < 4 && s->text->hour_plain && stamp[AT[i]] == '0';  // 5 and not 05
    snprintf(part[i], sizeof part[i], "%.*s", (i == 0 ? 4 : 2) - skip, stamp + AT[i] + skip);
  }
  const warn_slot slots[] = {{"year", part[0]}, {"month", part[1]},  {"day", part[2]},
                             {"hour", part[3]}, {"minute", part[4]}, {"zone", zone_name(s->text, s->product->issuer)}};
  warn_line line = {.text = out, .size = CLOCK_SIZE};
  warn_put_filled(&line, s->text->dated, slots, 6);
  return out;
}

// What is information only, with its numbers and who says so.
static void put_bulletin(const warn_saying *s, warn_line *out) {
  const wf_bulletin *b = &s->product->bulletin;
  if (b->kind == WF_BULLETIN_NONE || b->kind > WF_BULLETIN_LAST || s->product->stage == WF_STAGE_CANCEL) return;
  char from[CLOCK_SIZE], to[CLOCK_SIZE], place[PLACE_SIZE], size[NUMBER_SIZE], number[NUMBER_SIZE];
  const warn_slot slots[] = {{"time", date_text(s, b->from, from)},
                             {"from", from},
                             {"to", date_text(s, b->to, to)},
                             {"place", place_text(s->text, &b->place, place)},
                             {"size", km_text(b->place.semi_major_95_m, size)}};
  warn_put_filled(out, s->text->bulletin[b->kind], slots, 5);
  if (b->kind == WF_BULLETIN_SEISMIC && !b->possible_explosion) warn_put(out, s->text->no_explosion);
  if (b->has_magnitude) {
    snprintf(number, sizeof number, "%.1f", b->magnitude);
    const warn_slot slot = {"magnitude", number};
    warn_put_filled(out, s->text->magnitude, &slot, 1);
  }
  if (b->has_depth) {
    snprintf(number, sizeof number, "%.0f", b->depth_m / 1e3);
    const warn_slot slot = {"depth", number};
    warn_put_filled(out, s->text->depth, &slot, 1);
  }
  const warn_slot origin = {"sources", b->origin};
  if (b->origin[0] != '\0') warn_put_filled(out, s->text->seen_by_word, &origin, 1);
}

static const char *why_over(const warn_saying *s) {
  switch (s->product->rule) {
    case WARN_RULE_FALL_OBSERVED:
      return s->text->observed;
    case WARN_RULE_ORBIT:
      return s->text->orbit;
    case WARN_RULE_OUT_OF_REACH:
      return s->text->out_of_reach;
    default:
      return s->text->timed_out;
  }
}

void warn_describe(const warn_saying *s, warn_line *out) {
  const wf_product *p = s->product;
  warn_put(out, s->text->frame[p->mode]);
  warn_put(out, s->text->note[p->mode]);
  if (out->length > 0 && out->text[out->length - 1] == '.') warn_put(out, " ");  // Japanese sentences need none
  warn_put(out, warn_words(s->text, p)->says);
  put_bulletin(s, out);
  if (p->stage == WF_STAGE_ALL_CLEAR) warn_put(out, why_over(s));
  put_salvo(s, out);
  put_areas(s, out);
  put_launch(s, out);
  put_impact(s, out);
  put_seas(s, out);
  put_sources(s, out);
  while (out->length > 0 && out->text[out->length - 1] == ' ') out->text[--out->length] = '\0';
}

void warn_head(const warn_saying *s, warn_line *out) {
  const wf_product *p = s->product;
  char list_text[1024] = "", count[NUMBER_SIZE];
  warn_line list = {.text = list_text, .size = sizeof list_text};
  for (size_t i = 0; i < p->area_count && i < HEADLINE_AREAS; i++) {
    if (i > 0) warn_put(&list, s->text->separator);
    warn_put(&list, warn_area_name(s->areas, s->area_count, p->area[i].code, s->language));
  }
  if (p->area_count > HEADLINE_AREAS) {
    snprintf(count, sizeof count, "%d", p->area_count - HEADLINE_AREAS);
    const warn_slot slot = {"count", count};
    warn_put_filled(&list, s->text->more, &slot, 1);
  }
  const warn_slot slot = {"areas", list.length > 0 ? list_text : s->text->nowhere};
  warn_put(out, s->text->frame[p->mode]);
  warn_put_filled(out, warn_words(s->text, p)->headline, &slot, 1);
}

wf_status wf_cap_headline(const wf_product *product, const wf_area *areas, size_t area_count, const char *language,
                          char *out, size_t size) {
  int i = 0;
  while (i < WARN_LANGUAGE_COUNT && strncmp(WARN_TEXT[i]->tag, language, 2) != 0) i++;
  if (i == WARN_LANGUAGE_COUNT || size == 0) return WF_ENOTFOUND;
  const warn_saying saying = {product, areas, area_count, WARN_TEXT[i], i};
  warn_line line = {.text = out, .size = size};
  out[0] = '\0';
  warn_head(&saying, &line);
  return line.cut ? WF_EFULL : WF_OK;
}

wf_status wf_cap_agency_notice(const wf_product *product, const wf_area *area, const char *language, char *out,
                               size_t size) {
  int i = 0;
  while (i < WARN_LANGUAGE_COUNT && strncmp(WARN_TEXT[i]->tag, language, 2) != 0) i++;
  if (i == WARN_LANGUAGE_COUNT || size == 0) return WF_ENOTFOUND;
  for (int k = 0; k < product->area_count; k++)
    if (strncmp(product->area[k].code, area->code, WF_AREA_CODE_SIZE) == 0) return WF_EEXIST;
  warn_line line = {.text = out, .size = size};
  const warn_slot slot = {"area", warn_area_name(area, 1, area->code, i)};
  out[0] = '\0';
  warn_put(&line, WARN_TEXT[i]->frame[product->mode]);
  warn_put_filled(&line, WARN_TEXT[i]->not_warned, &slot, 1);
  return line.cut ? WF_EFULL : WF_OK;
}
