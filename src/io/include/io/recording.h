// Recordings on disk: the private journal (node/journal.h) into a file only its owner may read, and back. A recording
// is one life of a node or several (a START each). docs/recording.md is the format.
#ifndef WF_IO_RECORDING_H
#define WF_IO_RECORDING_H

#include "io/reason.h"
#include "node/journal.h"

#define WF_RECORDING_SUFFIX ".wfrec"

typedef struct wf_recording wf_recording;

// A new file (an old one of that name is replaced), written through a buffer: what the last second brought may be lost
// when the machine stops, never the order. bytes_max 0: no bound.
wf_status wf_recording_create(const char *path, uint64_t bytes_max, const char *version, wf_recording **out,
                              char reason[WF_IO_REASON_SIZE]);
wf_journal *wf_recording_journal(wf_recording *recording);
void wf_recording_flush(wf_recording *recording);  // to the operating system
wf_status wf_recording_close(wf_recording *recording);

// The daemon's: DIR/<UTC time>-<nation>.wfrec; the oldest ones go until those kept and the new one are within bytes_all.
wf_status wf_recording_start(const char *dir, wf_nation nation, wf_time now, uint64_t bytes_max, uint64_t bytes_all,
                             const char *version, wf_recording **out, char reason[WF_IO_REASON_SIZE]);

// A whole recording in memory (mapped).
wf_status wf_recording_map(const char *path, wf_bytes *out, char reason[WF_IO_REASON_SIZE]);
void wf_recording_unmap(wf_bytes bytes);

#endif
