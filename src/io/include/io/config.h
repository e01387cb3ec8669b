// The daemon's configuration: node.yaml, checked against a schema, every bad place named with its line.
// docs/configuration.md documents each key. Relative paths are relative to the configuration file.
#ifndef WF_IO_CONFIG_H
#define WF_IO_CONFIG_H

#include <stddef.h>

#include "base/log.h"
#include "io/csv.h"
#include "node/node.h"
#include "sensor/envelope.h"

#define WF_CONFIG_PATH_SIZE 512
#define WF_CONFIG_HOST_SIZE 128
#define WF_CONFIG_UDP_MAX 16
#define WF_CONFIG_SEISMIC_MAX 4

typedef struct wf_config_address {
  char host[WF_CONFIG_HOST_SIZE];
  uint16_t port;
} wf_config_address;

typedef struct wf_config {
  char path[WF_CONFIG_PATH_SIZE];
  wf_nation nation;
  wf_mode mode;
  uint32_t writer;
  char certificate[WF_CONFIG_PATH_SIZE], key[WF_CONFIG_PATH_SIZE], signing_key[WF_CONFIG_PATH_SIZE];
  bool listens;
  wf_config_address listen;
  uint32_t partner_count;
  struct wf_config_partner {
    wf_nation nation;
    wf_config_address address;
    char trust[WF_CONFIG_PATH_SIZE];
    wf_membership membership;
    unsigned line;
  } partner[WF_NATION_MAX];
  uint32_t udp_count;
  struct wf_config_udp {
    wf_config_address listen;
    char group[WF_CONFIG_HOST_SIZE], interface[WF_CONFIG_HOST_SIZE];
    wf_envelope envelope;  // of size 0: Watchfire's own reports
  } udp[WF_CONFIG_UDP_MAX];
  uint32_t tcp_count, seismic_count;
  struct wf_config_tcp {
    wf_config_address listen;
    wf_envelope envelope;  // as for udp
  } tcp[WF_CONFIG_UDP_MAX];
  struct wf_config_seismic {
    char source[WF_SENSOR_NAME_SIZE], url[512];
    double every_s;
  } seismic[WF_CONFIG_SEISMIC_MAX];  // event services that are asked (fdsn.h)
  struct wf_config_062 {             // the common picture goes out as ASTERIX 062 (cat062.h)
    wf_config_address to;            // no host: it does not
    char interface[WF_CONFIG_HOST_SIZE];
    uint8_t sac, sic;
    double every_s;
  } publish_062;
  uint32_t sensor_count;
  wf_sensor *sensors;
  wf_release_policy policy;
  char policy_path[WF_CONFIG_PATH_SIZE];  // empty: a built-in profile
  wf_medium medium;
  bool automatic[16], delegated[16];
  char accounts[WF_CONFIG_PATH_SIZE];  // the account file the officers were read from; empty: none
  uint32_t officer_count, post_count;
  wf_officer officer[WF_OFFICERS_MAX];
  char post[8][256];       // receivers of released CAP messages (channels.h)
  wf_config_address cot;   // Cursor on Target; no host: none
  char store[WF_CONFIG_PATH_SIZE], feed[WF_CONFIG_PATH_SIZE], areas_path[WF_CONFIG_PATH_SIZE],
      journal[WF_CONFIG_PATH_SIZE],  // directory of recordings (io/recording.h); empty: none are kept
      cap[WF_CONFIG_PATH_SIZE];  // directory of released CAP messages; empty: none are written
  size_t area_count, loaded_count;
  const wf_area *areas;  // those of the file, or without one the shipped ones of the nation
  wf_area *loaded;
  // Record time = record_epoch + rate · (UTC − real_epoch); rate 1 and equal epochs: the real clock.
  wf_time record_epoch, real_epoch;
  double rate;
  wf_log_level log_level;
  struct {
    uint32_t tracks, plots_per_scan, picture_tracks, picture_contributions, products, bundle_records,
        pending_connections, feed_clients;
    size_t cache_bytes, partner_queue_bytes, store_queue_bytes, journal_bytes;
    double heartbeat_ms, dead_after_ms, handshake_ms, tick_ms, sensor_silent_scans;
  } limits;
} wf_config;

// Reads and checks everything that the text alone can tell. Everything wrong is told through diag. NULL on error.
wf_config *wf_config_load(const char *path, wf_diag *diag);
// The policy file once more, with all that its first reading was held against.
wf_status wf_config_read_policy(const wf_config *config, wf_release_policy *out, wf_diag *diag);
void wf_config_free(wf_config *config);
// Looks at what the configuration names: keys, certificates, trust, places to write. Returns how much is wrong (told).
unsigned long wf_config_check(const wf_config *config, wf_diag *diag);

// Own areas from a GeoJSON FeatureCollection: properties code, name_en, name_ja, name_ko; Polygon or MultiPolygon.
wf_status wf_areas_load(const char *path, wf_area **out, size_t *count, wf_diag *diag);
void wf_areas_free(wf_area *areas, size_t count);

#endif
