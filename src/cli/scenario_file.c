#include "scenario_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "whole_file.h"

#define WF_SCENARIO_FILE_MAX (1u << 20)

static bool wf_looks_like_path(const char *name) {
  size_t size = strlen(name);
  return strchr(name, '/') || (size > 5 && strcmp(name + size - 5, ".yaml") == 0) ||
         (size > 4 && strcmp(name + size - 4, ".yml") == 0);
}

static void wf_tell_error(const char *path, const wf_scenario_error *error) {
  if (error->line) {
    fprintf(stderr, "%s:%u: %s\n", path, error->line, error->text);
  } else {
    fprintf(stderr, "%s: %s\n", path, error->text[0] ? error->text : "cannot be loaded");
  }
}

static wf_scenario *wf_scenario_of_file(const char *path) {
  wf_scenario *scenario = NULL;
  wf_scenario_error error;
  size_t size;
  char *text = (char *)wf_cli_whole_file(path, WF_SCENARIO_FILE_MAX + 1, &size);
  if (!text) {
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return NULL;
  }
  if (wf_scenario_load_yaml(text, size, &scenario, &error)) wf_tell_error(path, &error);
  free(text);
  return scenario;
}

wf_scenario *wf_cli_scenario(const char *command, const char *name_or_path) {
  wf_scenario *scenario = NULL;
  wf_scenario_error error;
  if (wf_looks_like_path(name_or_path)) return wf_scenario_of_file(name_or_path);
  wf_status status = wf_scenario_load_builtin(name_or_path, &scenario, &error);
  if (status == WF_ENOTFOUND) {
    FILE *file = fopen(name_or_path, "rb");
    if (file) {
      fclose(file);
      return wf_scenario_of_file(name_or_path);
    }
    fprintf(stderr, "watchfire %s: no scenario is called '%s' and there is no such file. Known:\n", command,
            name_or_path);
    for (size_t i = 0; i < wf_scenario_builtin_count(); i++) {
      fprintf(stderr, "  %s\n", wf_scenario_builtin_at(i)->name);
    }
  } else if (status) {
    wf_tell_error(name_or_path, &error);
  }
  return scenario;
}

void wf_cli_scenario_list(void) {
  for (size_t i = 0; i < wf_scenario_builtin_count(); i++) {
    wf_scenario *scenario;
    wf_scenario_error error;
    const char *name = wf_scenario_builtin_at(i)->name;
    if (wf_scenario_load_builtin(name, &scenario, &error)) {
      wf_tell_error(name, &error);
      continue;
    }
    printf("%-18s %s%s\n", name, scenario->title, strcmp(name, WF_SCENARIO_DEFAULT) ? "" : " (default)");
    wf_scenario_free(scenario);
  }
}

bool wf_cli_seed(const char *text, uint64_t *out) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (end == text || *end || errno || text[0] == '-') return false;
  *out = value;
  return true;
}
