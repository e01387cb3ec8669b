// The picture as Cursor-on-Target events (MITRE, "Cursor on Target Message Router User's Guide", 2009; the public
// base schema), one per object, over TCP to whoever shows them.
#ifndef WF_IO_COT_H
#define WF_IO_COT_H

#include <stddef.h>

#include "base/status.h"
#include "model/track.h"

enum { WF_COT_EVENT_SIZE = 1536 };
// One event, whole: no XML declaration, ends with a newline. `how` is m-f (fused); unknown errors are 9999999.
// WF_ENOTFOUND for an object without a place; WF_EFULL when it does not fit.
wf_status wf_cot_event(const wf_common_track *track, wf_mode mode, wf_time now, char *out, size_t size, size_t *length);

#endif
