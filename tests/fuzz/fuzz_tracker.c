// Plots of any content, in any order and at any time, into the tracker: refused or processed, states stay finite.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "track/tracker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct source {
  const uint8_t *data;
  size_t size, at;
} source;

static uint32_t draw(source *s, unsigned bytes) {
  uint32_t v = 0;
  for (unsigned i = 0; i < bytes; i++) v = v << 8 | (s->at < s->size ? s->data[s->at++] : 0u);
  return v;
}

// Mostly plausible, sometimes any bits at all.
static double number(source *s, double low, double high) {
  const uint32_t kind = draw(s, 1);
  if (kind == 255) {
    const uint64_t bits = (uint64_t)draw(s, 4) << 32 | draw(s, 4);
    double any;
    memcpy(&any, &bits, sizeof any);
    return any;
  }
  return low + (high - low) * draw(s, 2) / 65535.0;
}

static wf_plot plot_of(source *s, double *time_s) {
  wf_plot p = {.sensor = (uint16_t)(draw(s, 1) % 4),
               .kind = (uint8_t)(draw(s, 1) % 8 == 0 ? WF_PLOT_LOS : WF_PLOT_RADAR)};
  *time_s += 0.01 * draw(s, 1);
  if (draw(s, 1) == 7) *time_s -= draw(s, 1);
  p.time = wf_time_from_s(*time_s);
  p.flags = (uint8_t)(draw(s, 1) < 32 ? draw(s, 1) & 3 : 0);
  for (int i = 0; i < 3; i++) p.sigma[i] = number(s, 1e-6, 100.0);
  if (p.kind == WF_PLOT_RADAR) {
    p.radar.range_m = number(s, 1e3, 1e6);
    p.radar.az_rad = number(s, 0.0, 6.28);
    p.radar.el_rad = number(s, 0.0, 1.5);
    p.radar.range_rate_m_s = number(s, -7e3, 7e3);
    return p;
  }
  p.los.origin_ecef_m[0] = 4.2e7;
  const double y = number(s, -0.15, 0.15), z = number(s, -0.15, 0.15);
  p.los.unit_ecef[0] = -sqrt(fabs(1.0 - y * y - z * z));
  p.los.unit_ecef[1] = y;
  p.los.unit_ecef[2] = z;
  return p;
}

static void check(wf_tracker *t) {
  for (size_t i = 0; i < wf_tracker_count(t); i++) {
    const wf_track *k = wf_tracker_at(t, i);
    for (int c = 0; c < 6; c++)
      if (!isfinite(k->state[c]) || !isfinite(k->covariance[7 * c])) abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const wf_tracker_config config = {.tracks_max = 32, .plots_per_scan_max = 16, .mode = WF_MODE_TEST, .id_seed = 1};
  source s = {data, size, 0};
  wf_tracker *t = wf_tracker_new(&config);
  if (t == NULL) abort();
  for (int i = 0; i < 3; i++) {
    wf_sensor sensor = {.kind = i < 2 ? WF_SENSOR_RADAR : WF_SENSOR_INFRARED,
                        .lla = {0.5, 0.1 * i, 100.0},
                        .sigma_range_m = 30.0,
                        .sigma_az_rad = 1e-3,
                        .sigma_el_rad = 1e-3,
                        .detection_probability = 0.9,
                        .clutter_mean_per_scan = 2.0 * i,
                        .box_range_m = {1e3, 1e6},
                        .box_az_rad = {0, 6.28},
                        .box_el_rad = {0, 1.5}};
    sensor.name[0] = (char)('A' + i);
    uint16_t index;
    if (wf_tracker_add_sensor(t, &sensor, &index) != WF_OK) abort();
  }
  double time_s = 1000.0;
  wf_contribution out[8];
  while (s.at < s.size) {
    wf_plot plots[8];
    const uint32_t count = draw(&s, 1) % 8;
    for (uint32_t k = 0; k < count; k++) plots[k] = plot_of(&s, &time_s);
    wf_tracker_scan(t, plots, count, NULL);
    if (draw(&s, 1) % 4 == 0) wf_tracker_advance(t, wf_time_from_s(time_s + 0.5));
    wf_tracker_contributions(t, wf_time_from_s(time_s), out, 8);
    check(t);
  }
  wf_tracker_free(t);
  return 0;
}
