// Keywords of the Tracking Data Message and what they may hold (CCSDS 503.0-B-2, tables 3-2, 3-3 and 3-5).
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tdm_state.h"

wf_status tdm_refuse(tdm_state *s, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(s->fault->reason, sizeof s->fault->reason, format, args);
  va_end(args);
  s->fault->line = s->line;
  return WF_EFORMAT;
}

typedef struct meta_rule {
  const char *name;  // '#' stands for 1 to 5
  wf_tdm_type type;
  const char *choices;  // " A B "; NULL: anything
} meta_rule;

static const meta_rule META[] = {
    {"TRACK_ID", WF_TDM_TEXT, NULL},
    {"DATA_TYPES", WF_TDM_TEXT, NULL},
    {"TIME_SYSTEM", WF_TDM_TEXT, " UTC TAI GPS TT UT1 TDB TCB TCG SCLK MET MRT TDR GMST "},
    {"START_TIME", WF_TDM_TIME, NULL},
    {"STOP_TIME", WF_TDM_TIME, NULL},
    {"PARTICIPANT_#", WF_TDM_TEXT, NULL},
    {"MODE", WF_TDM_TEXT, " SEQUENTIAL SINGLE_DIFF "},
    {"PATH", WF_TDM_TEXT, NULL},
    {"PATH_1", WF_TDM_TEXT, NULL},
    {"PATH_2", WF_TDM_TEXT, NULL},
    {"EPHEMERIS_NAME_#", WF_TDM_TEXT, NULL},
    {"TRANSMIT_BAND", WF_TDM_TEXT, NULL},
    {"RECEIVE_BAND", WF_TDM_TEXT, NULL},
    {"TURNAROUND_NUMERATOR", WF_TDM_NUMBER, NULL},
    {"TURNAROUND_DENOMINATOR", WF_TDM_NUMBER, NULL},
    {"TIMETAG_REF", WF_TDM_TEXT, " TRANSMIT RECEIVE "},
    {"INTEGRATION_INTERVAL", WF_TDM_NUMBER, NULL},
    {"INTEGRATION_REF", WF_TDM_TEXT, " START MIDDLE END "},
    {"FREQ_OFFSET", WF_TDM_NUMBER, NULL},
    {"RANGE_MODE", WF_TDM_TEXT, " COHERENT CONSTANT ONE_WAY "},
    {"RANGE_MODULUS", WF_TDM_NUMBER, NULL},
    {"RANGE_UNITS", WF_TDM_TEXT, " KM S RU "},
    {"ANGLE_TYPE", WF_TDM_TEXT, " AZEL RADEC XEYN XSYE "},
    {"REFERENCE_FRAME", WF_TDM_TEXT, NULL},
    {"INTERPOLATION", WF_TDM_TEXT, NULL},
    {"INTERPOLATION_DEGREE", WF_TDM_NUMBER, NULL},
    {"DOPPLER_COUNT_BIAS", WF_TDM_NUMBER, NULL},
    {"DOPPLER_COUNT_SCALE", WF_TDM_NUMBER, NULL},
    {"DOPPLER_COUNT_ROLLOVER", WF_TDM_TEXT, " YES NO "},
    {"TRANSMIT_DELAY_#", WF_TDM_NUMBER, NULL},
    {"RECEIVE_DELAY_#", WF_TDM_NUMBER, NULL},
    {"DATA_QUALITY", WF_TDM_TEXT, " RAW VALIDATED DEGRADED "},
    {"CORRECTION_ANGLE_1", WF_TDM_NUMBER, NULL},
    {"CORRECTION_ANGLE_2", WF_TDM_NUMBER, NULL},
    {"CORRECTION_DOPPLER", WF_TDM_NUMBER, NULL},
    {"CORRECTION_MAG", WF_TDM_NUMBER, NULL},
    {"CORRECTION_RANGE", WF_TDM_NUMBER, NULL},
    {"CORRECTION_RCS", WF_TDM_NUMBER, NULL},
    {"CORRECTION_RECEIVE", WF_TDM_NUMBER, NULL},
    {"CORRECTION_TRANSMIT", WF_TDM_NUMBER, NULL},
    {"CORRECTION_ABERRATION_YEARLY", WF_TDM_NUMBER, NULL},
    {"CORRECTION_ABERRATION_DIURNAL", WF_TDM_NUMBER, NULL},
    {"CORRECTIONS_APPLIED", WF_TDM_TEXT, " YES NO "},
};

