// node.yaml as libcyaml loads it: every scalar stays text (NULL when absent), so that numbers are read strictly and
// errors can name the line.
#ifndef WF_IO_CONFIG_SCHEMA_H
#define WF_IO_CONFIG_SCHEMA_H

#include <cyaml/cyaml.h>

typedef struct raw_keys {
  char *certificate, *key, *signing_key;
} raw_keys;
typedef struct raw_partner {
  char *nation, *address, *trust, *state;
} raw_partner;
typedef struct raw_box {
  char **range_m, **az_rad, **el_rad;
} raw_box;
typedef struct raw_sensor {
  char *name, *kind, *lat_deg, *lon_deg, *h_m, *sigma_range_m, *sigma_az_rad, *sigma_el_rad, *sigma_range_rate_m_s;
  char *detection_probability, *clutter_mean_per_scan, *scan_period_s, *range_max_m, *el_min_rad;
  char *bias_sigma_range_m, *bias_sigma_az_rad, *bias_sigma_el_rad;
  raw_box *clutter_box;
  struct raw_asterix *asterix;
} raw_sensor;
typedef struct raw_asterix {
  char *sac, *sic, *refraction, *clock_offset_s, *max_age_s, *sigma_height_m;
} raw_asterix;
typedef struct raw_udp {
  char *listen, *group, *interface, *format, *framing, **editions;
  unsigned editions_count;
} raw_udp;
typedef struct raw_seismic {
  char *source, *url, *every_s;
} raw_seismic;
typedef struct raw_062 {
  char *to, *interface, *sac, *sic, *every_s;
} raw_062;
typedef struct raw_release {
  char *policy, *profile, **audiences;
  unsigned audiences_count;
} raw_release;
typedef struct raw_officer {
  char *name, *role;
} raw_officer;
typedef struct raw_clock {
  char *record_epoch, *real_epoch, *rate;
} raw_clock;
typedef struct raw_limits {
  char *tracks, *plots_per_scan, *picture_tracks, *picture_contributions, *products, *bundle_records,
      *pending_connections, *feed_clients;
  char *cache_mb, *partner_queue_mb, *store_queue_mb, *journal_mb, *heartbeat_ms, *dead_after_ms, *handshake_ms,
      *tick_ms, *sensor_silent_scans;
} raw_limits;
typedef struct raw_config {
  char *nation, *mode, *writer, *listen, *store, *feed, *areas, *medium, *log, **automatic, *sensors_file, *cap,
      *journal, *accounts, **delegated, **post, *cot;
  unsigned delegated_count, post_count, officers_count, automatic_count, partners_count, sensors_count, udp_count;
  raw_officer *officers;
  raw_keys *keys;
  raw_partner *partners;
  raw_sensor *sensors;
  raw_udp *udp, *tcp;
  raw_seismic *seismic;
  raw_062 *publish_062;
  unsigned tcp_count, seismic_count;
  raw_release *release;
  raw_clock *clock;
  raw_limits *limits;
} raw_config;

extern const cyaml_schema_value_t raw_config_schema;

#endif
