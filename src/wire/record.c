// The payloads of records ⇄ model structs. One decode and one encode per payload; every number is checked.
#include <string.h>

#include "base/fmath.h"
#include "field.h"
#include "launch_area.h"
#include "pb.h"
#include "seismic.h"
#include "wire/limits.h"

#define LEAN 27
#define POSITION_MAX_M 1e9
#define VELOCITY_MAX_M_S 1e5
// The bits that every version knows travel in `sources`; the others follow from `reported`, or go beside them.
#define SOURCES_FIRST (WF_SOURCE_INFRARED | WF_SOURCE_RADAR | WF_SOURCE_PARTNER | WF_SOURCE_VOICE)
#define SOURCES_LATER_SHIFT 4

typedef Watchfire__V1__Record record_pb;

// Memory for one message on its way out: the pb structs point into it.
typedef struct encode_memory {
  wf_launch_area_pb launch_area;
  Watchfire__V1__GroundEllipse impact_ellipse, bulletin_ellipse;
  Watchfire__V1__Bulletin bulletin;
  Watchfire__V1__ImpactArea impact_area;
  union {
    Watchfire__V1__Detection detection;
    Watchfire__V1__Tracklet tracklet;
    Watchfire__V1__LaunchEstimate launch;
    Watchfire__V1__ObjectStatus object_status;
    Watchfire__V1__Product product;
    Watchfire__V1__NodeStatus node_status;
    Watchfire__V1__PictureDigest digest;
    Watchfire__V1__PolicyChange policy;
    Watchfire__V1__Seismic seismic;
    Watchfire__V1__OperatorAction action;
  };
  Watchfire__V1__SeismicEvent seismic_event;
  float lean[LEAN];
  wf_record_body copy;  // protobuf-c wants pointers to non-const
  Watchfire__V1__Product__Threatened area[WF_PRODUCT_AREA_MAX], *area_list[WF_PRODUCT_AREA_MAX];
} encode_memory;

// ---- Areas ---------------------------------------------------------------------------------------------------
// Without an ellipse there is no predicted area, only the reason why.
static wf_status decode_impact_area(const Watchfire__V1__ImpactArea *in, wf_impact_area *out,
                                    char reason[WF_REASON_SIZE]) {
  memset(out, 0, sizeof *out);
  if (!in) return WF_OK;
  if (in->reason > 255) return wf_refuse(WF_EINVAL, reason, "impact.reason: above 255");
  out->reason = (uint8_t)in->reason;
  if (!in->area) return WF_OK;
  wf_status status = wf_time_sigma_check(in->time_ns, in->time_sigma_s, "impact", reason);
  if (status == WF_OK) status = wf_ellipse_decode(in->area, &out->area, "impact", reason);
  out->valid = true;
  out->time.ns = in->time_ns;
  out->time_sigma_s = in->time_sigma_s;
  return status;
}

static Watchfire__V1__ImpactArea *encode_impact_area(const wf_impact_area *in, encode_memory *m) {
  watchfire__v1__impact_area__init(&m->impact_area);
  m->impact_area.reason = in->reason;
  if (!in->valid) return &m->impact_area;
  m->impact_area.time_ns = in->time.ns;
  m->impact_area.time_sigma_s = in->time_sigma_s;
  m->impact_area.area = wf_ellipse_encode(&in->area, &m->impact_ellipse);
  return &m->impact_area;
}

// ---- Contributions -------------------------------------------------------------------------------------------
static wf_status start_contribution(wf_record_body *out, wf_contribution_kind kind, uint64_t object, uint32_t sources,
                                    uint32_t reported, char reason[WF_REASON_SIZE]) {
  out->kind = WF_BODY_CONTRIBUTION;
  out->contribution.kind = (uint8_t)kind;
  out->contribution.object = object;
  out->contribution.sources = (uint8_t)sources;
  out->contribution.valid_time = out->valid_time;
  out->contribution.publish_time = out->publish_time;
  out->contribution.id.sequence = out->sequence;
  if (sources & ~(uint32_t)SOURCES_FIRST) return wf_refuse(WF_EINVAL, reason, "sources: unknown bits in %u", sources);
  if (reported > UINT8_MAX || wf_reported_kind((uint8_t)reported) > WF_REPORTED_UNSAID)
    return wf_refuse(WF_EINVAL, reason, "reported: %u is no way to come by it", reported);
  out->contribution.reported = (uint8_t)reported;
  out->contribution.sources |= wf_reported_sources((uint8_t)reported);
  return WF_OK;
}

