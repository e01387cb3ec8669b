#include "yaml/load.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// What libcyaml logs about an error: its message, then a backtrace from the inside out.
typedef struct cyaml_report {
  char message[256];
  unsigned line[2], column[2];  // of the two innermost places
  int places;
  bool in_backtrace;
} cyaml_report;

static void on_log(cyaml_log_t level, void *context, const char *format, va_list args) {
  cyaml_report *report = context;
  char text[256];
  vsnprintf(text, sizeof text, format, args);
  text[strcspn(text, "\n")] = 0;
  const char *place = strstr(text, "(line: ");
  if (report->in_backtrace && place && report->places < 2) {
    sscanf(place, "(line: %u, column: %u)", &report->line[report->places], &report->column[report->places]);
    report->places++;
  } else if (strstr(text, "Backtrace:")) {
    report->in_backtrace = true;
  } else if (!report->in_backtrace && level >= CYAML_LOG_ERROR) {
    snprintf(report->message, sizeof report->message, "%s", strncmp(text, "Load: ", 6) ? text : text + 6);
  }
}

// libcyaml's places are those of the value read last; the key it complains about is looked up in the tree instead.
static unsigned line_of(const cyaml_report *report, cyaml_err_t code, const wf_yaml_where *where) {
  const char *key = strrchr(report->message, ':');
  if (code == CYAML_ERR_MAPPING_FIELD_MISSING) return report->places > 1 ? report->line[1] : 1;
  if (key && (code == CYAML_ERR_INVALID_KEY || code == CYAML_ERR_UNEXPECTED_EVENT)) {
    const unsigned line = wf_yaml_where_key(where, key + 2, report->line[0], report->column[0]);
    if (line) return line;
  }
  return report->places ? report->line[0] : 1;
}

static cyaml_config_t config_of(cyaml_report *report) {
  return (cyaml_config_t){.log_fn = on_log,
                          .log_ctx = report,
                          .mem_fn = cyaml_mem,
                          .log_level = CYAML_LOG_ERROR,
                          .flags = CYAML_CFG_NO_ALIAS};
}

wf_status wf_yaml_load(const char *yaml, size_t size, const wf_yaml_where *where, const cyaml_schema_value_t *schema,
                       void **out, unsigned *line, char *text, size_t text_size) {
  cyaml_report report = {0};
  const cyaml_config_t config = config_of(&report);
  *out = NULL;
  const cyaml_err_t code = cyaml_load_data((const uint8_t *)yaml, size, &config, schema, (cyaml_data_t **)out, NULL);
  if (code == CYAML_OK && *out != NULL) return WF_OK;
  *out = NULL;
  *line = line_of(&report, code, where);
  snprintf(text, text_size, "%.200s", report.message[0] != '\0' ? report.message : cyaml_strerror(code));
  return code == CYAML_ERR_OOM ? WF_ENOMEM : WF_EFORMAT;
}

void wf_yaml_free(const cyaml_schema_value_t *schema, void *data) {
  cyaml_report report = {0};
  const cyaml_config_t config = config_of(&report);
  if (data != NULL) cyaml_free(&config, schema, data, 0);
}
