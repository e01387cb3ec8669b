#include "nations.h"

#include <string.h>

void nations_prepare(nations *n, uint32_t count) {
  memset(n, 0, sizeof *n);
  wf_community_init(&n->c, count, 7);
}

void nations_start(nations *n) {
  n->world = wf_world_new(&n->c.config);
}
void nations_end(nations *n) {
  wf_world_free(n->world);
}
wf_node *nations_node(nations *n, uint32_t node) {
  return wf_world_node(n->world, node);
}

wf_sensor_report nations_report(nations *n, uint32_t node, wf_plot *plot) {
  return wf_community_report(&n->c, node, wf_time_add_s(n->c.config.start, n->now_s), !n->blind[node], plot);
}

void nations_hear(nations *n, uint32_t node, const wf_sensor_report *report) {
  uint8_t bytes[1024];
  size_t length = 0;
  if (wf_wire_encode_sensor_report(report, bytes, sizeof bytes, &length) == WF_OK)
    wf_world_sensor(n->world, node, (wf_bytes){bytes, length});
}

void nations_run(nations *n, double seconds) {
  for (double left = seconds; left > 0.0; left -= 1.0) {
    n->now_s += 1.0;
    wf_community_fly(&n->c, 1.0);
    for (uint32_t i = 0; i < n->c.count; i++) {
      if (n->mute[i]) continue;
      wf_plot plot;
      const wf_sensor_report report = nations_report(n, i, &plot);
      nations_hear(n, i, &report);
    }
    wf_world_run_until(n->world, wf_time_add_s(n->c.config.start, n->now_s + 0.999));
  }
}

bool nations_agree(nations *n, double seconds_ago) {
  const wf_time at = wf_time_add_s(wf_world_now(n->world), -seconds_ago);
  wf_picture_digest first = {0};
  bool any = false;
  for (uint32_t i = 0; i < n->c.count; i++) {
    wf_picture_digest digest;
    wf_node *node = nations_node(n, i);
    if (node == NULL) continue;
    if (wf_node_digest_at(node, at, &digest) != WF_OK) return false;
    if (any && (memcmp(digest.record_set, first.record_set, WF_DIGEST_SIZE) != 0 ||
                memcmp(digest.picture, first.picture, WF_DIGEST_SIZE) != 0))
      return false;
    first = digest;
    any = true;
  }
  return any;
}
