// What others tell a nation: another system's tracks, a warning service's launches, a person's voice, seismic events.
// Told on where a rule says so, marked for ever, and never counted as if somebody had seen it.
#include <math.h>

#include "../wf_test.h"
#include "base/fmath.h"
#include "base/mat.h"
#include "motion/dynamics.h"
#include "nations.h"
#include "sensor/quakeml.h"

enum { JPN, KOR, USA };

typedef struct told_world {
  nations n;
  wf_sensor sensors[NATIONS_MAX][4];
  uint64_t sequence;
} told_world;

static void add(told_world *w, uint32_t node, const char *name, wf_sensor_kind kind) {
  wf_node_config *c = &w->n.c.config.node[node];
  wf_sensor *s = &w->sensors[node][c->sensor_count++];
  *s = (wf_sensor){.kind = kind, .scan_period_s = 2};
  memcpy(s->name, name, strlen(name) + 1);
}

// Three nations with a radar each, and what tells them something besides.
static void prepare(told_world *w, const char *profile) {
  memset(w, 0, sizeof *w);
  nations_prepare(&w->n, 3);
  for (uint32_t i = 0; i < 3; i++) {
    wf_node_config *c = &w->n.c.config.node[i];
    w->sensors[i][0] = w->n.c.sensors[i];
    c->sensors = w->sensors[i];
    c->policy.rule_count = 0;
    assert_int_equal(wf_release_profile(profile, &w->n.c.everybody, &c->policy), WF_OK);
    c->policy.rule[0].guard_hold_s = 0.0;
  }
  add(w, KOR, "c2", WF_SENSOR_SYSTEM);
  add(w, USA, "early", WF_SENSOR_SERVICE);
  add(w, JPN, "quakes", WF_SENSOR_SEISMIC);
}

static wf_time now_of(const told_world *w) {
  return wf_time_add_s(w->n.c.config.start, w->n.now_s);
}

static wf_sensor_report report_of(told_world *w, const char *sensor) {
  wf_sensor_report r = {.mode = WF_MODE_EXERCISE, .sequence = ++w->sequence, .time = now_of(w), .status = 1};
  memcpy(r.sensor, sensor, strlen(sensor) + 1);
  return r;
}

static void hear(told_world *w, uint32_t node, const wf_sensor_report *r) {
  uint8_t bytes[4096];
  size_t length;
  assert_int_equal(wf_wire_encode_sensor_report(r, bytes, sizeof bytes, &length), WF_OK);
  wf_world_sensor(w->n.world, node, (wf_bytes){bytes, length});
}

static wf_system_track track_of(const told_world *w, uint64_t number, double pos_sigma_m, double vel_sigma_m_s) {
  wf_system_track t = {.time = now_of(w), .number = number, .phase = WF_PHASE_COAST};
  double p[36] = {0};
  memcpy(t.state, w->n.c.object, sizeof t.state);
  for (int i = 0; i < 6; i++) p[7 * i] = i < 3 ? pos_sigma_m * pos_sigma_m : vel_sigma_m_s * vel_sigma_m_s;
  wf_mat_pack_upper(6, p, t.covariance);
  return t;
}

static void tell_track(told_world *w, uint32_t node, const char *sensor, wf_system_track track) {
  wf_sensor_report r = report_of(w, sensor);
  r.tracks = &track;
  r.track_count = 1;
  hear(w, node, &r);
}

static double position_sigma_m(const wf_track *t) {
  return sqrt(t->covariance[0] + t->covariance[7] + t->covariance[14]);
}

// From where the object is at the track's own time.
static double apart_m(const told_world *w, const wf_track *t) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0};
  double truth[6];
  memcpy(truth, w->n.c.object, sizeof truth);
  const double dt_s = wf_time_diff_s(t->time, now_of(w));
  if (dt_s > 0.0) wf_motion_propagate(&vacuum, dt_s, 1.0, truth, NULL, NULL);
  const double d[3] = {t->state[0] - truth[0], t->state[1] - truth[1], t->state[2] - truth[2]};
  return wf_vec_norm(d);
}