static wf_status decode_detection(const Watchfire__V1__Detection *in, wf_record_body *out,
                                  char reason[WF_REASON_SIZE]) {
  const wf_status status =
      start_contribution(out, WF_CONTRIBUTION_DETECTION, in->object, in->sources, in->reported, reason);
  if (status != WF_OK) return status;
  if (!wf_time_ok(in->first_detection_ns))
    return wf_refuse(WF_ETIME, reason, "detection.first_detection_ns: not between 1970 and 2200");
  out->contribution.detection.first_detection.ns = in->first_detection_ns;
  if (in->n_pos_ecef_m == 0 && in->n_covariance_m2 == 0) return WF_OK;
  if (in->n_pos_ecef_m != 3 || in->n_covariance_m2 != 6)
    return wf_refuse(WF_EFORMAT, reason, "detection: place needs exactly 3 and 6 numbers");
  if (!wf_all_finite(in->pos_ecef_m, 3, POSITION_MAX_M))
    return wf_refuse(WF_EINVAL, reason, "detection.pos_ecef_m: out of range");
  const double *p = in->covariance_m2;
  if (!wf_all_finite(p, 6, 1e18) || p[0] < 0 || p[3] < 0 || p[5] < 0)
    return wf_refuse(WF_EINVAL, reason, "detection.covariance_m2: not finite, or a negative variance");
  out->contribution.detection.has_place = 1;
  memcpy(out->contribution.detection.pos_ecef_m, in->pos_ecef_m, 3 * sizeof(double));
  memcpy(out->contribution.detection.covariance_m2, in->covariance_m2, 6 * sizeof(double));
  return WF_OK;
}

static wf_status check_tracklet(const Watchfire__V1__Tracklet *in, char reason[WF_REASON_SIZE]) {
  static const uint8_t diagonal[6] = {0, 6, 11, 15, 18, 20};  // of an upper triangle by rows
  if (in->n_reference != 6 || in->n_information != 21 || in->n_vector != 6)
    return wf_refuse(WF_EFORMAT, reason, "tracklet: reference, information, vector need exactly 6, 21, 6 numbers");
  if (!wf_all_finite(in->reference, 3, POSITION_MAX_M) || !wf_all_finite(in->reference + 3, 3, VELOCITY_MAX_M_S))
    return wf_refuse(WF_EINVAL, reason, "tracklet.reference: out of range");
  if (!wf_all_finite(in->information, 21, 1e12))
    return wf_refuse(WF_EINVAL, reason, "tracklet.information: out of range");
  if (!wf_all_finite(in->vector, 6, 1e21)) return wf_refuse(WF_EINVAL, reason, "tracklet.vector: out of range");
  for (int i = 0; i < 6; i++)
    if (in->information[diagonal[i]] < 0)
      return wf_refuse(WF_EINVAL, reason, "tracklet.information: negative diagonal %d", i);
  if (in->phase > WF_PHASE_REENTRY) return wf_refuse(WF_EINVAL, reason, "tracklet.phase: %u is not a phase", in->phase);
  if (in->plots > UINT16_MAX) return wf_refuse(WF_EINVAL, reason, "tracklet.plots: above 65535");
  if (in->n_registration != 0 && in->n_registration != LEAN)
    return wf_refuse(WF_EFORMAT, reason, "tracklet.registration: %zu numbers, not 0 or 27", in->n_registration);
  for (size_t i = 0; i < in->n_registration; i++)
    if (!wf_in((double)in->registration[i], -1e21, 1e21))
      return wf_refuse(WF_EINVAL, reason, "tracklet.registration: out of range");
  if (!wf_in(in->ln_beta, -50, 50) || !wf_in(in->ln_beta_sigma, 0, 100))
    return wf_refuse(WF_EINVAL, reason, "tracklet.ln_beta: out of range");
  if (in->reported != 0 && (!in->whole || in->n_registration != 0))
    return wf_refuse(WF_EINVAL, reason, "tracklet: reported, but not whole");
  return WF_OK;
}

static void decode_lean(const Watchfire__V1__Tracklet *in, wf_tracklet *t) {
  if (in->n_registration != LEAN) return;
  t->leans = 1;
  for (int i = 0; i < 18; i++) t->lean[i] = (double)in->registration[i];
  for (int i = 0; i < 6; i++) t->lean_information[i] = (double)in->registration[18 + i];
  for (int i = 0; i < 3; i++) t->lean_vector[i] = (double)in->registration[24 + i];
}

static void encode_lean(const wf_tracklet *t, Watchfire__V1__Tracklet *out, float room[LEAN]) {
  if (!t->leans) return;
  for (int i = 0; i < 18; i++) room[i] = (float)t->lean[i];
  for (int i = 0; i < 6; i++) room[18 + i] = (float)t->lean_information[i];
  for (int i = 0; i < 3; i++) room[24 + i] = (float)t->lean_vector[i];
  out->n_registration = LEAN;
  out->registration = room;
}

