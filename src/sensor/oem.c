#include "sensor/oem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LINE_MAX = 4096, NUMBERS_MAX = 9 };

typedef enum place { BEFORE, HEADER, META, STATES, COVARIANCE } place;

enum {  // what a segment must state
  HAS_NAME = 1,
  HAS_ID = 2,
  HAS_CENTER = 4,
  HAS_FRAME = 8,
  HAS_CLOCK = 16,
  HAS_START = 32,
  HAS_STOP = 64,
  HAS_ALL = 127
};

typedef struct reader {
  const wf_oem_visitor *visitor;
  wf_ccsds_fault *fault;
  unsigned line, segments, states, has;
  place place;
  bool created, originated;
  wf_oem_segment segment;
  wf_time epoch;  // of the covariance that is being read
  int row;        // of it that comes next; -1: no EPOCH yet
  bool own_frame;
  double covariance[21];
} reader;

__attribute__((format(printf, 2, 3))) static wf_status refuse(reader *r, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(r->fault->reason, sizeof r->fault->reason, format, arguments);
  va_end(arguments);
  r->fault->line = r->line;
  return WF_EFORMAT;
}

static char *trim(char *text) {
  text += strspn(text, " \t");
  size_t length = strlen(text);
  while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL) text[--length] = '\0';
  return text;
}

// ---- Header and metadata ------------------------------------------------------------------------------------------
static wf_status take_time(reader *r, const char *keyword, const char *value, wf_time *out) {
  return wf_ccsds_time(value, out) == WF_OK ? WF_OK : refuse(r, "%s: \"%.40s\" is not a time", keyword, value);
}

static wf_status header(reader *r, const char *keyword, const char *value) {
  wf_time ignored;
  if (strcmp(keyword, "CREATION_DATE") == 0) {
    r->created = true;
    return take_time(r, keyword, value, &ignored);
  }
  if (strcmp(keyword, "ORIGINATOR") == 0) {
    r->originated = true;
    return WF_OK;
  }
  if (strcmp(keyword, "MESSAGE_ID") == 0 || strcmp(keyword, "CLASSIFICATION") == 0) return WF_OK;
  return refuse(r, "%.40s is not a keyword of the header", keyword);
}

static wf_status take_word(reader *r, const char *keyword, const char *value, char out[WF_OEM_WORD_SIZE],
                           unsigned has) {
  if (value[0] == '\0') return refuse(r, "%s is empty", keyword);
  if (strlen(value) >= WF_OEM_WORD_SIZE) return refuse(r, "%s is longer than %d", keyword, WF_OEM_WORD_SIZE - 1);
  memcpy(out, value, strlen(value) + 1);
  r->has |= has;
  return WF_OK;
}

static bool turns_with_the_earth(const char *frame) {
  return strncasecmp(frame, "ITRF", 4) == 0 || strcasecmp(frame, "WGS84") == 0 || strcasecmp(frame, "WGS-84") == 0;
}

static wf_status metadata(reader *r, const char *keyword, const char *value) {
  static const char *const CLOCKS[] = {"GMST", "GPS", "MET", "MRT", "SCLK", "TAI", "TCB",
                                       "TCG",  "TDB", "TDT", "TT",  "UT1",  "UTC"};
  wf_time ignored;
  wf_oem_segment *s = &r->segment;
  if (strcmp(keyword, "OBJECT_NAME") == 0) return take_word(r, keyword, value, s->object_name, HAS_NAME);
  if (strcmp(keyword, "OBJECT_ID") == 0) return take_word(r, keyword, value, s->object_id, HAS_ID);
  if (strcmp(keyword, "CENTER_NAME") == 0) return take_word(r, keyword, value, s->center, HAS_CENTER);
  if (strcmp(keyword, "REF_FRAME") == 0) return take_word(r, keyword, value, s->frame, HAS_FRAME);
  if (strcmp(keyword, "TIME_SYSTEM") == 0) {
    for (size_t i = 0; i < sizeof CLOCKS / sizeof CLOCKS[0]; i++)
      if (strcasecmp(value, CLOCKS[i]) == 0) {
        s->utc = strcasecmp(value, "UTC") == 0;
        r->has |= HAS_CLOCK;
        return WF_OK;
      }
    return refuse(r, "TIME_SYSTEM: \"%.40s\" is not one of the standard", value);
  }
  if (strcmp(keyword, "START_TIME") == 0) r->has |= HAS_START;
  if (strcmp(keyword, "STOP_TIME") == 0) r->has |= HAS_STOP;
  if (strcmp(keyword, "START_TIME") == 0 || strcmp(keyword, "STOP_TIME") == 0 ||
      strcmp(keyword, "USEABLE_START_TIME") == 0 || strcmp(keyword, "USEABLE_STOP_TIME") == 0 ||
      strcmp(keyword, "REF_FRAME_EPOCH") == 0)
    return take_time(r, keyword, value, &ignored);
  if (strcmp(keyword, "INTERPOLATION") == 0 || strcmp(keyword, "INTERPOLATION_DEGREE") == 0) return WF_OK;
  return refuse(r, "%.40s is not a keyword of the metadata", keyword);
}