static const struct {
  const char *name, *unit;
} DATA[] = {
    {"CARRIER_POWER", "dBW"},
    {"DOPPLER_COUNT", ""},
    {"DOPPLER_INSTANTANEOUS", "km/s"},
    {"DOPPLER_INTEGRATED", "km/s"},
    {"PC_N0", "dBHz"},
    {"RECEIVE_PHASE_CT_#", ""},
    {"TRANSMIT_PHASE_CT_#", ""},
    {"PR_N0", "dBHz"},
    {"RANGE", NULL},
    {"RECEIVE_FREQ_#", "Hz"},
    {"RECEIVE_FREQ", "Hz"},
    {"TRANSMIT_FREQ_#", "Hz"},
    {"TRANSMIT_FREQ_RATE_#", "Hz/s"},
    {"DOR", "s"},
    {"VLBI_DELAY", "s"},
    {"ANGLE_1", "deg"},
    {"ANGLE_2", "deg"},
    {"MAG", ""},
    {"RCS", "m2"},
    {"CLOCK_BIAS", "s"},
    {"CLOCK_DRIFT", "s/s"},
    {"STEC", "TECU"},
    {"TROPO_DRY", "m"},
    {"TROPO_WET", "m"},
    {"PRESSURE", "hPa"},
    {"RHUMIDITY", "%"},
    {"TEMPERATURE", "K"},
};

// Whether a keyword is the one of the table.
static bool matches(const char *name, const char *keyword) {
  for (; *name != '\0'; name++, keyword++) {
    if (*name == '#' ? *keyword < '1' || *keyword > '5' : *name != *keyword) return false;
  }
  return *keyword == '\0';
}

static bool chosen(const char *choices, const char *value) {
  const size_t length = strlen(value);
  for (const char *p = choices; (p = strchr(p, ' ')) != NULL && p[1] != '\0'; p++)
    if (strncasecmp(p + 1, value, length) == 0 && p[1 + length] == ' ') return true;
  return false;
}

// A copy in the segment's own memory; NULL when that is full.
static const char *keep(tdm_state *s, const char *text) {
  const size_t size = strlen(text) + 1;
  if (sizeof s->text - s->used < size) return NULL;
  char *copy = s->text + s->used;
  memcpy(copy, text, size);
  s->used += size;
  return copy;
}

const wf_tdm_meta *wf_tdm_find(const wf_tdm_segment *segment, const char *keyword) {
  for (unsigned i = 0; i < segment->count; i++)
    if (strcmp(segment->meta[i].keyword, keyword) == 0) return &segment->meta[i];
  return NULL;
}

// ---- Header -------------------------------------------------------------------------------------------------------
wf_status tdm_version(tdm_state *s, const char *version) {
  if (s->place != TDM_BEFORE) return tdm_refuse(s, "CCSDS_TDM_VERS is not the first keyword");
  if (strcmp(version, "1.0") != 0 && strcmp(version, "2.0") != 0)
    return tdm_refuse(s, "CCSDS_TDM_VERS \"%.20s\": 1.0 and 2.0 are known", version);
  snprintf(s->version, sizeof s->version, "%s", version);
  s->place = TDM_HEADER;
  return WF_OK;
}

wf_status tdm_header(tdm_state *s, const char *name, const char *value) {
  if (s->place == TDM_BEFORE) return tdm_refuse(s, "%.40s before CCSDS_TDM_VERS", name);
  if (strcmp(name, "CREATION_DATE") == 0) {
    s->has_creation_date = true;
    if (wf_ccsds_time(value, &s->segment.creation_date) == WF_OK) return WF_OK;
    return tdm_refuse(s, "CREATION_DATE: \"%.40s\" is not a time", value);
  }
  const bool originator = strcmp(name, "ORIGINATOR") == 0;
  if (!originator && strcmp(name, "MESSAGE_ID") != 0)
    return tdm_refuse(s, "%.40s is not a keyword of the header", name);
  snprintf(originator ? s->originator : s->message_id, sizeof s->originator, "%.127s", value);
  return WF_OK;
}

// ---- Metadata -----------------------------------------------------------------------------------------------------
wf_status tdm_meta_start(tdm_state *s) {
  if (s->place != TDM_HEADER) return tdm_refuse(s, "META_START where it cannot be");
  if (!s->has_creation_date) return tdm_refuse(s, "CREATION_DATE is missing");
  if (s->originator[0] == '\0') return tdm_refuse(s, "ORIGINATOR is missing");
  s->place = TDM_META;
  s->segment.count = 0;
  s->segment.index = s->segments;
  s->used = 0;
  return WF_OK;
}