static wf_status decode_tracklet(const Watchfire__V1__Tracklet *in, wf_record_body *out, char reason[WF_REASON_SIZE]) {
  wf_status status = start_contribution(out, WF_CONTRIBUTION_TRACKLET, in->object, in->sources, in->reported, reason);
  if (status == WF_OK) status = check_tracklet(in, reason);
  if (status != WF_OK) return status;
  wf_tracklet *t = &out->contribution.tracklet;
  memcpy(t->reference, in->reference, sizeof t->reference);
  memcpy(t->information, in->information, sizeof t->information);
  memcpy(t->vector, in->vector, sizeof t->vector);
  t->phase = (uint8_t)in->phase;
  t->position_only = in->position_only ? 1 : 0;
  t->whole = in->whole ? 1 : 0;
  t->plots = (uint16_t)in->plots;
  t->ln_beta = in->ln_beta;
  t->ln_beta_sigma = in->ln_beta_sigma;
  decode_lean(in, t);
  return WF_OK;
}

static wf_status decode_launch(const Watchfire__V1__LaunchEstimate *in, wf_record_body *out,
                               char reason[WF_REASON_SIZE]) {
  const wf_status status =
      start_contribution(out, WF_CONTRIBUTION_LAUNCH, in->object, in->sources, in->reported, reason);
  if (status != WF_OK) return status;
  if (!in->launch) return wf_refuse(WF_EFORMAT, reason, "launch: missing");
  return wf_launch_area_decode(in->launch, &out->contribution.launch, reason);
}

static wf_status decode_object_status(const Watchfire__V1__ObjectStatus *in, wf_record_body *out,
                                      char reason[WF_REASON_SIZE]) {
  const wf_status status =
      start_contribution(out, WF_CONTRIBUTION_STATUS, in->object, in->sources, in->reported, reason);
  if (status != WF_OK) return status;
  if (in->life < WF_LIFE_TENTATIVE || in->life > WF_LIFE_FAILED)
    return wf_refuse(WF_EINVAL, reason, "status.life: %u is not one", in->life);
  if (in->phase > WF_PHASE_REENTRY) return wf_refuse(WF_EINVAL, reason, "status.phase: %u is not a phase", in->phase);
  if (in->reason > UINT8_MAX) return wf_refuse(WF_EINVAL, reason, "status.reason: above 255");
  out->contribution.status.life = (uint8_t)in->life;
  out->contribution.status.phase = (uint8_t)in->phase;
  out->contribution.status.reason = (uint8_t)in->reason;
  return WF_OK;
}

// Without the bit that follows from `reported`, unless it is one that every version knows.
static uint32_t sources_of(const wf_contribution *c) {
  return c->sources & ~(uint32_t)(wf_reported_sources(c->reported) & ~SOURCES_FIRST);
}

static void encode_tracklet(wf_contribution *in, Watchfire__V1__Tracklet *out, float lean[LEAN]) {
  watchfire__v1__tracklet__init(out);
  out->object = in->object;
  out->sources = sources_of(in);
  out->reported = in->reported;
  out->n_reference = out->n_vector = 6;
  out->n_information = 21;
  out->reference = in->tracklet.reference;
  out->information = in->tracklet.information;
  out->vector = in->tracklet.vector;
  out->phase = in->tracklet.phase;
  out->position_only = in->tracklet.position_only != 0;
  out->whole = in->tracklet.whole != 0;
  out->plots = in->tracklet.plots;
  out->ln_beta = in->tracklet.ln_beta;
  out->ln_beta_sigma = in->tracklet.ln_beta_sigma;
  encode_lean(&in->tracklet, out, lean);
}

static void encode_detection(wf_contribution *in, Watchfire__V1__Detection *out) {
  watchfire__v1__detection__init(out);
  out->object = in->object;
  out->sources = sources_of(in);
  out->reported = in->reported;
  out->first_detection_ns = in->detection.first_detection.ns;
  if (!in->detection.has_place) return;
  out->n_pos_ecef_m = 3;
  out->n_covariance_m2 = 6;
  out->pos_ecef_m = in->detection.pos_ecef_m;
  out->covariance_m2 = in->detection.covariance_m2;
}