// Whatever is told again and again by one system is known no better for it: each of its states rests on the last.
static void a_systems_track_is_shared_and_marked(void **state) {
  told_world w;
  prepare(&w, "plots");
  nations_start(&w.n);
  for (int i = 0; i < 3; i++) w.n.blind[i] = true;
  for (int k = 0; k < 20; k++) {
    wf_system_track t = track_of(&w, 77, 1000.0, 20.0);
    t.state[0] += 600.0;  // it errs by less than it says
    tell_track(&w, KOR, "c2", t);
    nations_run(&w.n, 2);
  }
  assert_true(nations_agree(&w.n, 5));
  for (uint32_t i = 0; i < 3; i++) {
    const wf_common_track *t;
    assert_int_equal(wf_node_common(nations_node(&w.n, i), &t, 1), 1);
    assert_int_equal(t->track.sources, WF_SOURCE_SYSTEM);
    assert_int_equal(t->track.life, WF_LIFE_CONFIRMED);
    assert_int_equal(t->contributor_count, 1);
    assert_string_equal(t->contributor[0].nation.code, "KOR");
    assert_int_equal(t->contributor[0].sources, WF_SOURCE_SYSTEM);
    const double sigma = position_sigma_m(&t->track);
    print_message("node %u: sigma %.0f m of stated 1732, error %.0f m\n", i, sigma, apart_m(&w, &t->track));
    assert_true(sigma > 0.99 * sqrt(3.0) * 1000.0 && sigma < 1.2 * sqrt(3.0) * 1000.0);
    assert_true(apart_m(&w, &t->track) < 1500.0);
  }
  wf_told_counts counts;
  wf_node_told_counts(nations_node(&w.n, KOR), &counts);
  assert_int_equal(counts.tracks, 20);
  nations_run(&w.n, 40);  // it says nothing any more: lost, never passed
  const wf_common_track *t;
  assert_int_equal(wf_node_common(nations_node(&w.n, JPN), &t, 1), 1);
  assert_int_equal(t->track.life, WF_LIFE_LOST);
  nations_end(&w.n);
}

// The other system follows the very plots of the radar: its track is a copy. Together they know no more than the radar.
static void a_copy_of_the_own_track_adds_nothing(void **state) {
  double sigma[2];
  for (int copied = 0; copied < 2; copied++) {
    told_world w;
    prepare(&w, "plots");
    nations_start(&w.n);
    w.n.blind[JPN] = w.n.blind[USA] = true;
    nations_run(&w.n, 20);
    for (int k = 0; k < 20; k++) {
      const wf_common_track *own;
      nations_run(&w.n, 1);
      assert_int_equal(wf_node_alone(nations_node(&w.n, KOR), &own, 1), 1);
      if (!copied) continue;
      wf_system_track t = {.time = own->track.time, .number = 5};
      memcpy(t.state, own->track.state, sizeof t.state);
      wf_mat_pack_upper(6, own->track.covariance, t.covariance);
      tell_track(&w, KOR, "c2", t);
    }
    nations_run(&w.n, 2);
    assert_true(nations_agree(&w.n, 5));
    const wf_common_track *t;
    assert_int_equal(wf_node_common(nations_node(&w.n, JPN), &t, 1), 1);
    assert_int_equal(t->track.sources, copied ? WF_SOURCE_RADAR | WF_SOURCE_SYSTEM : WF_SOURCE_RADAR);
    sigma[copied] = position_sigma_m(&t->track);
    nations_end(&w.n);
  }
  print_message("radar alone %.1f m, with the copy %.1f m\n", sigma[0], sigma[1]);
  assert_true(sigma[1] > 0.97 * sigma[0]);
  assert_true(sigma[1] < 1.2 * sigma[0]);
}

