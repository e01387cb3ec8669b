#include "warn/warn.h"

#include <stdlib.h>

#include "inside.h"

static size_t map_size(size_t events) {
  size_t size = 8;
  while (size < events * 2) size *= 2;
  return size;
}

static bool allocate(wf_warn *w) {
  const size_t events = w->config.events_max, areas = w->area_count;
  w->events = calloc(events, sizeof *w->events);
  w->products = calloc(w->config.products_max, sizeof *w->products);
  w->marks = calloc(events * areas + 1, sizeof *w->marks);
  w->boxes = calloc(areas + 1, sizeof *w->boxes);
  w->probability = calloc(areas + 1, sizeof *w->probability);
  w->map = calloc(areas + 1, sizeof *w->map);
  w->pieces = calloc(areas + 1, sizeof *w->pieces);
  w->passes = calloc(events * areas + 1, sizeof *w->passes);
  w->slots = calloc(map_size(events), sizeof *w->slots);
  return w->events && w->products && w->marks && w->boxes && w->probability && w->pieces && w->map && w->passes &&
         w->slots;
}

wf_warn *wf_warn_new(const wf_warn_config *config, const wf_area *areas, size_t area_count) {
  wf_warn *w = config->events_max > 0 && config->products_max > 0 ? calloc(1, sizeof *w) : NULL;
  if (w == NULL) return NULL;
  w->config = *config;
  w->areas = areas;
  w->area_count = area_count;
  if (!allocate(w)) {
    wf_warn_free(w);
    return NULL;
  }
  wf_hashmap_init(&w->index, w->slots, map_size(config->events_max));
  warn_lattice_fill(&w->lattice, WARN_CLOUD_POINTS, WARN_CLOUD_STEP);
  for (size_t i = 0; i < area_count; i++) w->boxes[i] = warn_box_of(&areas[i]);
  return w;
}

void wf_warn_free(wf_warn *w) {
  if (w == NULL) return;
  free(w->events);
  free(w->products);
  free(w->marks);
  free(w->boxes);
  free(w->probability);
  free(w->map);
  free(w->pieces);
  free(w->passes);
  free(w->slots);
  free(w);
}

void wf_warn_assess(wf_warn *w, wf_time now, const wf_common_track *const *tracks, size_t count) {
  warn_gather(w, now, tracks, count);
  for (uint32_t i = 0; i < w->event_count; i++) {
    warn_event *e = &w->events[i];
    for (int r = 0; r < WARN_RULE_COUNT && !e->closed && !warn_is_information(e); r++)
      if (WARN_RULES[r].applies(&w->config, now, e)) warn_propose(w, e, now, &WARN_RULES[r]);
  }
  warn_delegate(w, now);
  warn_lapse(w, now);
}

void wf_warn_stats_get(const wf_warn *w, wf_warn_stats *out) {
  *out = w->stats;
}
