#include <string.h>

#include "tdm_state.h"

enum { LINE_MAX = 8192 };

// Cuts the ends' spaces off; returns the beginning.
static char *trim(char *text) {
  text += strspn(text, " \t");
  size_t length = strlen(text);
  while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL) text[--length] = '\0';
  return text;
}

static wf_status one_word(tdm_state *s, const char *word) {
  if (strcmp(word, "META_START") == 0) return tdm_meta_start(s);
  if (strcmp(word, "META_STOP") == 0) return tdm_meta_stop(s);
  if (strcmp(word, "DATA_START") == 0) return tdm_data_start(s);
  if (strcmp(word, "DATA_STOP") == 0) return tdm_data_stop(s);
  return tdm_refuse(s, "\"%.40s\" is no KEYWORD = VALUE", word);
}

static wf_status assignment(tdm_state *s, const char *keyword, char *value) {
  if (strcmp(keyword, "CCSDS_TDM_VERS") == 0) return tdm_version(s, value);
  if (s->place == TDM_META) return tdm_meta(s, keyword, value);
  if (s->place != TDM_DATA) return tdm_header(s, keyword, value);
  char *number = value + strcspn(value, " \t");
  if (*number == '\0') return tdm_refuse(s, "%.40s: a time and a value are needed", keyword);
  *number++ = '\0';
  return tdm_data(s, keyword, value, trim(number));
}

static wf_status read_line(tdm_state *s, char *line) {
  line = trim(line);
  if (*line == '\0' || (strncmp(line, "COMMENT", 7) == 0 && strchr(" \t", line[7]) != NULL)) return WF_OK;
  char *equals = strchr(line, '=');
  if (equals == NULL) return one_word(s, line);
  *equals = '\0';
  return assignment(s, trim(line), trim(equals + 1));
}

wf_status tdm_read_kvn(tdm_state *s, wf_bytes text) {
  char line[LINE_MAX];
  size_t at = text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  while (at < text.size) {
    const uint8_t *begin = text.data + at;
    const uint8_t *end = memchr(begin, '\n', text.size - at);
    const size_t length = end != NULL ? (size_t)(end - begin) : text.size - at;
    s->line++;
    if (length >= sizeof line) return tdm_refuse(s, "a line longer than %d characters", LINE_MAX - 1);
    if (memchr(begin, 0, length) != NULL) return tdm_refuse(s, "not text");
    memcpy(line, begin, length);
    line[length] = '\0';
    const wf_status status = read_line(s, line);
    if (status != WF_OK) return status;
    at += length + 1;
  }
  return tdm_end(s);
}