// What another nation's radar adds to a system's track is independent of it, and counts in full.
static void anothers_radar_joins_it(void **state) {
  told_world w;
  prepare(&w, "plots");
  nations_start(&w.n);
  w.n.blind[KOR] = w.n.blind[USA] = w.n.blind[JPN] = true;
  for (int k = 0; k < 40; k++) {
    w.n.blind[JPN] = k < 10;
    tell_track(&w, KOR, "c2", track_of(&w, 9, 2000.0, 20.0));
    nations_run(&w.n, 1);
  }
  assert_true(nations_agree(&w.n, 5));
  const wf_common_track *t, *more[4];
  assert_int_equal(wf_node_common(nations_node(&w.n, USA), more, 4), 1);
  t = more[0];
  assert_int_equal(t->contributor_count, 2);
  assert_int_equal(t->track.sources, WF_SOURCE_RADAR | WF_SOURCE_SYSTEM);
  print_message("sigma %.0f m, error %.0f m\n", position_sigma_m(&t->track), apart_m(&w, &t->track));
  assert_true(position_sigma_m(&t->track) < 1500.0);
  assert_true(apart_m(&w, &t->track) < 4.0 * position_sigma_m(&t->track));
  nations_end(&w.n);
}

// ---- Launches -----------------------------------------------------------------------------------------------------
static wf_launch_report launch_of(const told_world *w, double ago_s) {
  wf_launch_report l = {.number = 3};
  wf_lla lla;
  wf_geo_lla_from_ecef(w->n.c.object, &lla);
  l.launch = (wf_launch_area){.valid = true, .time = wf_time_add_s(now_of(w), -ago_s), .time_sigma_s = 2.0};
  l.launch.area = (wf_ground_ellipse){lla.lat_rad, lla.lon_rad - 0.5 * WF_DEG, 10e3, 10e3, 0.0};
  return l;
}

static void tell_launch(told_world *w, uint32_t node, const char *sensor, wf_launch_report launch) {
  wf_sensor_report r = report_of(w, sensor);
  r.launches = &launch;
  r.launch_count = 1;
  hear(w, node, &r);
}

static void voice(told_world *w, uint32_t node, const char *person, wf_launch_report launch) {
  wf_sensor_report r = report_of(w, "voice");
  uint8_t bytes[1024];
  size_t length;
  r.launches = &launch;
  r.launch_count = 1;
  assert_int_equal(wf_wire_encode_sensor_report(&r, bytes, sizeof bytes, &length), WF_OK);
  wf_world_report(w->n.world, node, (wf_bytes){bytes, length}, person);
}

static void a_services_launch_is_an_event_that_radars_join(void **state) {
  told_world w;
  prepare(&w, "plots");
  nations_start(&w.n);
  for (int i = 0; i < 3; i++) w.n.blind[i] = true;
  nations_run(&w.n, 3);
  tell_launch(&w, USA, "early", launch_of(&w, 30));
  tell_launch(&w, USA, "early", launch_of(&w, 30));  // said again: nothing new
  nations_run(&w.n, 5);
  const wf_common_track *t[4];
  uint64_t event = 0;
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(wf_node_common(nations_node(&w.n, i), t, 4), 1);
    assert_int_equal(t[0]->track.sources, WF_SOURCE_SERVICE);
    assert_true(t[0]->track.launch.valid);
    event = t[0]->event;
    const wf_product *p[4];
    assert_true(wf_node_products(nations_node(&w.n, i), p, 4) >= 1);
    assert_int_equal(p[0]->stage, WF_STAGE_LAUNCH_NOTICE);
    assert_int_equal(p[0]->sources, WF_SOURCE_SERVICE);
    assert_int_equal(p[0]->state, WF_PRODUCT_PROPOSED);
  }
  w.n.blind[JPN] = false;
  nations_run(&w.n, 30);
  assert_true(nations_agree(&w.n, 5));
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(wf_node_common(nations_node(&w.n, i), t, 4), 1);
    assert_true(t[0]->event == event);
    assert_int_equal(t[0]->track.sources, WF_SOURCE_SERVICE | WF_SOURCE_RADAR);
  }
  const wf_report_view *r[4];
  assert_int_equal(wf_node_reports(nations_node(&w.n, USA), r, 4), 1);
  assert_string_equal(r[0]->source, "early");
  assert_int_equal(wf_node_reports(nations_node(&w.n, JPN), r, 4), 0);
  nations_end(&w.n);
}

