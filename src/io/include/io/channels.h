// Where released warnings go, each with its receipt: files and a signed Atom feed in a directory, HTTP POST to
// configured receivers with retry, and the picture as Cursor-on-Target over TCP. One that fails holds up none of the
// others.
#ifndef WF_IO_CHANNELS_H
#define WF_IO_CHANNELS_H

#include <jansson.h>
#include <uv.h>

#include "io/reason.h"
#include "model/product.h"
#include "model/track.h"
#include "warn/warn.h"

enum { WF_CHANNELS_POST_MAX = 8, WF_CHANNELS_URL_SIZE = 256 };

typedef struct wf_channels_config {
  uv_loop_t *loop;
  wf_nation nation;
  wf_mode mode;
  const char *directory;          // "" = no files and no feed
  const char *key, *certificate;  // PEM; with them messages and feed are signed
  uint32_t post_count;
  const char *post[WF_CHANNELS_POST_MAX];
  const char *cot_host;  // IPv4 or IPv6 address, "" = none
  int cot_port;
  double retry_s;  // first retry of a POST, then twice as long each time (1)
  int attempts;    // then it has failed (8)
  const wf_area *areas;
  size_t area_count;
  void *context;
  wf_time (*now)(void *context);
  void (*failed)(void *context, const char *text);  // an operator must see it
} wf_channels_config;

typedef struct wf_channels wf_channels;
wf_channels *wf_channels_open(const wf_channels_config *config, char reason[WF_IO_REASON_SIZE]);
// Frees itself on the loop when what is under way has ended (seconds at most).
void wf_channels_close(wf_channels *channels);
// To every channel at once. A released product of this nation.
void wf_channels_release(wf_channels *channels, const wf_product *product);
// The picture, for Cursor-on-Target; at most once per second is sent.
void wf_channels_picture(wf_channels *channels, const wf_common_track *const *tracks, size_t count);
// [{"name","kind","state","detail","receipts":[{"product","state","attempts","at","detail"}]}], newest receipts first.
json_t *wf_channels_json(const wf_channels *channels);

#endif
