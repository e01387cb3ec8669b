// Loads a YAML text by a libcyaml schema and says what is wrong with it, with the line. What sim (scenarios) and io
// (configuration, policy) share; beside the rooms, since no core room reads files.
#ifndef WF_YAML_LOAD_H
#define WF_YAML_LOAD_H

#include <cyaml/cyaml.h>

#include "yaml/where.h"

// `where` is of the same text. WF_EFORMAT: *line and text say what is wrong. Free with wf_yaml_free.
wf_status wf_yaml_load(const char *yaml, size_t size, const wf_yaml_where *where, const cyaml_schema_value_t *schema,
                       void **out, unsigned *line, char *text, size_t text_size);
void wf_yaml_free(const cyaml_schema_value_t *schema, void *data);

#endif