typedef struct search {
  const char *text;
  uint64_t found;
} search;

static void tap(void *context, uint32_t from, uint32_t to, wf_bytes bytes) {
  search *s = context;
  const size_t n = strlen(s->text);
  for (size_t i = 0; i + n <= bytes.size; i++) s->found += memcmp(bytes.data + i, s->text, n) == 0;
}

static void a_voice_stays_a_voice(void **state) {
  told_world w;
  search s = {.text = "Tanaka"};
  prepare(&w, "plots");
  w.n.c.config.node[JPN].officer_count = 2;
  w.n.c.config.node[JPN].officer[0] = (wf_officer){"Tanaka", WF_ROLE_WATCH_OFFICER};
  w.n.c.config.node[JPN].officer[1] = (wf_officer){"Sato", WF_ROLE_VIEWER};
  w.n.c.config.node[JPN].policy.rule[0].hidden = WF_HIDE_SOURCES;  // even so
  nations_start(&w.n);
  wf_world_on_frame(w.n.world, tap, &s);
  for (int i = 0; i < 3; i++) w.n.blind[i] = true;
  nations_run(&w.n, 3);
  voice(&w, JPN, "Sato", launch_of(&w, 20));
  voice(&w, JPN, "nobody", launch_of(&w, 20));
  voice(&w, JPN, "", launch_of(&w, 20));
  nations_run(&w.n, 3);
  const wf_common_track *t[4];
  const wf_product *p[4];
  const wf_report_view *r[4];
  wf_told_counts counts;
  wf_node_told_counts(nations_node(&w.n, JPN), &counts);
  assert_int_equal(counts.rejected[WF_TOLD_NOT_AUTHORISED], 3);
  assert_int_equal(wf_node_national(nations_node(&w.n, JPN), t, 4), 0);
  voice(&w, JPN, "Tanaka", launch_of(&w, 20));
  nations_run(&w.n, 10);
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(wf_node_common(nations_node(&w.n, i), t, 4), 1);
    assert_int_equal(t[0]->track.sources, WF_SOURCE_VOICE);
    assert_int_equal(t[0]->contributor[0].sources, WF_SOURCE_VOICE);
    assert_int_equal(wf_node_products(nations_node(&w.n, i), p, 4), 0);  // nobody warns of hearsay alone
  }
  assert_int_equal(wf_node_reports(nations_node(&w.n, JPN), r, 4), 1);
  assert_string_equal(r[0]->person, "Tanaka");
  assert_true(s.found == 0);  // and who it was stays at home
  w.n.blind[KOR] = false;
  nations_run(&w.n, 30);
  assert_int_equal(wf_node_common(nations_node(&w.n, USA), t, 4), 1);
  assert_int_equal(t[0]->track.sources, WF_SOURCE_VOICE | WF_SOURCE_RADAR);
  assert_true(nations_agree(&w.n, 5));
  nations_end(&w.n);
}