static wf_status set_meta(tdm_state *s, const meta_rule *k, const char *name, const char *value) {
  wf_tdm_meta *m = &s->segment.meta[s->segment.count];
  if (wf_tdm_find(&s->segment, name) != NULL) return tdm_refuse(s, "%s is there twice", name);
  if (s->segment.count == WF_TDM_META_MAX) return tdm_refuse(s, "more than %d keywords of metadata", WF_TDM_META_MAX);
  *m = (wf_tdm_meta){keep(s, name), keep(s, value), k->type, 0, {0}};
  if (m->keyword == NULL || m->text == NULL)
    return tdm_refuse(s, "more than %d characters of metadata", WF_TDM_TEXT_MAX);
  if (value[0] == '\0') return tdm_refuse(s, "%s is empty", name);
  if (k->type == WF_TDM_NUMBER && wf_ccsds_number(value, &m->number) != WF_OK)
    return tdm_refuse(s, "%s: \"%.40s\" is not a number", name, value);
  if (k->type == WF_TDM_TIME && wf_ccsds_time(value, &m->time) != WF_OK)
    return tdm_refuse(s, "%s: \"%.40s\" is not a time", name, value);
  if (k->choices != NULL && !chosen(k->choices, value))
    return tdm_refuse(s, "%s: \"%.40s\" is none of%.80s", name, value, k->choices);
  s->segment.count++;
  return WF_OK;
}

wf_status tdm_meta(tdm_state *s, const char *name, const char *value) {
  for (size_t i = 0; i < sizeof META / sizeof META[0]; i++)
    if (matches(META[i].name, name)) return set_meta(s, &META[i], name, value);
  return tdm_refuse(s, "%.40s is not a keyword of the metadata", name);
}

wf_status tdm_meta_stop(tdm_state *s) {
  if (s->place != TDM_META) return tdm_refuse(s, "META_STOP without META_START");
  const wf_tdm_meta *system = wf_tdm_find(&s->segment, "TIME_SYSTEM");
  if (system == NULL) return tdm_refuse(s, "TIME_SYSTEM is missing");
  if (wf_tdm_find(&s->segment, "PARTICIPANT_1") == NULL) return tdm_refuse(s, "PARTICIPANT_1 is missing");
  s->segment.utc = strcasecmp(system->text, "UTC") == 0;
  s->segment.version = s->version;
  s->segment.originator = s->originator;
  s->segment.message_id = s->message_id;
  s->place = TDM_META_DONE;
  if (s->visitor->segment != NULL) s->visitor->segment(s->visitor->context, &s->segment);
  return WF_OK;
}

// ---- Data ---------------------------------------------------------------------------------------------------------
wf_status tdm_data_start(tdm_state *s) {
  if (s->place != TDM_META_DONE) return tdm_refuse(s, "DATA_START without metadata before it");
  s->place = TDM_DATA;
  return WF_OK;
}

static const char *range_unit(const wf_tdm_segment *segment) {
  const wf_tdm_meta *unit = wf_tdm_find(segment, "RANGE_UNITS");
  if (unit == NULL || strcasecmp(unit->text, "km") == 0) return "km";
  return strcasecmp(unit->text, "s") == 0 ? "s" : "RU";
}

wf_status tdm_data(tdm_state *s, const char *name, const char *epoch, const char *value) {
  for (size_t i = 0; i < sizeof DATA / sizeof DATA[0]; i++) {
    if (!matches(DATA[i].name, name)) continue;
    wf_tdm_observation o = {.keyword = name, .unit = DATA[i].unit, .line = s->line};
    if (o.unit == NULL) o.unit = range_unit(&s->segment);
    if (wf_ccsds_time(epoch, &o.time) != WF_OK) return tdm_refuse(s, "%s: \"%.40s\" is not a time", name, epoch);
    if (wf_ccsds_number(value, &o.value) != WF_OK) return tdm_refuse(s, "%s: \"%.40s\" is not a number", name, value);
    if (s->visitor->observation != NULL) s->visitor->observation(s->visitor->context, &s->segment, &o);
    return WF_OK;
  }
  return tdm_refuse(s, "%.40s is not a keyword of the data", name);
}

wf_status tdm_data_stop(tdm_state *s) {
  if (s->place != TDM_DATA) return tdm_refuse(s, "DATA_STOP without DATA_START");
  s->place = TDM_HEADER;
  s->segments++;
  return WF_OK;
}

wf_status tdm_end(tdm_state *s) {
  if (s->place == TDM_BEFORE) return tdm_refuse(s, "CCSDS_TDM_VERS is missing");
  if (s->place != TDM_HEADER) return tdm_refuse(s, "the message ends within a segment");
  if (s->segments == 0) return tdm_refuse(s, "the message has no segment");
  return WF_OK;
}

wf_status wf_tdm_read(wf_bytes text, const wf_tdm_visitor *visitor, wf_ccsds_fault *fault) {
  tdm_state *s = calloc(1, sizeof *s);
  if (s == NULL) return WF_ENOMEM;
  s->visitor = visitor;
  s->fault = fault;
  size_t i = 0;
  while (i < text.size && strchr(" \t\r\n\xef\xbb\xbf", text.data[i]) != NULL && text.data[i] != 0) i++;
  const bool xml = i < text.size && text.data[i] == '<';
  const wf_status status = xml ? tdm_read_xml(s, text) : tdm_read_kvn(s, text);
  free(s);
  return status;
}
