// The release policy file (docs/release.md documents each key) → wf_release_policy. Every bad place is told through
// diag with file and line; a policy with anything wrong in it is not loaded at all.
#ifndef WF_IO_POLICY_YAML_H
#define WF_IO_POLICY_YAML_H

#include <stddef.h>

#include "io/csv.h"
#include "release/policy.h"

// Sensors are the nation's own, in registry order: withheld ones are named in the file. own: the nation, which must be
// in every audience. out->version is a hash of the text, so that a change can be told and cited.
wf_status wf_policy_load(const char *path, wf_nation own, const wf_sensor *sensors, size_t sensor_count,
                         wf_release_policy *out, wf_diag *diag);
// The same from memory; name is what errors call it.
wf_status wf_policy_parse(const char *name, const char *text, size_t size, wf_nation own, const wf_sensor *sensors,
                          size_t sensor_count, wf_release_policy *out, wf_diag *diag);

#endif
