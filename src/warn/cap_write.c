// A product as a CAP 1.2 alert (OASIS CAP-v1.2, 2010), section 3.2 element by element. In memory only; the same
// product gives the same bytes.
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <string.h>

#include "cap_shape.h"
#include "cap_text.h"
#include "geocodes.h"
#include "rules.h"
#include "warn/cap.h"
#include "warn/seas.h"

enum { TIME_SIZE = 32, DESCRIPTION_SIZE = 12 * 1024, HEADLINE_SIZE = 2 * 1024 };

typedef struct stage_codes {
  const char *response[2];
  const char *urgency, *severity, *certainty;
} stage_codes;

// CAP 3.2.2; what people should do, how soon, how bad, how sure.
static const stage_codes CODES[WARN_STAGES] = {
    [WF_STAGE_LAUNCH_NOTICE] = {{"Prepare", "Monitor"}, "Immediate", "Severe", "Possible"},
    [WF_STAGE_AREA] = {{"Shelter", "Monitor"}, "Immediate", "Severe", "Likely"},
    [WF_STAGE_THREATENED_AREAS] = {{"Shelter"}, "Immediate", "Extreme", "Likely"},
    [WF_STAGE_IMMINENT] = {{"Shelter"}, "Immediate", "Extreme", "Likely"},
    [WF_STAGE_LOST_TRACK] = {{"Shelter", "Monitor"}, "Immediate", "Extreme", "Possible"},
    [WF_STAGE_IMPACT_EXPECTED] = {{"Shelter", "Avoid"}, "Immediate", "Extreme", "Likely"},
    [WF_STAGE_ALL_CLEAR] = {{"AllClear", "Avoid"}, "Past", "Minor", "Likely"},
    [WF_STAGE_CORRECTION] = {{"Monitor"}, "Immediate", "Unknown", "Unknown"},
    [WF_STAGE_OVERFLIGHT] = {{"Shelter"}, "Immediate", "Severe", "Likely"},
    [WF_STAGE_PASSED] = {{"AllClear", "Avoid"}, "Past", "Minor", "Observed"},
    [WF_STAGE_DEBRIS] = {{"Shelter", "Avoid"}, "Immediate", "Severe", "Likely"},
    [WF_STAGE_CANCEL] = {{"AllClear"}, "Past", "Minor", "Unlikely"},
    [WF_STAGE_SEISMIC] = {{"Monitor"}, "Past", "Unknown", "Possible"},
    [WF_STAGE_NOTICE] = {{"Avoid", "Monitor"}, "Future", "Unknown", "Possible"},
};

typedef struct cap {
  xmlTextWriter *writer;
  const wf_product *product;
  const char *sender;
  warn_saying say;
  wf_time sent;
  bool failed;
} cap;

static const xmlChar *xml_of(const char *text) {
  return (const xmlChar *)text;
}

static void element(cap *c, const char *name, const char *text) {
  if (xmlTextWriterWriteElement(c->writer, xml_of(name), xml_of(text)) < 0) c->failed = true;
}

static void start(cap *c, const char *name) {
  if (xmlTextWriterStartElement(c->writer, xml_of(name)) < 0) c->failed = true;
}

static void end(cap *c) {
  if (xmlTextWriterEndElement(c->writer) < 0) c->failed = true;
}

static void pair(cap *c, const char *name, const char *value_name, const char *value) {
  start(c, name);
  element(c, "valueName", value_name);
  element(c, "value", value);
  end(c);
}

// CAP 3.3.2: whole seconds and a numeric zone, UTC as -00:00, never Z.
static char *time_text(wf_time time, wf_nation issuer, char out[TIME_SIZE]) {
  char stamp[WF_TIME_RFC3339_SIZE];
  const int zone_s = warn_zone_s(issuer);
  wf_time_format(wf_time_add_s(time, zone_s), 0, stamp);
  snprintf(out, TIME_SIZE, "%.19s%s%02d:%02d", stamp, zone_s > 0 ? "+" : "-", zone_s / 3600, zone_s / 60 % 60);
  return out;
}

static wf_time whole_second(wf_time t) {
  return (wf_time){t.ns - t.ns % WF_NS_PER_S};
}

void wf_cap_identifier(const wf_product *p, uint64_t id, char out[WF_CAP_IDENTIFIER_SIZE]) {
  snprintf(out, WF_CAP_IDENTIFIER_SIZE, "watchfire-%s-%s-%016llx", p->issuer.code, wf_mode_name(p->mode),
           (unsigned long long)id);
}

