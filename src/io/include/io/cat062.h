// The common picture as ASTERIX category 062 over UDP, for systems that know nothing else. What the category cannot say is
// left out and counted by reason; each such track is listed.
#ifndef WF_IO_CAT062_H
#define WF_IO_CAT062_H

#include <jansson.h>
#include <uv.h>

#include "io/reason.h"
#include "model/nation.h"
#include "model/track.h"
#include "sensor/publish.h"

typedef struct wf_cat062_config {
  uv_loop_t *loop;
  const char *host;  // may be a multicast group
  uint16_t port;
  const char *interface;  // of which a group is sent; NULL or empty: the system's choice
  uint8_t sac, sic;
  double every_s;
  wf_mode mode;
} wf_cat062_config;

typedef struct wf_cat062 wf_cat062;
wf_status wf_cat062_open(const wf_cat062_config *config, wf_cat062 **out, char reason[WF_IO_REASON_SIZE]);
void wf_cat062_close(wf_cat062 *out);  // frees itself while the loop runs on
// To be called often; sends when it is time to.
void wf_cat062_picture(wf_cat062 *out, wf_time now, const wf_common_track *const *tracks, size_t count);
// {"sent":…,"datagrams":…,"failed":…,"left_out":{"height":…},"now_left_out":[{"label":"K7Q2FM","reason":"height"}]}
json_t *wf_cat062_json(const wf_cat062 *out);

#endif