static wf_status end_metadata(reader *r) {
  static const char *const NAMES[] = {"OBJECT_NAME", "OBJECT_ID",  "CENTER_NAME", "REF_FRAME",
                                      "TIME_SYSTEM", "START_TIME", "STOP_TIME"};
  for (unsigned i = 0; i < 7; i++)
    if ((r->has & 1u << i) == 0) return refuse(r, "the metadata lack %s", NAMES[i]);
  r->segment.earth_fixed = strcasecmp(r->segment.center, "EARTH") == 0 && turns_with_the_earth(r->segment.frame);
  r->segment.index = r->segments++;
  r->place = STATES;
  if (r->visitor->segment != NULL) r->visitor->segment(r->visitor->context, &r->segment);
  return WF_OK;
}

static wf_status begin_metadata(reader *r) {
  if (r->place != HEADER && r->place != STATES) return refuse(r, "META_START where none can be");
  if (!r->created || !r->originated)
    return refuse(r, "the header lacks %s", r->created ? "ORIGINATOR" : "CREATION_DATE");
  r->place = META;
  r->has = 0;
  r->segment = (wf_oem_segment){.index = r->segments};
  return WF_OK;
}

// ---- Numbers ------------------------------------------------------------------------------------------------------
static wf_status numbers_of(reader *r, char *text, double out[NUMBERS_MAX], int *count) {
  *count = 0;
  for (char *rest = NULL, *word = strtok_r(text, " \t", &rest); word != NULL; word = strtok_r(NULL, " \t", &rest)) {
    if (*count == NUMBERS_MAX) return refuse(r, "more than %d numbers", NUMBERS_MAX);
    if (wf_ccsds_number(word, &out[(*count)++]) != WF_OK) return refuse(r, "\"%.40s\" is not a number", word);
  }
  return WF_OK;
}

static wf_status state_line(reader *r, char *line) {
  double value[NUMBERS_MAX];
  int count;
  wf_time time;
  char *rest = line + strcspn(line, " \t");
  if (*rest != '\0') *rest++ = '\0';
  if (wf_ccsds_time(line, &time) != WF_OK) return refuse(r, "\"%.40s\" is no keyword here, and not a time", line);
  const wf_status status = numbers_of(r, rest, value, &count);
  if (status != WF_OK) return status;
  if (count != 6 && count != 9) return refuse(r, "%d numbers; a state has 6, or 9 with acceleration", count);
  for (int i = 0; i < 6; i++) value[i] *= 1e3;
  r->states++;
  if (r->visitor->state != NULL) r->visitor->state(r->visitor->context, &r->segment, time, value, r->line);
  return WF_OK;
}

// Row i of the lower triangle, km² and so on; element (i, j) of it is (j, i) of the upper one.
static wf_status covariance_row(reader *r, char *line) {
  double value[NUMBERS_MAX];
  int count;
  const wf_status status = numbers_of(r, line, value, &count);
  if (status != WF_OK) return status;
  if (r->row < 0 || r->row > 5) return refuse(r, "a row of a covariance without an EPOCH before it");
  if (count != r->row + 1) return refuse(r, "row %d of a covariance has %d numbers", r->row + 1, count);
  for (int j = 0; j < count; j++) r->covariance[j * 6 - j * (j - 1) / 2 + r->row - j] = 1e6 * value[j];
  if (++r->row < 6) return WF_OK;
  if (r->visitor->covariance != NULL)
    r->visitor->covariance(r->visitor->context, &r->segment, r->epoch, r->covariance, r->own_frame, r->line);
  return WF_OK;
}