static wf_status encode_contribution(wf_contribution *in, encode_memory *m, record_pb *out) {
  switch (in->kind) {
    case WF_CONTRIBUTION_DETECTION:
      encode_detection(in, &m->detection);
      out->payload_case = WATCHFIRE__V1__RECORD__PAYLOAD_DETECTION;
      out->detection = &m->detection;
      return WF_OK;
    case WF_CONTRIBUTION_TRACKLET:
      encode_tracklet(in, &m->tracklet, m->lean);
      out->payload_case = WATCHFIRE__V1__RECORD__PAYLOAD_TRACKLET;
      out->tracklet = &m->tracklet;
      return WF_OK;
    case WF_CONTRIBUTION_LAUNCH:
      watchfire__v1__launch_estimate__init(&m->launch);
      m->launch.object = in->object;
      m->launch.sources = sources_of(in);
      m->launch.reported = in->reported;
      m->launch.launch = wf_launch_area_encode(&in->launch, &m->launch_area);
      out->payload_case = WATCHFIRE__V1__RECORD__PAYLOAD_LAUNCH;
      out->launch = &m->launch;
      return m->launch.launch ? WF_OK : WF_EINVAL;
    case WF_CONTRIBUTION_STATUS:
      watchfire__v1__object_status__init(&m->object_status);
      m->object_status.object = in->object;
      m->object_status.sources = sources_of(in);
      m->object_status.reported = in->reported;
      m->object_status.life = in->status.life;
      m->object_status.phase = in->status.phase;
      m->object_status.reason = in->status.reason;
      out->payload_case = WATCHFIRE__V1__RECORD__PAYLOAD_OBJECT_STATUS;
      out->object_status = &m->object_status;
      return WF_OK;
    default:
      return WF_EINVAL;
  }
}

// ---- Products ------------------------------------------------------------------------------------------------
static wf_status check_product(const Watchfire__V1__Product *in, char reason[WF_REASON_SIZE]) {
  if (in->stage < WF_STAGE_LAUNCH_NOTICE || in->stage > WF_STAGE_LAST)
    return wf_refuse(WF_EINVAL, reason, "product.stage: %u is not a stage", in->stage);
  if (in->state < WF_PRODUCT_PROPOSED || in->state > WF_PRODUCT_SUPERSEDED)
    return wf_refuse(WF_EINVAL, reason, "product.state: %u is not a state", in->state);
  if (in->at_least > UINT8_MAX) return wf_refuse(WF_EINVAL, reason, "product.at_least: above 255");
  if (in->rule > UINT8_MAX) return wf_refuse(WF_EINVAL, reason, "product.rule: above 255");
  if (in->sources & ~(uint32_t)SOURCES_FIRST) return wf_refuse(WF_EINVAL, reason, "product.sources: unknown bits");
  if (in->reported_sources > WF_SOURCE_ALL >> SOURCES_LATER_SHIFT)
    return wf_refuse(WF_EINVAL, reason, "product.reported_sources: unknown bits");
  if (!wf_text_ok(in->label, sizeof((wf_product *)0)->label))
    return wf_refuse(WF_EFORMAT, reason, "product.label: too long or not UTF-8");
  if (in->n_areas > WF_PRODUCT_AREA_MAX)
    return wf_refuse(WF_EFORMAT, reason, "product.areas: %zu, at most %d", in->n_areas, WF_PRODUCT_AREA_MAX);
  const int64_t times[4] = {in->expires_ns, in->proposed_ns, in->released_ns, in->supersedes_sent_ns};
  for (int i = 0; i < 4; i++)
    if (!wf_time_ok(times[i])) return wf_refuse(WF_ETIME, reason, "product: a time is not between 1970 and 2200");
  return WF_OK;
}

#define PRODUCT_HEIGHT_MAX_M 1e8

static wf_status decode_threatened(const Watchfire__V1__Product *in, wf_product *out, char reason[WF_REASON_SIZE]) {
  for (size_t i = 0; i < in->n_areas; i++) {
    const Watchfire__V1__Product__Threatened *area = in->areas[i];
    if (area->code[0] == 0 || !wf_text_ok(area->code, WF_AREA_CODE_SIZE))
      return wf_refuse(WF_EFORMAT, reason, "product.areas[%zu].code: empty, too long or not UTF-8", i);
    if (area->threat > WF_THREAT_DEBRIS) return wf_refuse(WF_EINVAL, reason, "product.areas[%zu].threat: unknown", i);
    if (!wf_in(area->probability, 0, 1))
      return wf_refuse(WF_EINVAL, reason, "product.areas[%zu].probability: not in [0, 1]", i);
    if (!wf_time_ok(area->earliest_ns))
      return wf_refuse(WF_ETIME, reason, "product.areas[%zu].earliest_ns: out of range", i);
    if (!wf_time_ok(area->latest_ns))
      return wf_refuse(WF_ETIME, reason, "product.areas[%zu].latest_ns: out of range", i);
    if (!wf_in(area->height_m, 0, PRODUCT_HEIGHT_MAX_M))
      return wf_refuse(WF_EINVAL, reason, "product.areas[%zu].height_m: out of range", i);
    memcpy(out->area[i].code, area->code, strlen(area->code) + 1);
    out->area[i].probability = area->probability;
    out->area[i].threat = (uint8_t)area->threat;
    out->area[i].earliest.ns = area->earliest_ns;
    out->area[i].latest.ns = area->latest_ns;
    out->area[i].height_m = area->height_m;
  }
  out->area_count = (uint16_t)in->n_areas;
  return WF_OK;
}

