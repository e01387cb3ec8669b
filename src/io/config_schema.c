#include "config_schema.h"

#include "io/channels.h"
#include "io/config.h"

#define NEED(type, member) CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER, type, member, 1, CYAML_UNLIMITED)
#define MAY(type, member) \
  CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 0, CYAML_UNLIMITED)
#define MAP(type, member, fields) \
  CYAML_FIELD_MAPPING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, fields)
#define LIST(type, member, entry, max) \
  CYAML_FIELD_SEQUENCE(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, entry, 0, max)
#define PAIR(type, member) \
  CYAML_FIELD_SEQUENCE_FIXED(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, &text_schema, 2)
#define ENTRY(type, fields) \
  { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, type, fields) }

static const cyaml_schema_value_t text_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, CYAML_UNLIMITED)};

static const cyaml_schema_field_t keys_fields[] = {NEED(raw_keys, certificate), NEED(raw_keys, key),
                                                   NEED(raw_keys, signing_key), CYAML_FIELD_END};

static const cyaml_schema_field_t partner_fields[] = {NEED(raw_partner, nation), MAY(raw_partner, address),
                                                      NEED(raw_partner, trust), MAY(raw_partner, state),
                                                      CYAML_FIELD_END};
static const cyaml_schema_value_t partner_schema = ENTRY(raw_partner, partner_fields);

static const cyaml_schema_field_t box_fields[] = {PAIR(raw_box, range_m), PAIR(raw_box, az_rad), PAIR(raw_box, el_rad),
                                                  CYAML_FIELD_END};

static const cyaml_schema_field_t asterix_fields[] = {NEED(raw_asterix, sac),
                                                      NEED(raw_asterix, sic),
                                                      MAY(raw_asterix, refraction),
                                                      MAY(raw_asterix, clock_offset_s),
                                                      MAY(raw_asterix, max_age_s),
                                                      MAY(raw_asterix, sigma_height_m),
                                                      CYAML_FIELD_END};

static const cyaml_schema_field_t sensor_fields[] = {NEED(raw_sensor, name),
                                                     NEED(raw_sensor, kind),
                                                     MAY(raw_sensor, lat_deg),
                                                     MAY(raw_sensor, lon_deg),
                                                     MAY(raw_sensor, h_m),
                                                     MAY(raw_sensor, sigma_range_m),
                                                     MAY(raw_sensor, sigma_az_rad),
                                                     MAY(raw_sensor, sigma_el_rad),
                                                     MAY(raw_sensor, sigma_range_rate_m_s),
                                                     MAY(raw_sensor, detection_probability),
                                                     MAY(raw_sensor, clutter_mean_per_scan),
                                                     MAY(raw_sensor, scan_period_s),
                                                     MAY(raw_sensor, range_max_m),
                                                     MAY(raw_sensor, el_min_rad),
                                                     MAY(raw_sensor, bias_sigma_range_m),
                                                     MAY(raw_sensor, bias_sigma_az_rad),
                                                     MAY(raw_sensor, bias_sigma_el_rad),
                                                     MAP(raw_sensor, clutter_box, box_fields),
                                                     MAP(raw_sensor, asterix, asterix_fields),
                                                     CYAML_FIELD_END};
static const cyaml_schema_value_t sensor_schema = ENTRY(raw_sensor, sensor_fields);

static const cyaml_schema_field_t udp_fields[] = {
    NEED(raw_udp, listen), MAY(raw_udp, group),   MAY(raw_udp, interface),
    MAY(raw_udp, format),  MAY(raw_udp, framing), LIST(raw_udp, editions, &text_schema, WF_ENVELOPE_EDITIONS_MAX),
    CYAML_FIELD_END};
static const cyaml_schema_value_t udp_schema = ENTRY(raw_udp, udp_fields);

static const cyaml_schema_field_t tcp_fields[] = {NEED(raw_udp, listen), MAY(raw_udp, format), MAY(raw_udp, framing),
                                                  LIST(raw_udp, editions, &text_schema, WF_ENVELOPE_EDITIONS_MAX),
                                                  CYAML_FIELD_END};
