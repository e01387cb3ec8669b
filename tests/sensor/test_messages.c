#include "base/fmath.h"
#include "sensor/quakeml.h"
#include "sensor/tdm.h"
#include "wf_test.h"

static wf_bytes bytes_of(const char *text) {
  return (wf_bytes){(const uint8_t *)text, strlen(text)};
}

// ---- Times and numbers --------------------------------------------------------------------------------------------
static void test_times(void **state) {
  wf_time a, b;
  assert_int_equal(wf_ccsds_time("2005-160T20:15:00", &a), WF_OK);
  assert_int_equal(wf_ccsds_time("2005-06-09T20:15:00.000Z", &b), WF_OK);
  assert_int_equal(a.ns, b.ns);
  assert_int_equal(wf_ccsds_time("2004-366T00:00:00", &a), WF_OK);  // a leap year has one
  static const char *const WRONG[] = {
      "2005-366T00:00:00",         "2005-000T00:00:00",   "2005-06-09", "2005-06-09 20:15:00",
      "2005-06-09T20:15:00+09:00", "2005-13-01T00:00:00", "T",          ""};
  for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++)
    if (wf_ccsds_time(WRONG[i], &a) == WF_OK) fail_msg("%s is taken for a time", WRONG[i]);
  double x;
  assert_int_equal(wf_ccsds_number("-1.5E-3", &x), WF_OK);
  assert_float_equal(x, -0.0015, 0);
  static const char *const NO[] = {"", "nan", "inf", "1,5", "0x10", "1 2", "--1", "1e999"};
  for (size_t i = 0; i < sizeof NO / sizeof NO[0]; i++)
    if (wf_ccsds_number(NO[i], &x) == WF_OK) fail_msg("%s is taken for a number", NO[i]);
}

// ---- TDM ----------------------------------------------------------------------------------------------------------
#define HEAD "CCSDS_TDM_VERS = 2.0\nCREATION_DATE = 2026-327T00:00:00\nORIGINATOR = WATCHFIRE\n"
#define META \
  "META_START\nTIME_SYSTEM = UTC\nPARTICIPANT_1 = R\nPATH = 1,2,1\nRANGE_UNITS = km\nANGLE_TYPE = AZEL\nMETA_STOP\n"
#define DATA \
  "DATA_START\nCOMMENT seen\nRANGE = 2026-327T00:00:01.5 2000.25\nANGLE_1 = 2026-327T00:00:01.5 45\nDATA_STOP\n"
static const char XML[] =
    "<?xml version=\"1.0\"?>\n<tdm id=\"CCSDS_TDM_VERS\" version=\"2.0\"><header><CREATION_DATE>2026-11-23T00:00:00"
    "</CREATION_DATE><ORIGINATOR>WATCHFIRE</ORIGINATOR></header><body><segment><metadata>\n<TIME_SYSTEM>UTC</"
    "TIME_SYSTEM>"
    "<PARTICIPANT_1>R</PARTICIPANT_1><PATH>1,2,1</PATH><RANGE_UNITS>km</RANGE_UNITS><ANGLE_TYPE>AZEL</ANGLE_TYPE></"
    "metadata>"
    "<data><COMMENT>seen</COMMENT><observation><EPOCH>2026-11-23T00:00:01.5</EPOCH><RANGE>2.00025E3</RANGE></"
    "observation>\n"
    "<observation><EPOCH>2026-11-23T00:00:01.5</EPOCH><ANGLE_1>45</ANGLE_1></observation></data></segment></body></"
    "tdm>";

typedef struct seen {
  unsigned segments, observations, meta;
  wf_tdm_observation observation[4];
  char keyword[4][32];
} seen;

static void on_segment(void *context, const wf_tdm_segment *segment) {
  seen *s = context;
  s->segments++;
  s->meta = segment->count;
  assert_true(segment->utc);
  assert_string_equal(segment->originator, "WATCHFIRE");
}

static void on_observation(void *context, const wf_tdm_segment *segment, const wf_tdm_observation *o) {
  seen *s = context;
  assert_true(s->observations < 4);
  snprintf(s->keyword[s->observations], 32, "%s", o->keyword);
  s->observation[s->observations++] = *o;
}

static wf_status read_tdm(const char *text, seen *s, wf_ccsds_fault *fault) {
  const wf_tdm_visitor visitor = {s, on_segment, on_observation};
  *s = (seen){0};
  return wf_tdm_read(bytes_of(text), &visitor, fault);
}