// What nobody released is no alert yet, whatever it says.
static const char *status_text(const wf_product *p) {
  if (p->mode == WF_MODE_EXERCISE) return "Exercise";
  if (p->mode == WF_MODE_TEST) return "Test";
  return p->state == WF_PRODUCT_RELEASED ? "Actual" : "Draft";
}

static bool has_reference(const wf_product *p) {
  return p->supersedes != 0 && p->supersedes_sent.ns != 0;
}

static void put_references(cap *c) {
  if (!has_reference(c->product)) return;
  char id[WF_CAP_IDENTIFIER_SIZE], sent[TIME_SIZE], text[256];
  wf_cap_identifier(c->product, c->product->supersedes, id);
  snprintf(text, sizeof text, "%s,%s,%s", c->sender, id,
           time_text(c->product->supersedes_sent, c->product->issuer, sent));
  element(c, "references", text);
}

static void put_head(cap *c) {
  const wf_product *p = c->product;
  char text[WF_CAP_IDENTIFIER_SIZE], event[24];
  wf_cap_identifier(p, p->id, text);
  element(c, "identifier", text);
  element(c, "sender", c->sender);
  element(c, "sent", time_text(c->sent, p->issuer, text));
  element(c, "status", status_text(p));
  // The all-clear is an Update too: Cancel is for alerts in error.
  element(c, "msgType", !has_reference(p) ? "Alert" : p->stage == WF_STAGE_CANCEL ? "Cancel" : "Update");
  element(c, "scope", "Public");
  if (p->mode != WF_MODE_LIVE) element(c, "note", WARN_TEXT[WARN_EN]->note[p->mode]);
  put_references(c);
  snprintf(event, sizeof event, "%016llx", (unsigned long long)p->event);
  element(c, "incidents", event);
}

static void put_times(cap *c) {
  const wf_product *p = c->product;
  char text[TIME_SIZE];
  element(c, "effective", time_text(c->sent, p->issuer, text));
  const wf_time onset = p->impact.valid ? warn_earliest(&p->impact) : c->sent;
  const bool over = p->stage == WF_STAGE_ALL_CLEAR || p->stage == WF_STAGE_PASSED || p->stage == WF_STAGE_CANCEL;
  if (!over && wf_time_before(c->sent, onset)) element(c, "onset", time_text(onset, p->issuer, text));
  element(c, "expires", time_text(p->expires, p->issuer, text));
}

static void put_words(cap *c) {
  const wf_product *p = c->product;
  const warn_text *t = c->say.text;
  char text[DESCRIPTION_SIZE] = "";
  warn_line line = {.text = text, .size = sizeof text};
  const warn_slot nation = {"nation", p->issuer.code};
  warn_put(&line, t->frame[p->mode]);
  warn_put_filled(&line, t->sender, &nation, 1);
  element(c, "senderName", text);
  line = (warn_line){.text = text, .size = HEADLINE_SIZE};
  warn_head(&c->say, &line);
  element(c, "headline", text);
  c->failed |= line.cut;
  line = (warn_line){.text = text, .size = sizeof text};
  warn_describe(&c->say, &line);
  element(c, "description", text);
  c->failed |= line.cut;
  line = (warn_line){.text = text, .size = sizeof text};
  warn_put(&line, t->frame[p->mode]);
  warn_put(&line, warn_words(t, p)->todo);
  element(c, "instruction", text);
}

static void put_sources(cap *c) {
  static const char *const NAMES[6] = {"infrared", "radar", "partner", "voice", "system", "service"};
  char text[64] = "";
  warn_line line = {.text = text, .size = sizeof text};
  for (int bit = 0; bit < 6; bit++) {
    if ((c->product->sources & (1u << bit)) == 0) continue;
    if (line.length > 0) warn_put(&line, " ");
    warn_put(&line, NAMES[bit]);
  }
  if (line.length > 0) pair(c, "parameter", "watchfire:sources", text);
}

static void put_number(cap *c, const char *name, const char *format, double value) {
  char text[64];
  snprintf(text, sizeof text, format, value);  // formats are this file's own literals
  pair(c, "parameter", name, text);
}

static void put_impact_parameters(cap *c) {
  const wf_product *p = c->product;
  char text[TIME_SIZE];
  if (!p->impact.valid || p->stage == WF_STAGE_ALL_CLEAR) return;
  pair(c, "parameter", "watchfire:impact-earliest", time_text(warn_earliest(&p->impact), p->issuer, text));
  pair(c, "parameter", "watchfire:impact-time", time_text(p->impact.time, p->issuer, text));
  pair(c, "parameter", "watchfire:impact-latest", time_text(warn_latest(&p->impact), p->issuer, text));
  put_number(c, "watchfire:impact-semi-major-95-m", "%.0f", p->impact.area.semi_major_95_m);
  put_number(c, "watchfire:impact-semi-minor-95-m", "%.0f", p->impact.area.semi_minor_95_m);
}