static const cyaml_schema_value_t tcp_schema = ENTRY(raw_udp, tcp_fields);

static const cyaml_schema_field_t seismic_fields[] = {NEED(raw_seismic, source), NEED(raw_seismic, url),
                                                      MAY(raw_seismic, every_s), CYAML_FIELD_END};
static const cyaml_schema_value_t seismic_schema = ENTRY(raw_seismic, seismic_fields);

static const cyaml_schema_field_t publish_fields[] = {NEED(raw_062, to),     NEED(raw_062, sac),
                                                      NEED(raw_062, sic),    MAY(raw_062, interface),
                                                      MAY(raw_062, every_s), CYAML_FIELD_END};

static const cyaml_schema_field_t release_fields[] = {MAY(raw_release, policy), MAY(raw_release, profile),
                                                      LIST(raw_release, audiences, &text_schema, 16), CYAML_FIELD_END};

static const cyaml_schema_field_t clock_fields[] = {NEED(raw_clock, record_epoch), NEED(raw_clock, real_epoch),
                                                    MAY(raw_clock, rate), CYAML_FIELD_END};

static const cyaml_schema_field_t limits_fields[] = {MAY(raw_limits, tracks),
                                                     MAY(raw_limits, plots_per_scan),
                                                     MAY(raw_limits, picture_tracks),
                                                     MAY(raw_limits, picture_contributions),
                                                     MAY(raw_limits, products),
                                                     MAY(raw_limits, bundle_records),
                                                     MAY(raw_limits, pending_connections),
                                                     MAY(raw_limits, feed_clients),
                                                     MAY(raw_limits, cache_mb),
                                                     MAY(raw_limits, partner_queue_mb),
                                                     MAY(raw_limits, store_queue_mb),
                                                     MAY(raw_limits, journal_mb),
                                                     MAY(raw_limits, heartbeat_ms),
                                                     MAY(raw_limits, dead_after_ms),
                                                     MAY(raw_limits, handshake_ms),
                                                     MAY(raw_limits, tick_ms),
                                                     MAY(raw_limits, sensor_silent_scans),
                                                     CYAML_FIELD_END};

static const cyaml_schema_field_t officer_fields[] = {NEED(raw_officer, name), NEED(raw_officer, role),
                                                      CYAML_FIELD_END};
static const cyaml_schema_value_t officer_schema = ENTRY(raw_officer, officer_fields);

static const cyaml_schema_field_t config_fields[] = {
    NEED(raw_config, nation),
    NEED(raw_config, mode),
    MAY(raw_config, writer),
    MAY(raw_config, listen),
    NEED(raw_config, store),
    NEED(raw_config, feed),
    MAY(raw_config, areas),
    MAY(raw_config, medium),
    MAY(raw_config, log),
    MAY(raw_config, sensors_file),
    MAY(raw_config, cap),
    MAY(raw_config, journal),
    MAY(raw_config, accounts),
    CYAML_FIELD_MAPPING_PTR("keys", CYAML_FLAG_POINTER, raw_config, keys, keys_fields),
    LIST(raw_config, partners, &partner_schema, WF_NATION_MAX - 1),
    LIST(raw_config, sensors, &sensor_schema, WF_SENSOR_MAX),
    LIST(raw_config, udp, &udp_schema, WF_CONFIG_UDP_MAX),
    LIST(raw_config, tcp, &tcp_schema, WF_CONFIG_UDP_MAX),
    LIST(raw_config, seismic, &seismic_schema, WF_CONFIG_SEISMIC_MAX),
    MAP(raw_config, publish_062, publish_fields),
    LIST(raw_config, automatic, &text_schema, 16),
    LIST(raw_config, delegated, &text_schema, 16),
    LIST(raw_config, officers, &officer_schema, WF_OFFICERS_MAX),
    LIST(raw_config, post, &text_schema, WF_CHANNELS_POST_MAX),
    MAY(raw_config, cot),
    MAP(raw_config, release, release_fields),
    MAP(raw_config, clock, clock_fields),
    MAP(raw_config, limits, limits_fields),
    CYAML_FIELD_END};

const cyaml_schema_value_t raw_config_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, raw_config, config_fields)};
