// Where in a YAML text a thing stands: libcyaml checks a document against a schema but says little about places, so
// libyaml's own document tree is kept beside it to name lines.
#ifndef WF_YAML_WHERE_H
#define WF_YAML_WHERE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef struct wf_yaml_where wf_yaml_where;

// Parses one YAML document. WF_EFORMAT: *line and text (size bytes) say what is wrong.
wf_status wf_yaml_where_open(const char *yaml, size_t size, wf_yaml_where **out, unsigned *line, char *text,
                             size_t text_size);
void wf_yaml_where_close(wf_yaml_where *where);

// 1-based line of "nations[0].radars[2].lat_deg"; of the deepest part of the path that exists; 1 when nothing does.
unsigned wf_yaml_where_line(const wf_yaml_where *where, const char *path);
// Line of the first mapping key with this text at or after (line, column), both 1-based; 0 when there is none.
unsigned wf_yaml_where_key(const wf_yaml_where *where, const char *key, unsigned line, unsigned column);

#endif
