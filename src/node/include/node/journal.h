// The private journal: every input of the core in step order, so that the same core, given them again, does the same
// again, to the bit. It holds what the nation never tells (plots, seeds, officers): it stays at home. docs/recording.md
// is the format.
//
// Writing: the driver calls start, then input before each step, effect for each effect, and stepped after them. Every
// input carries a check over all effects so far; a mark once a second of record time says what the pictures and
// products were. Replay computes both again: the first difference is named.
#ifndef WF_NODE_JOURNAL_H
#define WF_NODE_JOURNAL_H

#include "node/node.h"

#define WF_JOURNAL_MAGIC "WFREC\r\n\x1a"  // 8 bytes, then the format's version, 2 bytes big-endian
#define WF_JOURNAL_VERSION 1
#define WF_JOURNAL_HEADER 10
#define WF_JOURNAL_FRAME_MAX (16u << 20)
#define WF_JOURNAL_TEXT_SIZE 240

typedef enum wf_journal_kind {
  WF_JOURNAL_START = 1,  // the configuration of a core that starts here
  WF_JOURNAL_INPUT = 2,
  WF_JOURNAL_MARK = 3,
  WF_JOURNAL_END = 4,  // closed in order, or why it goes no further
} wf_journal_kind;

// What the core had come to.
typedef struct wf_journal_mark {
  uint64_t steps;
  uint64_t effects;  // rolling check over every effect
  wf_time at;
  uint32_t share_count;
  uint8_t common[4][WF_DIGEST_SIZE];
  uint8_t national[WF_DIGEST_SIZE];
  uint32_t track_count;  // of the national picture, the first ones by number
  wf_picture_track_hash track[WF_DIGEST_TRACKS_MAX];
  uint64_t products;  // check over all products as they are now
  uint64_t states;    // check over what screens show of the national picture: states, covariances, impact areas
} wf_journal_mark;

typedef struct wf_journal wf_journal;

// write: takes the bytes at once; false when it cannot, and then nothing more is written.
typedef struct wf_journal_config {
  void *context;
  bool (*write)(void *context, wf_bytes bytes);
  int64_t mark_every_ns;  // of record time; 0 = 1 s
  uint64_t bytes_max;     // the recording ends here, with an END that says so; 0 = no bound
  const char *version;    // of the program, for people
} wf_journal_config;

wf_journal *wf_journal_new(const wf_journal_config *config);  // NULL when out of memory
void wf_journal_free(wf_journal *journal);                    // writes END when it is still open
void wf_journal_start(wf_journal *journal, const wf_node_config *config);
void wf_journal_input(wf_journal *journal, wf_clock now, const wf_input *input);
void wf_journal_effect(wf_journal *journal, const wf_effect *effect);
void wf_journal_stepped(wf_journal *journal, wf_node *node);
bool wf_journal_open(const wf_journal *journal);  // false once its bound was met or a write failed
uint64_t wf_journal_bytes(const wf_journal *journal);

// ---- Reading -----------------------------------------------------------------------------------------------------
typedef struct wf_journal_frame {
  wf_journal_kind kind;
  size_t offset;  // of the frame in the recording
  wf_bytes payload;
} wf_journal_frame;

typedef struct wf_journal_reader {
  wf_bytes all;
  size_t offset;
} wf_journal_reader;

// WF_EFORMAT when it is no recording or of another version.
wf_status wf_journal_read_begin(wf_bytes recording, wf_journal_reader *out);
// WF_ENOTFOUND at the end; WF_EFORMAT for a frame that is cut or damaged (its offset in out): nothing after it counts.
wf_status wf_journal_read(wf_journal_reader *reader, wf_journal_frame *out);

// The configuration of a START, with what it points to; freed by wf_journal_config_free. WF_EFORMAT for what cannot be.
typedef struct wf_journal_start_frame {
  char version[32];
  wf_node_config config;
  wf_sensor *sensors;
  wf_area *areas;  // NULL: the shipped ones
  size_t area_count;
} wf_journal_start_frame;
wf_status wf_journal_decode_start(wf_bytes payload, wf_journal_start_frame *out);
void wf_journal_start_free(wf_journal_start_frame *start);

// Bytes and person are borrowed from the payload and from out.
typedef struct wf_journal_input_frame {
  uint64_t effects;  // check over all effects before this input
  wf_clock now;
  wf_input input;
  char person[64];
  wf_action action;
  wf_release_policy *policy;  // the caller's room for one; NULL: an input with a policy is refused
} wf_journal_input_frame;
wf_status wf_journal_decode_input(wf_bytes payload, wf_release_policy *policy, wf_journal_input_frame *out);
wf_status wf_journal_decode_mark(wf_bytes payload, wf_journal_mark *out);

// ---- Replaying ---------------------------------------------------------------------------------------------------
typedef enum wf_replay_result {
  WF_REPLAY_STEPPED,    // one input was given to the core
  WF_REPLAY_STARTED,    // a core started, or started again
  WF_REPLAY_MARKED,     // a mark was reached and holds
  WF_REPLAY_DIFFERENT,  // text says what; the replay may go on
  WF_REPLAY_END,        // text says how the recording ended
  WF_REPLAY_BAD,        // damaged or impossible, text says where; nothing after it can be replayed
} wf_replay_result;

typedef struct wf_replay wf_replay;
wf_replay *wf_replay_new(wf_bytes recording, wf_status *status);  // the bytes are borrowed
void wf_replay_free(wf_replay *replay);
// Effects of the core as they come; their results are in the recording.
void wf_replay_on_effect(wf_replay *replay, void (*effect)(void *context, wf_time at, const wf_effect *effect),
                         void *context);
wf_replay_result wf_replay_next(wf_replay *replay, char text[WF_JOURNAL_TEXT_SIZE]);
wf_node *wf_replay_node(wf_replay *replay);  // NULL before the first START
wf_time wf_replay_time(const wf_replay *replay);
typedef struct wf_replay_stats { uint64_t steps, marks, starts, differences; } wf_replay_stats;
void wf_replay_stats_get(const wf_replay *replay, wf_replay_stats *out);

#endif