static wf_status decode_bulletin(const Watchfire__V1__Bulletin *in, wf_bulletin *out, char reason[WF_REASON_SIZE]) {
  memset(out, 0, sizeof *out);
  if (!in) return WF_OK;
  if (in->kind < WF_BULLETIN_SEISMIC || in->kind > WF_BULLETIN_LAST)
    return wf_refuse(WF_EINVAL, reason, "bulletin.kind: %u is no kind", in->kind);
  if (!wf_text_ok(in->origin, sizeof out->origin))
    return wf_refuse(WF_EFORMAT, reason, "bulletin.origin: too long or not UTF-8");
  if (!wf_time_ok(in->from_ns) || !wf_time_ok(in->to_ns) || in->to_ns < in->from_ns)
    return wf_refuse(WF_ETIME, reason, "bulletin: its times are out of range or swapped");
  if (!wf_in(in->magnitude, -10, 12)) return wf_refuse(WF_EINVAL, reason, "bulletin.magnitude: not in [-10, 12]");
  if (!wf_in(in->depth_m, -1e4, 1e6)) return wf_refuse(WF_EINVAL, reason, "bulletin.depth_m: not in [-1e4, 1e6]");
  out->kind = (uint8_t)in->kind;
  out->possible_explosion = in->possible_explosion;
  out->has_magnitude = in->has_magnitude, out->magnitude = in->magnitude;
  out->has_depth = in->has_depth, out->depth_m = in->depth_m;
  out->from.ns = in->from_ns, out->to.ns = in->to_ns;
  memcpy(out->origin, in->origin, strlen(in->origin) + 1);
  return wf_ellipse_decode(in->place, &out->place, "bulletin", reason);
}

static Watchfire__V1__Bulletin *encode_bulletin(wf_bulletin *in, encode_memory *m) {
  if (in->kind == WF_BULLETIN_NONE) return NULL;
  watchfire__v1__bulletin__init(&m->bulletin);
  m->bulletin.kind = in->kind;
  m->bulletin.possible_explosion = in->possible_explosion;
  m->bulletin.has_magnitude = in->has_magnitude, m->bulletin.magnitude = in->magnitude;
  m->bulletin.has_depth = in->has_depth, m->bulletin.depth_m = in->depth_m;
  m->bulletin.from_ns = in->from.ns, m->bulletin.to_ns = in->to.ns;
  m->bulletin.place = wf_ellipse_encode(&in->place, &m->bulletin_ellipse);
  m->bulletin.origin = in->origin;
  return &m->bulletin;
}

static wf_status decode_product(const Watchfire__V1__Product *in, wf_record_body *body, char reason[WF_REASON_SIZE]) {
  wf_product *out = &body->product;
  body->kind = WF_BODY_PRODUCT;
  wf_status status = check_product(in, reason);
  if (status == WF_OK) status = decode_threatened(in, out, reason);
  if (status == WF_OK) status = decode_bulletin(in->bulletin, &out->bulletin, reason);
  if (status == WF_OK) status = wf_launch_area_decode(in->launch, &out->launch, reason);
  if (status == WF_OK) status = decode_impact_area(in->impact, &out->impact, reason);
  if (status != WF_OK) return status;
  out->id = in->id;
  out->event = in->event;
  memcpy(out->label, in->label, strlen(in->label) + 1);
  out->stage = (uint8_t)in->stage;
  out->state = (uint8_t)in->state;
  out->rule = (uint8_t)in->rule;
  out->sources = (uint8_t)(in->sources | in->reported_sources << SOURCES_LATER_SHIFT);
  out->single_source = in->single_source;
  out->at_least = (uint8_t)in->at_least;
  out->supersedes = in->supersedes;
  out->supersedes_sent.ns = in->supersedes_sent_ns;
  out->expires.ns = in->expires_ns;
  out->proposed_at.ns = in->proposed_ns;
  out->released_at.ns = in->released_ns;
  return WF_OK;
}