// Told minutes later, when radars have followed it for long: found by its launch, not by where it is.
static void a_late_word_finds_its_flight(void **state) {
  told_world w;
  prepare(&w, "plots");
  nations_start(&w.n);
  w.n.blind[KOR] = w.n.blind[USA] = true;
  nations_run(&w.n, 10);
  tell_launch(&w, USA, "early", launch_of(&w, 60));  // the event has a launch place
  nations_run(&w.n, 110);
  const wf_common_track *t[4];
  assert_int_equal(wf_node_common(nations_node(&w.n, USA), t, 4), 1);
  assert_int_equal(t[0]->track.sources, WF_SOURCE_RADAR | WF_SOURCE_SERVICE);
  wf_launch_report late = {.number = 0, .launch = t[0]->track.launch};
  late.launch.area.lat_rad += 0.03 * WF_DEG;
  voice(&w, KOR, "Kim", late);
  nations_run(&w.n, 10);
  assert_int_equal(wf_node_common(nations_node(&w.n, USA), t, 4), 1);
  assert_int_equal(t[0]->track.sources, WF_SOURCE_RADAR | WF_SOURCE_SERVICE | WF_SOURCE_VOICE);
  late.launch.area.lat_rad += 3.0 * WF_DEG;  // 330 km away: another one
  voice(&w, KOR, "Kim", late);
  nations_run(&w.n, 10);
  assert_int_equal(wf_node_common(nations_node(&w.n, USA), t, 4), 2);
  nations_end(&w.n);
}

static void nothing_told_leaves_without_a_rule(void **state) {
  told_world w;
  prepare(&w, "warning-data-open");
  nations_start(&w.n);
  for (int i = 0; i < 3; i++) w.n.blind[i] = true;
  nations_run(&w.n, 3);
  tell_track(&w, KOR, "c2", track_of(&w, 1, 500.0, 10.0));
  voice(&w, KOR, "Kim", launch_of(&w, 1000));
  nations_run(&w.n, 5);
  const wf_common_track *t[4];
  assert_int_equal(wf_node_national(nations_node(&w.n, KOR), t, 4), 2);
  assert_int_equal(wf_node_common(nations_node(&w.n, KOR), t, 4), 0);
  assert_int_equal(wf_node_national(nations_node(&w.n, JPN), t, 4), 0);
  wf_node_counters counters;
  wf_node_counters_get(nations_node(&w.n, KOR), &counters);
  assert_true(counters.withheld >= 3);
  nations_end(&w.n);
}

static void what_cannot_be_is_refused_by_name(void **state) {
  told_world w;
  prepare(&w, "plots");
  nations_start(&w.n);
  for (int i = 0; i < 3; i++) w.n.blind[i] = true;
  nations_run(&w.n, 100);
  wf_system_track t = track_of(&w, 1, 500.0, 10.0);
  tell_track(&w, KOR, "KOR-R1", t);  // a radar tells plots
  t.time = wf_time_add_s(t.time, -60.0);
  tell_track(&w, KOR, "c2", t);
  t.time = wf_time_add_s(t.time, 90.0);
  tell_track(&w, KOR, "c2", t);
  t = track_of(&w, 2, 500.0, 10.0);
  for (int i = 0; i < 3; i++) t.state[i] *= 0.5;  // underground
  tell_track(&w, KOR, "c2", t);
  t = track_of(&w, 3, 500.0, 10.0);
  t.covariance[1] = 2.0 * t.covariance[0];  // no covariance
  tell_track(&w, KOR, "c2", t);
  wf_told_counts counts;
  wf_node_told_counts(nations_node(&w.n, KOR), &counts);
  assert_int_equal(counts.rejected[WF_TOLD_WRONG_KIND], 1);
  assert_int_equal(counts.rejected[WF_TOLD_STALE], 1);
  assert_int_equal(counts.rejected[WF_TOLD_AHEAD], 1);
  assert_int_equal(counts.rejected[WF_TOLD_IMPOSSIBLE], 2);
  assert_int_equal(counts.tracks, 0);
  nations_run(&w.n, 3);
  const wf_common_track *none[1];
  assert_int_equal(wf_node_national(nations_node(&w.n, KOR), none, 1), 0);
  nations_end(&w.n);
}