static void put_sea_parameters(cap *c) {
  const wf_product *p = c->product;
  wf_sea_part parts[WF_SEA_PARTS_MAX];
  if (!p->impact.valid || p->stage == WF_STAGE_ALL_CLEAR) return;
  const size_t count = wf_seas_of(&p->impact.area, parts);
  for (size_t i = 0; i < count; i++) {
    char text[64];
    snprintf(text, sizeof text, "%s P=%.3f", parts[i].sea->code, parts[i].probability);
    pair(c, "parameter", "watchfire:sea", text);
  }
}

static const char *const THREATS[] = {"impact", "overflight", "debris"};

// For machines: the same in every language.
static void put_parameters(cap *c) {
  const wf_product *p = c->product;
  char text[192];
  snprintf(text, sizeof text, "%016llx", (unsigned long long)p->event);
  pair(c, "parameter", "watchfire:event", text);
  if (p->label[0] != '\0') pair(c, "parameter", "watchfire:track", p->label);
  pair(c, "parameter", "watchfire:stage", wf_product_stage_name((wf_product_stage)p->stage));
  snprintf(text, sizeof text, "%u", p->rule);
  pair(c, "parameter", "watchfire:rule", text);
  put_sources(c);
  pair(c, "parameter", "watchfire:single-source", p->single_source ? "true" : "false");
  if (p->bulletin.kind != WF_BULLETIN_NONE) pair(c, "parameter", "watchfire:information-only", "true");
  put_impact_parameters(c);
  put_sea_parameters(c);
  for (size_t i = 0; i < p->area_count; i++) {
    const struct wf_threatened *a = &p->area[i];
    char earliest[TIME_SIZE], latest[TIME_SIZE], height[32] = "";
    if (a->threat == WF_THREAT_OVERFLIGHT) snprintf(height, sizeof height, " height-m=%.0f", a->height_m);
    snprintf(text, sizeof text, "%s P=%.3f earliest=%s latest=%s threat=%s%s", a->code, a->probability,
             time_text(a->earliest, p->issuer, earliest), time_text(a->latest, p->issuer, latest), THREATS[a->threat],
             height);
    pair(c, "parameter", "watchfire:area", text);
  }
}

static void put_ellipse(cap *c, const wf_ground_ellipse *ellipse, const char *name) {
  warn_shape shape;
  warn_shape_of(ellipse, &shape);
  start(c, "area");
  element(c, "areaDesc", name);
  for (int i = 0; i < shape.count; i++) element(c, shape.circle ? "circle" : "polygon", shape.text[i]);
  end(c);
}

// Own areas by code where they are known, the impact ellipse otherwise; a launch notice has no area yet, and areas that
// are not alerted never appear.
static void put_areas(cap *c) {
  const wf_product *p = c->product;
  for (size_t i = 0; i < p->area_count; i++) {
    start(c, "area");
    element(c, "areaDesc", warn_area_name(c->say.areas, c->say.area_count, p->area[i].code, c->say.language));
    pair(c, "geocode", "ISO3166-2", p->area[i].code);
    const char *scheme;
    char code[WARN_GEOCODE_SIZE];
    if (warn_geocode(p->area[i].code, &scheme, code)) pair(c, "geocode", scheme, code);
    end(c);
  }
  const bool drawn = p->area_count == 0 || p->stage == WF_STAGE_AREA;
  if (drawn && p->impact.valid && p->stage != WF_STAGE_LAUNCH_NOTICE)
    put_ellipse(c, &p->impact.area, c->say.text->area_name);
  // Where a seismic event was is nobody's alert area.
  if (p->bulletin.kind == WF_BULLETIN_NOTICE) put_ellipse(c, &p->bulletin.place, c->say.text->announced_area);
}