static void test_tdm_twins(void **state) {
  static const char *const TEXT[] = {HEAD META DATA, XML};
  for (int i = 0; i < 2; i++) {
    seen s;
    wf_ccsds_fault fault;
    char at[WF_TIME_RFC3339_SIZE];
    assert_int_equal(read_tdm(TEXT[i], &s, &fault), WF_OK);
    assert_int_equal(s.segments, 1);
    assert_int_equal(s.meta, 5);
    assert_int_equal(s.observations, 2);
    assert_string_equal(s.keyword[0], "RANGE");
    assert_string_equal(s.observation[0].unit, "km");
    assert_float_equal(s.observation[0].value, 2000.25, 0);
    assert_string_equal(wf_time_format(s.observation[0].time, 1, at), "2026-11-23T00:00:01.5Z");
    assert_string_equal(s.keyword[1], "ANGLE_1");
  }
}

static void test_tdm_refused(void **state) {
  static const struct {
    const char *text;
    unsigned line;
    const char *word;
  } CASES[] = {
      {"", 0, "CCSDS_TDM_VERS is missing"},
      {"CREATION_DATE = 2026-327T00:00:00\n", 1, "before CCSDS_TDM_VERS"},
      {"CCSDS_TDM_VERS = 3.0\n", 1, "known"},
      {HEAD, 3, "no segment"},
      {HEAD META, 10, "within a segment"},
      {HEAD "META_START\nPARTICIPANT_1 = R\nMETA_STOP\n", 6, "TIME_SYSTEM is missing"},
      {HEAD "META_START\nTIME_SYSTEM = UTC\nMETA_STOP\n", 6, "PARTICIPANT_1 is missing"},
      {HEAD "META_START\nTIME_SYSTEM = LOCAL\n", 5, "none of"},
      {HEAD "META_START\nTIME_SYSTEM = UTC\nTIME_SYSTEM = UTC\n", 6, "twice"},
      {HEAD "META_START\nPARTICIPANT_6 = R\n", 5, "not a keyword"},
      {HEAD META "DATA_START\nRANGE = 2026-327T00:00:01\n", 12, "a time and a value"},
      {HEAD META "DATA_START\nRANGE = 2026-327T00:00:01 far\n", 12, "not a number"},
      {HEAD META "DATA_START\nRANGE = yesterday 1\n", 12, "not a time"},
      {HEAD META "DATA_START\nSPEED = 2026-327T00:00:01 1\n", 12, "not a keyword"},
      {HEAD META META, 11, "where it cannot be"},
      {"<tdm version=\"2.0\"><header>", 1, "XML"},
      {"<!DOCTYPE tdm SYSTEM \"x.dtd\"><tdm version=\"2.0\"/>", 1, "DOCTYPE"},
      {"<!DOCTYPE tdm [<!ENTITY a \"b\">]><tdm version=\"2.0\"/>", 1, "DOCTYPE"},
      {"<oem version=\"2.0\"/>", 1, "no TDM"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
    seen s;
    wf_ccsds_fault fault = {0};
    assert_int_equal(read_tdm(CASES[i].text, &s, &fault), WF_EFORMAT);
    if (fault.line != CASES[i].line || strstr(fault.reason, CASES[i].word) == NULL)
      fail_msg("case %zu: line %u: %s", i, fault.line, fault.reason);
  }
}

// ---- QuakeML ------------------------------------------------------------------------------------------------------
typedef struct events {
  unsigned count;
  wf_seismic_event event[4];
} events;

static void on_event(void *context, const wf_seismic_event *event) {
  events *e = context;
  assert_true(e->count < 4);
  e->event[e->count++] = *event;
}

static void test_quakeml(void **state) {
  static const char TEXT[] =
      "<q:quakeml xmlns:q=\"http://quakeml.org/xmlns/quakeml/1.2\" xmlns=\"http://quakeml.org/xmlns/bed/1.2\">"
      "<eventParameters publicID=\"smi:x/1\"><event publicID=\"smi:x/2\"><preferredOriginID>smi:o/2</preferredOriginID>"
      "<origin publicID=\"smi:o/1\"><latitude><value>0</value></latitude></origin>"
      "<origin publicID=\"smi:o/2\"><time><value>2017-09-03T03:30:01.76</value></time>"
      "<latitude><value> 41.3324 </value></latitude><longitude><value>129.0297</value></longitude>"
      "<depth><value>0</value><uncertainty>1800</uncertainty></depth>"
      "<creationInfo><agencyID>XX</agencyID></creationInfo></origin>"
      "<magnitude><mag><value>6.3</value></mag><type>mb</type></magnitude><type>quarry_blast</type></event>"
      "<event publicID=\"smi:x/3\"/></eventParameters></q:quakeml>";
  events e = {0};
  wf_ccsds_fault fault;
  assert_int_equal(wf_quakeml_read(bytes_of(TEXT), on_event, &e, &fault), WF_OK);
  assert_int_equal(e.count, 2);
  const wf_seismic_event *a = &e.event[0];
  char at[WF_TIME_RFC3339_SIZE];
  assert_string_equal(a->type, "quarry blast");
  assert_string_equal(a->agency, "XX");
  assert_string_equal(wf_time_format(a->time, 2, at), "2017-09-03T03:30:01.76Z");
  assert_float_equal(a->lat_rad / WF_DEG, 41.3324, 1e-9);
  assert_true(a->has_depth && !a->depth_doubtful && a->depth_sigma_m == 1800);
  assert_float_equal(a->magnitude, 6.3, 0);
  assert_false(e.event[1].has_place || e.event[1].has_time || e.event[1].has_magnitude);
  e.count = 0;
  assert_int_equal(wf_quakeml_read(bytes_of("<quakeml>"), on_event, &e, &fault), WF_EFORMAT);
  assert_int_equal(wf_quakeml_read(bytes_of("<kml/>"), on_event, &e, &fault), WF_EFORMAT);
  assert_int_equal(wf_quakeml_read(bytes_of("<!DOCTYPE q SYSTEM \"x\"><quakeml/>"), on_event, &e, &fault), WF_EFORMAT);
  assert_int_equal(wf_quakeml_read(bytes_of(""), on_event, &e, &fault), WF_EFORMAT);
  assert_int_equal(e.count, 0);
}

// One row per rule, and the six published events at or near the site (USGS ComCat, public domain).
static void test_assessment(void **state) {
  static const struct {
    const char *type;
    double lat_deg, lon_deg, depth_m, magnitude;
    char rule;
    bool explosion;
  } ROWS[] = {
      {"nuclear explosion", 41.294, 129.094, 0, 4.3, '3', true},    // 2006-10-09
      {"nuclear explosion", 41.299, 129.004, 0, 5.1, '3', true},    // 2013-02-12
      {"nuclear explosion", 41.3324, 129.0297, 0, 6.3, '3', true},  // 2017-09-03
      {"collapse", 41.334, 129.031, 0, 4.1, '4', false},            // 8.5 minutes later
      {"earthquake", 41.3563, 129.0251, 5000, 2.9, '5', false},     // 2017-10-12
      {"earthquake", 42.726, 130.976, 562800, 5.8, '2', false},     // 2013-04-06
      {"", 41.3, 129.08, 0, 5.0, '6', true},                        // before an agency has said what it was
      {"earthquake", 41.3, 129.08, 1000, 5.0, '6', true},           // the first automatic word
      {"", 41.3, 129.08, 10000, 5.0, '5', false},
      {"", 41.3, 129.08, 10, 5.0, '6', true},  // 10 m or 10 km: nobody knows
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    wf_seismic_event e = {.has_place = true, .has_depth = true, .has_magnitude = true, .magnitude = ROWS[i].magnitude};
    wf_seismic_assessment a;
    snprintf(e.type, sizeof e.type, "%s", ROWS[i].type);
    e.lat_rad = ROWS[i].lat_deg * WF_DEG;
    e.lon_rad = ROWS[i].lon_deg * WF_DEG;
    e.depth_m = ROWS[i].depth_m;
    e.depth_doubtful = e.depth_m > 0 && e.depth_m < 800;
    wf_seismic_assess(&e, &a);
    if (a.why[0] != ROWS[i].rule || (a.verdict == WF_SEISMIC_POSSIBLE_EXPLOSION) != ROWS[i].explosion)
      fail_msg("row %zu: %s", i, a.why);
  }
  wf_seismic_event nowhere = {.has_magnitude = true, .magnitude = 6};
  wf_seismic_assessment a;
  wf_seismic_assess(&nowhere, &a);
  assert_int_equal(a.verdict, WF_SEISMIC_NOTHING);
  assert_int_equal(a.why[0], '1');
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_times),   cmocka_unit_test(test_tdm_twins),  cmocka_unit_test(test_tdm_refused),
      cmocka_unit_test(test_quakeml), cmocka_unit_test(test_assessment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