static wf_status covariance_keyword(reader *r, const char *keyword, const char *value) {
  if (strcmp(keyword, "EPOCH") == 0) {
    if (r->row >= 0 && r->row < 6) return refuse(r, "the covariance before has %d rows of 6", r->row);
    r->row = 0;
    r->own_frame = true;
    return take_time(r, keyword, value, &r->epoch);
  }
  if (strcmp(keyword, "COV_REF_FRAME") == 0 && r->row == 0) {
    r->own_frame = strcasecmp(value, r->segment.frame) == 0;
    return WF_OK;
  }
  return refuse(r, "%.40s is not a keyword of a covariance", keyword);
}

// ---- Lines --------------------------------------------------------------------------------------------------------
static wf_status one_word(reader *r, char *line) {
  if (strcmp(line, "META_START") == 0) return begin_metadata(r);
  if (strcmp(line, "META_STOP") == 0)
    return r->place == META ? end_metadata(r) : refuse(r, "META_STOP without META_START");
  if (strcmp(line, "COVARIANCE_START") == 0) {
    if (r->place != STATES) return refuse(r, "COVARIANCE_START outside a segment's data");
    r->place = COVARIANCE;
    r->row = -1;
    return WF_OK;
  }
  if (strcmp(line, "COVARIANCE_STOP") == 0) {
    if (r->place != COVARIANCE) return refuse(r, "COVARIANCE_STOP without COVARIANCE_START");
    if (r->row >= 0 && r->row < 6) return refuse(r, "the covariance before has %d rows of 6", r->row);
    r->place = STATES;
    return WF_OK;
  }
  if (r->place == STATES) return state_line(r, line);
  if (r->place == COVARIANCE) return covariance_row(r, line);
  return refuse(r, "\"%.40s\" is no KEYWORD = VALUE", line);
}

static wf_status read_line(reader *r, char *line) {
  line = trim(line);
  if (*line == '\0' || (strncmp(line, "COMMENT", 7) == 0 && strchr(" \t", line[7]) != NULL)) return WF_OK;
  char *equals = strchr(line, '=');
  if (equals == NULL) return r->place == BEFORE ? refuse(r, "CCSDS_OEM_VERS is missing") : one_word(r, line);
  *equals = '\0';
  const char *keyword = trim(line), *value = trim(equals + 1);
  if (r->place == BEFORE) {
    if (strcmp(keyword, "CCSDS_OEM_VERS") != 0) return refuse(r, "CCSDS_OEM_VERS is missing");
    if (strcmp(value, "1.0") != 0 && strcmp(value, "2.0") != 0 && strcmp(value, "3.0") != 0)
      return refuse(r, "version \"%.20s\" is not 1.0, 2.0 or 3.0", value);
    r->place = HEADER;
    return WF_OK;
  }
  if (r->place == HEADER) return header(r, keyword, value);
  if (r->place == META) return metadata(r, keyword, value);
  if (r->place == COVARIANCE) return covariance_keyword(r, keyword, value);
  return refuse(r, "%.40s within the ephemeris", keyword);
}

static wf_status read_end(reader *r) {
  if (r->place == BEFORE) return refuse(r, "CCSDS_OEM_VERS is missing");
  if (r->place != STATES)
    return refuse(r, "the message ends within %s", r->place == HEADER ? "its header" : "a segment");
  return r->states > 0 ? WF_OK : refuse(r, "the message has no state");
}

wf_status wf_oem_read(wf_bytes text, const wf_oem_visitor *visitor, wf_ccsds_fault *fault) {
  reader r = {.visitor = visitor, .fault = fault, .row = -1};
  char line[LINE_MAX];
  size_t at = text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  while (at < text.size) {
    const uint8_t *begin = text.data + at;
    const uint8_t *end = memchr(begin, '\n', text.size - at);
    const size_t length = end != NULL ? (size_t)(end - begin) : text.size - at;
    r.line++;
    if (length >= sizeof line) return refuse(&r, "a line longer than %d characters", LINE_MAX - 1);
    if (memchr(begin, 0, length) != NULL) return refuse(&r, "not text");
    memcpy(line, begin, length);
    line[length] = '\0';
    const wf_status status = read_line(&r, line);
    if (status != WF_OK) return status;
    at += length + 1;
  }
  return read_end(&r);
}