static void put_info(cap *c, int language) {
  const wf_product *p = c->product;
  const stage_codes *codes = &CODES[p->stage];
  char event[512] = "";
  warn_line line = {.text = event, .size = sizeof event};
  c->say.text = WARN_TEXT[language];
  c->say.language = language;
  warn_put(&line, c->say.text->frame[p->mode]);
  warn_put(&line,
           p->bulletin.kind != WF_BULLETIN_NONE ? c->say.text->bulletin_event[p->bulletin.kind] : c->say.text->event);
  start(c, "info");
  element(c, "language", c->say.text->tag);
  static const char *const CATEGORIES[] = {"Security", "Geo", "Safety"};
  element(c, "category", CATEGORIES[p->bulletin.kind]);
  element(c, "event", event);
  for (int i = 0; i < 2 && codes->response[i] != NULL; i++) element(c, "responseType", codes->response[i]);
  element(c, "urgency", codes->urgency);
  element(c, "severity", codes->severity);
  element(c, "certainty", p->rule == WARN_RULE_FALL_OBSERVED ? "Observed" : codes->certainty);
  put_times(c);
  put_words(c);
  put_parameters(c);
  put_areas(c);
  end(c);
}

static bool plain(const char *text, size_t size) {
  const size_t length = strnlen(text, size);
  if (length == size) return false;
  for (size_t i = 0; i < length; i++)
    if (text[i] <= ' ' || text[i] > '~' || strchr("<>&,\"'", text[i]) != NULL) return false;
  return true;
}

// Nothing may be written that the checker would refuse.
static wf_status check(const wf_product *p, const char *sender, wf_time sent) {
  if (p->stage < WF_STAGE_LAUNCH_NOTICE || p->stage > WF_STAGE_LAST) return WF_EINVAL;
  if (p->stage == WF_STAGE_CANCEL && !has_reference(p)) return WF_EINVAL;  // there is nothing to cancel
  if (p->mode != WF_MODE_LIVE && p->mode != WF_MODE_TEST && p->mode != WF_MODE_EXERCISE) return WF_EMODE;
  if (p->state == WF_PRODUCT_WITHDRAWN) return WF_EDENIED;
  if (sender == NULL || sender[0] == '\0' || !plain(sender, 128)) return WF_EINVAL;
  if (p->issuer.code[0] == '\0' || !plain(p->issuer.code, sizeof p->issuer.code)) return WF_EINVAL;
  if (p->bulletin.kind > WF_BULLETIN_LAST) return WF_EINVAL;
  if ((p->stage == WF_STAGE_SEISMIC || p->stage == WF_STAGE_NOTICE) && p->bulletin.kind == WF_BULLETIN_NONE)
    return WF_EINVAL;
  if (!plain(p->label, sizeof p->label) || p->area_count > WF_PRODUCT_AREA_MAX) return WF_EINVAL;
  for (size_t i = 0; i < p->area_count; i++)
    if (p->area[i].code[0] == '\0' || !plain(p->area[i].code, sizeof p->area[i].code) ||
        p->area[i].threat > WF_THREAT_DEBRIS)
      return WF_EINVAL;
  return wf_time_before(sent, whole_second(p->expires)) ? WF_OK : WF_ETIME;
}

static void put_alert(cap *c) {
  if (xmlTextWriterSetIndent(c->writer, 1) < 0 || xmlTextWriterStartDocument(c->writer, NULL, "UTF-8", NULL) < 0)
    c->failed = true;
  if (xmlTextWriterStartElementNS(c->writer, NULL, xml_of("alert"), xml_of("urn:oasis:names:tc:emergency:cap:1.2")) < 0)
    c->failed = true;
  put_head(c);
  for (int language = 0; language < WARN_LANGUAGE_COUNT; language++) put_info(c, language);
  if (xmlTextWriterEndDocument(c->writer) < 0) c->failed = true;
}

wf_status wf_cap_write(const wf_product *product, const char *sender, const wf_area *areas, size_t area_count,
                       char *out, size_t size, size_t *length) {
  const wf_time sent =
      whole_second(product->state == WF_PRODUCT_RELEASED ? product->released_at : product->proposed_at);
  const wf_status status = check(product, sender, sent);
  if (status != WF_OK) return status;
  xmlBuffer *buffer = xmlBufferCreate();
  cap c = {.writer = buffer != NULL ? xmlNewTextWriterMemory(buffer, 0) : NULL,
           .product = product,
           .sender = sender,
           .say = {.product = product, .areas = areas, .area_count = area_count},
           .sent = sent};
  if (c.writer == NULL) {
    xmlBufferFree(buffer);
    return WF_ENOMEM;
  }
  put_alert(&c);
  xmlFreeTextWriter(c.writer);  // flushes into the buffer
  const size_t written = (size_t)xmlBufferLength(buffer);
  const bool fits = !c.failed && written < size;
  if (fits) {
    memcpy(out, xmlBufferContent(buffer), written);
    out[written] = '\0';
    *length = written;
  }
  xmlBufferFree(buffer);
  return fits ? WF_OK : c.failed ? WF_EINVAL : WF_EFULL;
}
