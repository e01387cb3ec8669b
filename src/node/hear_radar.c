// Foreign sensor bytes (ASTERIX in an envelope) → plots of each radar → own tracks.
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "sensor/envelope.h"

enum { INPUTS_MAX = 16, WORDS_MAX = 1024 };

struct radar_hearing {
  struct {
    wf_envelope envelope;
    wf_radar_input input;
  } inputs[INPUTS_MAX];  // made when first met
  uint32_t input_count;
  wf_radar_counts counts;
  wf_asterix_record record;
  wf_radar_word words[WORDS_MAX];
  wf_radar_memory memory[];  // by sensor
};

bool node_radar_open(wf_node *node) {
  bool any = false;
  for (uint32_t i = 0; i < node->config.sensor_count; i++) any = any || node->sensors[i].feed.asterix;
  if (!any) return true;
  node->radar = calloc(1, sizeof *node->radar + node->config.sensor_count * sizeof node->radar->memory[0]);
  return node->radar != NULL;
}

static const wf_radar_input *input_of(radar_hearing *h, const wf_envelope *envelope) {
  for (uint32_t i = 0; i < h->input_count; i++)
    if (h->inputs[i].envelope.size == envelope->size &&
        memcmp(h->inputs[i].envelope.bytes, envelope->bytes, envelope->size) == 0)
      return &h->inputs[i].input;
  if (h->input_count == INPUTS_MAX) return NULL;
  if (wf_envelope_input(envelope, &h->inputs[h->input_count].input) != WF_OK) return NULL;
  h->inputs[h->input_count].envelope = *envelope;
  return &h->inputs[h->input_count++].input;
}

// Plots of one sensor from words begin..end, in order of time, into the scratch.
static size_t gather(wf_node *node, const wf_radar_word *words, size_t count) {
  size_t plots = 0;
  for (size_t i = 0; i < count; i++) {
    if (!words[i].has_plot || plots == node->config.plots_per_scan_max) continue;
    size_t at = plots++;
    for (; at > 0 && words[i].plot.time.ns < node->plots[at - 1].time.ns; at--) node->plots[at] = node->plots[at - 1];
    node->plots[at] = words[i].plot;
  }
  return plots;
}

static void hear_sensor(wf_node *node, const wf_radar_word *words, size_t count) {
  sensor_state *s = &node->sensor_states[words[0].sensor];
  const uint8_t said = words[count - 1].status;
  // What a service message said of a radar holds until the next one; a plot alone says that it lives.
  const bool service = !words[count - 1].has_plot && !words[count - 1].has_track;
  node_heard(node, s, service || s->state != 2 ? said : 2);
  const size_t plots = gather(node, words, count);
  s->plots += plots;
  node_scan(node, s, plots);
  for (size_t i = 0; i < count; i++)
    if (words[i].has_track) node_take_track(node, words[i].sensor, &words[i].track);
}

void node_hear_radar(wf_node *node, wf_bytes datagram) {
  radar_hearing *h = node->radar;
  wf_envelope envelope;
  wf_bytes content;
  wf_asterix_fault fault = {.kind = WF_ASTERIX_FINE};
  char text[WF_ASTERIX_TEXT_SIZE];
  const bool opened = wf_envelope_open(datagram, &envelope, &content) == WF_OK;
  const wf_radar_input *input = opened && h != NULL ? input_of(h, &envelope) : NULL;
  if (input == NULL) {
    node_refuse_datagram(node,
                         h == NULL ? "no sensor is registered that speaks ASTERIX" : "an envelope not understood");
    return;
  }
  const size_t count = wf_radar_hear(input, &node->registry, h->memory, node->now.wall, content, &h->record, h->words,
                                     WORDS_MAX, &h->counts, &fault);
  if (fault.kind != WF_ASTERIX_FINE) node_refuse_datagram(node, wf_asterix_fault_text(&fault, text));
  for (size_t begin = 0, end; begin < count; begin = end) {
    for (end = begin + 1; end < count && h->words[end].sensor == h->words[begin].sensor;) end++;
    hear_sensor(node, h->words + begin, end - begin);
  }
  node->dirty = true;
}

void wf_node_radar_counts(const wf_node *node, wf_radar_counts *out) {
  *out = node->radar != NULL ? node->radar->counts : (wf_radar_counts){0};
}
