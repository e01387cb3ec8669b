// One of everything that goes over the wire: the test vectors are made of these.
#ifndef WF_TEST_WIRE_SAMPLES_H
#define WF_TEST_WIRE_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "wire/bundle.h"
#include "wire/link.h"

typedef struct sample {
  const char *name, *message;  // message: its name in proto/watchfire.proto
  wf_status (*encode)(uint8_t *out, size_t size, size_t *length);
} sample;
extern const sample samples[];
extern const size_t sample_count;

wf_record_body sample_tracklet(void);
wf_record_body sample_product(void);
wf_record_body sample_seismic(void);
wf_sensor_report sample_radar_report(wf_plot *plots, size_t cap);
wf_sensor_report sample_los_report(wf_plot *plots, size_t cap);
wf_stream_name sample_stream(void);
// The Ed25519 seed of the bundle vector: bytes 0, 1, 2 … 31.
void sample_keys(uint8_t public_key[32], uint8_t secret_key[64]);

#endif