static void encode_product(wf_product *in, encode_memory *m, record_pb *record) {
  Watchfire__V1__Product *out = &m->product;
  watchfire__v1__product__init(out);
  out->id = in->id;
  out->event = in->event;
  out->label = in->label;
  out->stage = in->stage;
  out->state = in->state;
  out->rule = in->rule;
  out->sources = in->sources & SOURCES_FIRST;
  out->reported_sources = (uint32_t)in->sources >> SOURCES_LATER_SHIFT;
  out->single_source = in->single_source;
  out->at_least = in->at_least;
  out->supersedes = in->supersedes;
  out->supersedes_sent_ns = in->supersedes_sent.ns;
  out->expires_ns = in->expires.ns;
  out->proposed_ns = in->proposed_at.ns;
  out->released_ns = in->released_at.ns;
  out->launch = wf_launch_area_encode(&in->launch, &m->launch_area);
  out->impact = encode_impact_area(&in->impact, m);
  out->bulletin = encode_bulletin(&in->bulletin, m);
  out->n_areas = in->area_count;
  out->areas = m->area_list;
  for (size_t i = 0; i < in->area_count; i++) {
    watchfire__v1__product__threatened__init(&m->area[i]);
    m->area[i].code = in->area[i].code;
    m->area[i].probability = in->area[i].probability;
    m->area[i].threat = in->area[i].threat;
    m->area[i].earliest_ns = in->area[i].earliest.ns;
    m->area[i].latest_ns = in->area[i].latest.ns;
    m->area[i].height_m = in->area[i].height_m;
    m->area_list[i] = &m->area[i];
  }
  record->payload_case = WATCHFIRE__V1__RECORD__PAYLOAD_PRODUCT;
  record->product = out;
}

// ---- Status --------------------------------------------------------------------------------------------------
static wf_status decode_node_status(const Watchfire__V1__NodeStatus *in, wf_record_body *out,
                                    char reason[WF_REASON_SIZE]) {
  out->kind = WF_BODY_NODE_STATUS;
  if (!wf_text_ok(in->version, sizeof out->node_status.version))
    return wf_refuse(WF_EFORMAT, reason, "node_status.version: too long or not UTF-8");
  if (in->sensors_alive > in->sensors_total)
    return wf_refuse(WF_EINVAL, reason, "node_status: more sensors alive than there are");
  out->node_status.sensors_alive = in->sensors_alive;
  out->node_status.sensors_total = in->sensors_total;
  out->node_status.durable = in->durable;
  out->node_status.unattended = in->unattended;
  memcpy(out->node_status.version, in->version, strlen(in->version) + 1);
  return WF_OK;
}

static wf_status decode_digest(const Watchfire__V1__PictureDigest *in, wf_record_body *out,
                               char reason[WF_REASON_SIZE]) {
  out->kind = WF_BODY_DIGEST;
  if (in->record_set.len != sizeof out->digest.record_set || in->picture.len != sizeof out->digest.picture)
    return wf_refuse(WF_EFORMAT, reason, "picture_digest: hashes need exactly 32 bytes");
  if (!wf_time_ok(in->at_ns)) return wf_refuse(WF_ETIME, reason, "picture_digest.at_ns: not between 1970 and 2200");
  out->digest.at.ns = in->at_ns;
  out->digest.algorithm = in->algorithm;
  memcpy(out->digest.record_set, in->record_set.data, in->record_set.len);
  memcpy(out->digest.picture, in->picture.data, in->picture.len);
  if (in->n_tracks > 2 * WF_DIGEST_TRACKS || in->n_tracks % 2 != 0)
    return wf_refuse(WF_EFORMAT, reason, "picture_digest.tracks: %zu numbers are no pairs, or above 64", in->n_tracks);
  out->digest.parameters = in->parameters;
  out->digest.track_count = (uint32_t)in->n_tracks / 2;
  for (size_t i = 0; i < in->n_tracks; i++) out->digest.track[i] = in->tracks[i];
  return WF_OK;
}

static wf_status decode_policy(const Watchfire__V1__PolicyChange *in, wf_record_body *out,
                               char reason[WF_REASON_SIZE]) {
  out->kind = WF_BODY_POLICY;
  if (!wf_text_ok(in->by, sizeof out->policy.by))
    return wf_refuse(WF_EFORMAT, reason, "policy_change.by: too long or not UTF-8");
  out->policy.version = in->policy;
  out->policy.previous = in->previous;
  out->policy.rules = in->rules;
  memcpy(out->policy.by, in->by, strlen(in->by) + 1);
  return WF_OK;
}

static void encode_policy(wf_record_body *in, encode_memory *m, record_pb *out) {
  watchfire__v1__policy_change__init(&m->policy);
  m->policy.policy = in->policy.version;
  m->policy.previous = in->policy.previous;
  m->policy.by = in->policy.by;
  m->policy.rules = in->policy.rules;
  out->payload_case = WATCHFIRE__V1__RECORD__PAYLOAD_POLICY_CHANGE;
  out->policy_change = &m->policy;
}

static wf_status decode_action(const Watchfire__V1__OperatorAction *in, wf_record_body *out,
                               char reason[WF_REASON_SIZE]) {
  wf_action *a = &out->action;
  out->kind = WF_BODY_ACTION;
  if (!wf_text_ok(in->person, sizeof a->person) || !wf_text_ok(in->role, sizeof a->role) ||
      !wf_text_ok(in->what, sizeof a->what) || !wf_text_ok(in->reason, sizeof a->reason) ||
      !wf_text_ok(in->outcome, sizeof a->outcome))
    return wf_refuse(WF_EFORMAT, reason, "operator_action: a text is too long or not UTF-8");
  memcpy(a->person, in->person, strlen(in->person) + 1);
  memcpy(a->role, in->role, strlen(in->role) + 1);
  memcpy(a->what, in->what, strlen(in->what) + 1);
  memcpy(a->reason, in->reason, strlen(in->reason) + 1);
  memcpy(a->outcome, in->outcome, strlen(in->outcome) + 1);
  a->subject = in->subject;
  return WF_OK;
}