// ---- Seismic ------------------------------------------------------------------------------------------------------
static void tell_quake(told_world *w, double magnitude, double depth_m) {
  wf_seismic_event e = {.id = "quakeml:example.org/1",
                        .type = "earthquake",
                        .agency = "EX",
                        .magnitude_type = "mb",
                        .has_time = true,
                        .has_place = true,
                        .has_depth = true,
                        .has_magnitude = true,
                        .time = wf_time_add_s(w->n.c.config.start, -600.0),
                        .lat_rad = 41.3 * WF_DEG,
                        .lon_rad = 129.1 * WF_DEG,
                        .depth_m = depth_m,
                        .magnitude = magnitude};
  wf_sensor_report r = report_of(w, "quakes");
  r.seismic = &e;
  r.seismic_count = 1;
  hear(w, JPN, &r);
}

static const wf_product *the_seismic_product(const wf_node *node) {
  const wf_product *products[32], *found = NULL;
  const size_t count = wf_node_products(node, products, 32);
  for (size_t i = 0; i < count; i++) {
    if (products[i]->stage != WF_STAGE_SEISMIC) continue;
    assert_null(found);
    found = products[i];
  }
  assert_non_null(found);
  return found;
}

static void seismic_events_are_shared_with_what_may_be_said(void **state) {
  told_world w;
  const wf_seismic_view *v[4];
  prepare(&w, "warning-data");
  nations_start(&w.n);
  nations_run(&w.n, 2);
  tell_quake(&w, 5.1, 0.0);
  tell_quake(&w, 5.1, 0.0);  // polled again
  nations_run(&w.n, 3);
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(wf_node_seismic(nations_node(&w.n, i), v, 4), 1);
    assert_string_equal(v[0]->origin.code, "JPN");
    assert_string_equal(v[0]->event.id, "quakeml:example.org/1");
    assert_int_equal(v[0]->assessment.verdict, WF_SEISMIC_POSSIBLE_EXPLOSION);
    assert_string_equal(v[0]->assessment.site, "Punggye-ri");
    assert_float_equal(v[0]->event.magnitude, 5.1, 1e-12);
  }
  wf_told_counts counts;
  wf_node_told_counts(nations_node(&w.n, JPN), &counts);
  assert_int_equal(counts.seismic, 1);
  for (uint32_t i = 0; i < 3; i++) {  // each nation's own officers may inform its people
    const wf_product *p = the_seismic_product(nations_node(&w.n, i));
    assert_int_equal(p->state, WF_PRODUCT_PROPOSED);
    assert_float_equal(p->bulletin.magnitude, 5.1, 1e-12);
  }
  tell_quake(&w, 5.3, 15e3);  // the agency has looked again: too deep
  nations_run(&w.n, 3);
  for (uint32_t i = 0; i < 3; i++)
    assert_int_equal(the_seismic_product(nations_node(&w.n, i))->state, WF_PRODUCT_SUPERSEDED);
  wf_world_crash(w.n.world, USA);
  wf_world_crash(w.n.world, JPN);
  nations_run(&w.n, 2);
  wf_world_restart(w.n.world, USA);
  wf_world_restart(w.n.world, JPN);
  nations_run(&w.n, 3);
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(wf_node_seismic(nations_node(&w.n, i), v, 4), 1);
    assert_int_equal(v[0]->assessment.verdict, WF_SEISMIC_NOTHING);
    assert_float_equal(v[0]->event.magnitude, 5.3, 1e-12);
  }
  tell_quake(&w, 5.3, 15e3);  // known from the log: not told again
  wf_node_told_counts(nations_node(&w.n, JPN), &counts);
  assert_int_equal(counts.seismic, 0);
  nations_end(&w.n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_systems_track_is_shared_and_marked),
      cmocka_unit_test(a_copy_of_the_own_track_adds_nothing),
      cmocka_unit_test(anothers_radar_joins_it),
      cmocka_unit_test(a_services_launch_is_an_event_that_radars_join),
      cmocka_unit_test(a_voice_stays_a_voice),
      cmocka_unit_test(a_late_word_finds_its_flight),
      cmocka_unit_test(nothing_told_leaves_without_a_rule),
      cmocka_unit_test(what_cannot_be_is_refused_by_name),
      cmocka_unit_test(seismic_events_are_shared_with_what_may_be_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
