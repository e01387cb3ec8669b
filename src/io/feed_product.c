// One product as consoles see it.
#include <string.h>

#include "base/fmath.h"
#include "feed_json.h"
#include "warn/cap.h"
#include "warn/seas.h"

static json_t *area_names(const wf_area *areas, size_t count, const char *code) {
  for (size_t i = 0; i < count; i++)
    if (strncmp(areas[i].code, code, WF_AREA_CODE_SIZE) == 0)
      return json_pack("{s:s,s:s,s:s}", "en", areas[i].name_en, "ja", areas[i].name_ja, "ko", areas[i].name_ko);
  return json_null();
}

static const char *threat_name(uint8_t threat) {
  static const char *const NAMES[] = {"impact", "overflight", "debris"};
  return threat <= WF_THREAT_DEBRIS ? NAMES[threat] : "impact";
}

static json_t *threatened(const wf_product *p, const wf_area *areas, size_t count) {
  json_t *list = json_array();
  for (int i = 0; i < p->area_count; i++)
    json_array_append_new(
        list, json_pack("{s:s,s:o,s:f,s:s,s:o,s:o,s:f}", "code", p->area[i].code, "name",
                        area_names(areas, count, p->area[i].code), "probability", p->area[i].probability, "threat",
                        threat_name(p->area[i].threat), "earliest", feed_time(p->area[i].earliest), "latest",
                        feed_time(p->area[i].latest), "height_m", p->area[i].height_m));
  return list;
}

static json_t *seas(const wf_product *p) {
  json_t *list = json_array();
  wf_sea_part parts[WF_SEA_PARTS_MAX];
  const size_t count = p->impact.valid ? wf_seas_of(&p->impact.area, parts) : 0;
  for (size_t i = 0; i < count; i++)
    json_array_append_new(
        list, json_pack("{s:s,s:{s:s,s:s,s:s},s:f}", "code", parts[i].sea->code, "name", "en", parts[i].sea->name_en,
                        "ja", parts[i].sea->name_ja, "ko", parts[i].sea->name_ko, "probability", parts[i].probability));
  return list;
}

static json_t *bulletin(const wf_bulletin *b) {
  if (b->kind == WF_BULLETIN_NONE) return json_null();
  const wf_ground_ellipse *e = &b->place;
  return json_pack("{s:s,s:b,s:o,s:o,s:o,s:o,s:{s:f,s:f,s:f,s:f,s:f},s:s}", "kind",
                   b->kind == WF_BULLETIN_SEISMIC ? "seismic" : "notice", "possible_explosion",
                   (int)b->possible_explosion, "magnitude", b->has_magnitude ? json_real(b->magnitude) : json_null(),
                   "depth_m", b->has_depth ? json_real(b->depth_m) : json_null(), "from", feed_time(b->from), "to",
                   feed_time(b->to), "place", "lat_deg", e->lat_rad / WF_DEG, "lon_deg",
                   wf_wrap_pi(e->lon_rad) / WF_DEG, "semi_major_95_m", e->semi_major_95_m, "semi_minor_95_m",
                   e->semi_minor_95_m, "azimuth_deg", e->azimuth_rad / WF_DEG, "origin", b->origin);
}

static json_t *person(const char *name) {
  return name[0] != '\0' ? json_string(name) : json_null();
}

static json_t *headline(const wf_product *p, const wf_area *areas, size_t count) {
  static const char *const LANGUAGES[] = {"en", "ja", "ko"};
  json_t *words = json_object();
  char text[1024];
  for (size_t i = 0; i < 3; i++) {
    const wf_status status = wf_cap_headline(p, areas, count, LANGUAGES[i], text, sizeof text);
    if (status == WF_OK || status == WF_EFULL) json_object_set_new(words, LANGUAGES[i], json_string(text));
  }
  return words;
}

json_t *feed_product(const wf_product *p, const wf_area *areas, size_t count) {
  return json_pack(
      "{s:o,s:o,s:s,s:s,s:s,s:i,s:i,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o,s:o,s:o,s:o,s:o,s:o}", "id",
      feed_hex(p->id), "event", feed_hex(p->event), "label", p->label, "stage",
      wf_product_stage_name((wf_product_stage)p->stage), "state", wf_product_state_name((wf_product_state)p->state),
      "rule", (int)p->rule, "at_least", (int)p->at_least, "mode", wf_mode_name(p->mode), "issuer", p->issuer.code,
      "proposed_at", feed_time(p->proposed_at), "released_at", feed_time(p->released_at), "expires",
      feed_time(p->expires), "supersedes", p->supersedes != 0 ? feed_hex(p->supersedes) : json_null(), "launch",
      feed_launch(&p->launch), "impact", feed_impact(&p->impact), "sources", feed_sources(p->sources), "single_source",
      (int)p->single_source, "areas", threatened(p, areas, count), "seas", seas(p), "bulletin", bulletin(&p->bulletin),
      "first_operator", person(p->first_operator), "second_operator", person(p->second_operator), "headline",
      headline(p, areas, count));
}