static void encode_action(wf_record_body *in, encode_memory *m, record_pb *out) {
  watchfire__v1__operator_action__init(&m->action);
  m->action.person = in->action.person;
  m->action.role = in->action.role;
  m->action.what = in->action.what;
  m->action.subject = in->action.subject;
  m->action.reason = in->action.reason;
  m->action.outcome = in->action.outcome;
  out->payload_case = WATCHFIRE__V1__RECORD__PAYLOAD_OPERATOR_ACTION;
  out->operator_action = &m->action;
}

static void encode_node_status(wf_record_body *in, encode_memory *m, record_pb *out) {
  watchfire__v1__node_status__init(&m->node_status);
  m->node_status.sensors_alive = in->node_status.sensors_alive;
  m->node_status.sensors_total = in->node_status.sensors_total;
  m->node_status.durable = in->node_status.durable;
  m->node_status.unattended = in->node_status.unattended;
  m->node_status.version = in->node_status.version;
  out->payload_case = WATCHFIRE__V1__RECORD__PAYLOAD_NODE_STATUS;
  out->node_status = &m->node_status;
}

static void encode_digest(wf_record_body *in, encode_memory *m, record_pb *out) {
  watchfire__v1__picture_digest__init(&m->digest);
  m->digest.at_ns = in->digest.at.ns;
  m->digest.algorithm = in->digest.algorithm;
  m->digest.record_set = (ProtobufCBinaryData){sizeof in->digest.record_set, in->digest.record_set};
  m->digest.picture = (ProtobufCBinaryData){sizeof in->digest.picture, in->digest.picture};
  m->digest.parameters = in->digest.parameters;
  m->digest.n_tracks = 2 * (size_t)in->digest.track_count;
  m->digest.tracks = in->digest.track;
  out->payload_case = WATCHFIRE__V1__RECORD__PAYLOAD_PICTURE_DIGEST;
  out->picture_digest = &m->digest;
}

// ---- Seismic events ------------------------------------------------------------------------------------------
static wf_status decode_seismic(const Watchfire__V1__Seismic *in, wf_record_body *out, char reason[WF_REASON_SIZE]) {
  wf_seismic_assessment *a = &out->seismic.assessment;
  out->kind = WF_BODY_SEISMIC;
  if (!in->event) return wf_refuse(WF_EFORMAT, reason, "seismic.event: missing");
  const wf_status status = wf_seismic_event_decode(in->event, &out->seismic.event, reason);
  if (status != WF_OK) return status;
  if (in->verdict > WF_SEISMIC_POSSIBLE_EXPLOSION)
    return wf_refuse(WF_EINVAL, reason, "seismic.verdict: %u is not one", in->verdict);
  if (!wf_text_ok(in->site, sizeof a->site) || !wf_text_ok(in->why, sizeof a->why))
    return wf_refuse(WF_EFORMAT, reason, "seismic: a text is too long or not UTF-8");
  if (!wf_in(in->distance_m, 0, 3e7)) return wf_refuse(WF_EINVAL, reason, "seismic.distance_m: out of range");
  a->verdict = (uint8_t)in->verdict;
  a->distance_m = in->distance_m;
  memcpy(a->site, in->site, strlen(in->site) + 1);
  memcpy(a->why, in->why, strlen(in->why) + 1);
  return WF_OK;
}

static void encode_seismic(wf_record_body *in, encode_memory *m, record_pb *out) {
  watchfire__v1__seismic__init(&m->seismic);
  wf_seismic_event_encode(&in->seismic.event, &m->seismic_event);
  m->seismic.event = &m->seismic_event;
  m->seismic.verdict = in->seismic.assessment.verdict;
  m->seismic.site = in->seismic.assessment.site;
  m->seismic.distance_m = in->seismic.assessment.distance_m;
  m->seismic.why = in->seismic.assessment.why;
  out->payload_case = WATCHFIRE__V1__RECORD__PAYLOAD_SEISMIC;
  out->seismic = &m->seismic;
}

