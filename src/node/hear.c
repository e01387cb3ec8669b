// Sensor bytes → plots → own tracks. A refused datagram or plot is counted by name and never stops the next one.
#include <string.h>

#include "core.h"
#include "sensor/envelope.h"

#define SILENT_AT_LEAST_NS (1500 * WF_NS_PER_MS)

static void note_sequence(sensor_state *s, uint64_t sequence) {
  if (s->next_sequence != 0 && sequence > s->next_sequence) s->lost_datagrams += sequence - s->next_sequence;
  if (sequence >= s->next_sequence) s->next_sequence = sequence + 1;
}

static void count_rejects(wf_node *node, sensor_state *s, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (node->rejects[i] == WF_PLOT_OK || node->rejects[i] >= WF_PLOT_REJECT_COUNT) continue;
    node->counters.plots_rejected[node->rejects[i]]++;
    s->rejected++;
  }
}

void node_refuse_datagram(wf_node *node, const char *reason) {
  // One alarm per power of two, so that a flood of bad datagrams is counted without drowning the list.
  const uint64_t refused = ++node->counters.datagrams_refused;
  if ((refused & (refused - 1)) == 0)
    node_alarm(node, WF_ALARM_REFUSED_INPUT, "sensor datagram refused (%llu so far): %s", (unsigned long long)refused,
               reason);
}

void node_heard(wf_node *node, sensor_state *s, uint8_t status) {
  s->last_heard = node->now.wall;
  s->heard_mono = node->now.mono;
  s->state = status != 0 ? status : 1;
  s->alarmed = false;
}

// The first `count` of the scratch are plots of one sensor.
void node_scan(wf_node *node, sensor_state *s, size_t count) {
  node->counters.plots += count;
  if (count == 0) return;
  memset(node->rejects, 0, count);
  wf_tracker_scan(node->tracker, node->plots, count, node->rejects);
  count_rejects(node, s, count);
}

void node_hear(wf_node *node, wf_bytes datagram) {
  wf_sensor_report report = node_told_report(node);
  uint16_t index;
  char reason[WF_REASON_SIZE] = "";
  node->counters.datagrams++;
  if (wf_envelope_is(datagram)) {
    node_hear_radar(node, datagram);
    return;
  }
  if (wf_sensor_decode_report(&node->registry, datagram, &report, &index, reason) != WF_OK) {
    node_refuse_datagram(node, reason);
    return;
  }
  sensor_state *s = &node->sensor_states[index];
  node_heard(node, s, report.status);
  note_sequence(s, report.sequence);
  s->plots += report.plot_count;
  node_scan(node, s, report.plot_count);
  node_take_told(node, index, &report);
  node->dirty = true;
}

void node_watch_sensors(wf_node *node) {
  const double scans = node->config.sensor_silent_scans > 0 ? node->config.sensor_silent_scans : 3.0;
  for (uint32_t i = 0; i < node->config.sensor_count; i++) {
    sensor_state *s = &node->sensor_states[i];
    const double period_s = node->sensors[i].scan_period_s > 0 ? node->sensors[i].scan_period_s : 10.0;
    if (s->state == 0 || s->state == 4 || wf_time_diff_s(node->now.wall, s->last_heard) <= scans * period_s) continue;
    // In an exercise that runs fast, scans are closer together than a busy machine's pauses.
    if (wf_mono_diff_ns(node->now.mono, s->heard_mono) < SILENT_AT_LEAST_NS) continue;
    s->state = 4;
    char at[WF_TIME_RFC3339_SIZE];
    if (!s->alarmed)
      node_alarm(node, WF_ALARM_SENSOR_SILENT, "sensor %s silent since %s", node->sensors[i].name,
                 wf_time_format(s->last_heard, 1, at));
    s->alarmed = true;
  }
}