// ---- The record ----------------------------------------------------------------------------------------------
static wf_status decode_payload(const record_pb *in, wf_record_body *out, char reason[WF_REASON_SIZE]) {
  switch (in->payload_case) {
    case WATCHFIRE__V1__RECORD__PAYLOAD_DETECTION:
      return decode_detection(in->detection, out, reason);
    case WATCHFIRE__V1__RECORD__PAYLOAD_TRACKLET:
      return decode_tracklet(in->tracklet, out, reason);
    case WATCHFIRE__V1__RECORD__PAYLOAD_LAUNCH:
      return decode_launch(in->launch, out, reason);
    case WATCHFIRE__V1__RECORD__PAYLOAD_OBJECT_STATUS:
      return decode_object_status(in->object_status, out, reason);
    case WATCHFIRE__V1__RECORD__PAYLOAD_PRODUCT:
      return decode_product(in->product, out, reason);
    case WATCHFIRE__V1__RECORD__PAYLOAD_NODE_STATUS:
      return decode_node_status(in->node_status, out, reason);
    case WATCHFIRE__V1__RECORD__PAYLOAD_PICTURE_DIGEST:
      return decode_digest(in->picture_digest, out, reason);
    case WATCHFIRE__V1__RECORD__PAYLOAD_POLICY_CHANGE:
      return decode_policy(in->policy_change, out, reason);
    case WATCHFIRE__V1__RECORD__PAYLOAD_SEISMIC:
      return decode_seismic(in->seismic, out, reason);
    case WATCHFIRE__V1__RECORD__PAYLOAD_OPERATOR_ACTION:
      return decode_action(in->operator_action, out, reason);
    case WATCHFIRE__V1__RECORD__PAYLOAD_OPAQUE:
      out->kind = WF_BODY_OPAQUE;
      out->opaque = (wf_bytes){NULL, in->opaque.len};
      return WF_OK;
    default:
      out->kind = WF_BODY_UNKNOWN;
      return WF_OK;
  }
}

wf_status wf_wire_decode_record(wf_bytes bytes, wf_record_body *out, char reason[WF_REASON_SIZE]) {
  memset(out, 0, sizeof *out);
  reason[0] = 0;
  if (bytes.size > WF_RECORD_MAX) return wf_refuse(WF_EFORMAT, reason, "record: longer than %d bytes", WF_RECORD_MAX);
  const record_pb *in = wf_pb_unpack(&watchfire__v1__record__descriptor, bytes, "record", reason);
  if (!in) return WF_EFORMAT;
  if (!wf_time_ok(in->valid_time_ns)) return wf_refuse(WF_ETIME, reason, "valid_time_ns: not between 1970 and 2200");
  if (!wf_time_ok(in->publish_time_ns))
    return wf_refuse(WF_ETIME, reason, "publish_time_ns: not between 1970 and 2200");
  out->sequence = in->sequence;
  out->valid_time.ns = in->valid_time_ns;
  out->publish_time.ns = in->publish_time_ns;
  out->flags = in->flags;
  return decode_payload(in, out, reason);
}

wf_status wf_wire_encode_record(const wf_record_body *in, uint8_t *out, size_t size, size_t *length) {
  encode_memory m;
  record_pb record;
  watchfire__v1__record__init(&record);
  record.sequence = in->sequence;
  record.valid_time_ns = in->valid_time.ns;
  record.publish_time_ns = in->publish_time.ns;
  record.flags = in->flags;
  wf_status status = WF_OK;
  if (in->kind == WF_BODY_OPAQUE) {
    wf_writer w = wf_writer_of(out, size);
    wf_put_varint(&w, 1, in->sequence);
    wf_put_fixed64(&w, 2, (uint64_t)in->valid_time.ns);
    wf_put_fixed64(&w, 3, (uint64_t)in->publish_time.ns);
    wf_put_varint(&w, 4, in->flags);
    wf_put_bytes(&w, 40, in->opaque);
    *length = w.offset;
    return w.failed ? WF_EFULL : WF_OK;
  }
  m.copy = *in;
  switch (in->kind) {
    case WF_BODY_CONTRIBUTION:
      status = encode_contribution(&m.copy.contribution, &m, &record);
      break;
    case WF_BODY_PRODUCT:
      status = in->product.area_count <= WF_PRODUCT_AREA_MAX ? WF_OK : WF_EINVAL;
      break;
    case WF_BODY_NODE_STATUS:
      encode_node_status(&m.copy, &m, &record);
      break;
    case WF_BODY_DIGEST:
      encode_digest(&m.copy, &m, &record);
      break;
    case WF_BODY_POLICY:
      encode_policy(&m.copy, &m, &record);
      break;
    case WF_BODY_SEISMIC:
      encode_seismic(&m.copy, &m, &record);
      break;
    case WF_BODY_ACTION:
      encode_action(&m.copy, &m, &record);
      break;
    default:
      return WF_EINVAL;
  }
  if (status == WF_OK && in->kind == WF_BODY_PRODUCT) encode_product(&m.copy.product, &m, &record);
  return status == WF_OK ? wf_pb_pack(&record.base, out, size, length) : status;
}
