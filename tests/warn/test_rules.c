// One row and more per rule: the event as it stands, and whether the rule proposes.
#include "../wf_test.h"
#include "base/fmath.h"
#include "rules.h"
#include "warn/cap.h"

static const char *page_path;

// Now is second 1000 of an arbitrary day.
#define T(s) \
  { (INT64_C(1795448635) + (s)) * WF_NS_PER_S }
#define NOW ((wf_time)T(1000))

static const wf_warn_config CONFIG = {
    .area_max_semi_major_m = 100e3, .threatened_probability = 0.01, .imminent_s = 120, .lost_after_s = 30};

#define IMPACT(time_s, lat, major_m)                                                            \
  {                                                                                             \
    .valid = true, .time = T(time_s), .time_sigma_s = 10, .area = { lat, 2.4, major_m, 5e3, 0 } \
  }
#define TOLD(...) .told = {[WF_STAGE_LAUNCH_NOTICE] = true, __VA_ARGS__}
#define FLYING .alive = true, .life = WF_LIFE_CONFIRMED, .sources = WF_SOURCE_RADAR, .high = true
#define HEADING(time_s) .had_area = true, .area = IMPACT(time_s, 0.7, 20e3), .latest = T((time_s) + 27)
#define THREAT .threatened_count = 1, .falls = 1
#define ENDED(why) .over = true, .over_since = T(900), .life = WF_LIFE_ENDED, .reason = why

typedef struct row {
  int line;
  uint8_t rule;
  bool applies;
  warn_event event;
} row;
#define ROW(number, expected, ...) \
  {                                \
    __LINE__, number, expected, {  \
      __VA_ARGS__                  \
    }                              \
  }

static const row ROWS[] = {
    // 1 launch notice: a launch seen, or too high to be anything else
    ROW(1, true, .sources = WF_SOURCE_INFRARED, .life = WF_LIFE_TENTATIVE),
    ROW(1, true, FLYING),
    ROW(1, false, FLYING, TOLD()),
    ROW(1, false, .alive = true, .sources = WF_SOURCE_RADAR),
    ROW(1, false, .high = true, .sources = WF_SOURCE_RADAR),
    ROW(1, false, .sources = WF_SOURCE_INFRARED, ENDED(WF_REASON_FALL_OBSERVED)),
    // 2 area: known well enough, or moved
    ROW(2, true, FLYING, HEADING(1500)),
    ROW(2, false, FLYING),
    ROW(2, false, FLYING, .had_area = true, .area = IMPACT(1500, 0.7, 101e3), .latest = T(1527)),
    ROW(2, false, FLYING, HEADING(1500), TOLD([WF_STAGE_AREA] = true), .told_area = IMPACT(1500, 0.7, 20e3)),
    ROW(2, true, FLYING, HEADING(1500), TOLD([WF_STAGE_AREA] = true), .told_area = IMPACT(1500, 0.704, 20e3)),
    ROW(2, true, FLYING, HEADING(1500), TOLD([WF_STAGE_AREA] = true), .told_area = IMPACT(1500, 0.7, 61e3)),
    ROW(2, false, FLYING, HEADING(1500), TOLD([WF_STAGE_AREA] = true), .told_area = IMPACT(1500, 0.7015, 5e3)),
    ROW(2, true, FLYING, HEADING(1500), TOLD([WF_STAGE_AREA] = true), .told_area = IMPACT(1500, 0.7017, 5e3)),
    ROW(2, false, FLYING, .had_area = true, .area = IMPACT(1500, 0.7, 2e3), .latest = T(1527),
        TOLD([WF_STAGE_AREA] = true), .told_area = IMPACT(1500, 0.7, 19e3)),
    ROW(2, false, FLYING, HEADING(1500), .lost_since = T(990)),
    ROW(2, false, HEADING(1500), ENDED(WF_REASON_IMPACT_TIME_PASSED)),
    ROW(2, false, FLYING, HEADING(900)),
    // 3 own areas threatened, or others than were told
    ROW(3, true, FLYING, HEADING(1500), THREAT, .news = true),
    ROW(3, false, FLYING, HEADING(1500)),
    ROW(3, false, FLYING, HEADING(1500), THREAT, TOLD([WF_STAGE_THREATENED_AREAS] = true)),
    ROW(3, true, FLYING, HEADING(1500), THREAT, .news = true, TOLD([WF_STAGE_THREATENED_AREAS] = true)),
    ROW(3, false, FLYING, HEADING(1100), THREAT, .news = true),  // rule 4 says it
    ROW(3, false, FLYING, HEADING(1500), THREAT, .news = true, .lost_since = T(990)),
    ROW(3, false, HEADING(1500), THREAT, ENDED(WF_REASON_FALL_OBSERVED)),
    // 4 imminent: the earliest (5 %) time is less than two minutes away
    ROW(4, true, FLYING, HEADING(1136), THREAT),
    ROW(4, false, FLYING, HEADING(1137), THREAT),
    ROW(4, true, FLYING, HEADING(980), THREAT),  // the countdown is at zero: nothing is over
    ROW(4, false, FLYING, HEADING(1100)),
    ROW(4, false, FLYING, HEADING(1100), THREAT, TOLD([WF_STAGE_IMMINENT] = true)),
    ROW(4, true, FLYING, HEADING(1100), THREAT, TOLD([WF_STAGE_IMMINENT] = true), .news = true),
    ROW(4, false, FLYING, HEADING(1100), THREAT, .lost_since = T(990)),
    ROW(4, false, FLYING, HEADING(960), THREAT),
    // 21 out of reach: for half a minute, of what was released
    ROW(21, true, FLYING, HEADING(1500), TOLD(), .released = 7, .out_of_reach_since = T(969)),
    ROW(21, false, FLYING, HEADING(1500), TOLD(), .released = 7, .out_of_reach_since = T(971)),
    ROW(21, false, FLYING, HEADING(1500), TOLD(), .released = 7),
    ROW(21, false, FLYING, HEADING(1500), TOLD(), .out_of_reach_since = T(900)),
    ROW(21, false, FLYING, HEADING(1500), TOLD(), .released = 7, .out_of_reach_since = T(900), .lost_since = T(990)),
    ROW(21, false, FLYING, HEADING(1500), TOLD([WF_STAGE_ALL_CLEAR] = true), .released = 7,
        .out_of_reach_since = T(900)),
    // 5 lost: told once, and again when more is threatened
    ROW(5, true, .lost_since = T(990), TOLD()),
    ROW(5, true, .lost_since = T(990), HEADING(1500), TOLD()),
    ROW(5, false, .lost_since = T(990)),
    ROW(5, false, FLYING, TOLD()),
    ROW(5, false, .lost_since = T(990), TOLD([WF_STAGE_LOST_TRACK] = true)),
    ROW(5, true, .lost_since = T(990), TOLD([WF_STAGE_LOST_TRACK] = true), THREAT, .news = true),
    ROW(5, false, .lost_since = T(990), TOLD([WF_STAGE_ALL_CLEAR] = true)),
    // 6 impact expected: followed to the end, unobserved
    ROW(6, true, HEADING(970), TOLD(), ENDED(WF_REASON_IMPACT_TIME_PASSED)),
    ROW(6, false, HEADING(975), TOLD(), ENDED(WF_REASON_IMPACT_TIME_PASSED)),  // the latest time is still to come
    ROW(6, false, HEADING(970), TOLD(), ENDED(WF_REASON_FALL_OBSERVED)),
    ROW(6, false, HEADING(970), TOLD(), ENDED(WF_REASON_ORBITAL)),
    ROW(6, false, HEADING(970), ENDED(WF_REASON_IMPACT_TIME_PASSED)),
    ROW(6, false, HEADING(500), TOLD(), .lost_since = T(400), .life = WF_LIFE_LOST),  // 2022-11-03
    ROW(6, false, HEADING(500), TOLD(), .lost_since = T(400), ENDED(WF_REASON_NOT_SEEN)),
    ROW(6, false, FLYING, HEADING(970), TOLD()),
    ROW(6, false, HEADING(970), TOLD([WF_STAGE_IMPACT_EXPECTED] = true), ENDED(WF_REASON_IMPACT_TIME_PASSED)),
    // 7 all-clear: the fall was observed
    ROW(7, true, HEADING(1500), TOLD(), ENDED(WF_REASON_FALL_OBSERVED)),
    ROW(7, false, HEADING(1500), TOLD([WF_STAGE_ALL_CLEAR] = true), ENDED(WF_REASON_FALL_OBSERVED)),
    ROW(7, false, HEADING(1500), TOLD(), ENDED(WF_REASON_IMPACT_TIME_PASSED)),
    ROW(7, false, FLYING, .reason = WF_REASON_FALL_OBSERVED),
    // 8 all-clear: a minute after the latest time of a fall that was followed
    ROW(8, true, HEADING(912), TOLD(), ENDED(WF_REASON_IMPACT_TIME_PASSED)),
    ROW(8, false, HEADING(914), TOLD(), ENDED(WF_REASON_IMPACT_TIME_PASSED)),
    ROW(8, true, HEADING(800), TOLD(), .over = true, .over_since = T(700), .life = WF_LIFE_FAILED),
    ROW(8, false, HEADING(100), TOLD(), .lost_since = T(90), .life = WF_LIFE_LOST),
    ROW(8, false, FLYING, HEADING(100), TOLD()),
    ROW(8, false, TOLD(), ENDED(WF_REASON_IMPACT_TIME_PASSED)),
    // 9 all-clear after a loss: five minutes after the latest possible fall, two hours without a prediction
    ROW(9, true, HEADING(672), TOLD(), .lost_since = T(600), .life = WF_LIFE_LOST),
    ROW(9, false, HEADING(674), TOLD(), .lost_since = T(600), .life = WF_LIFE_LOST),
    ROW(9, false, HEADING(600), TOLD(), FLYING),
    ROW(9, false, HEADING(600), TOLD([WF_STAGE_ALL_CLEAR] = true), .lost_since = T(600)),
    ROW(9, true, TOLD(), .lost_since = T(600), .first_seen = T(1000 - 7201)),
    ROW(9, false, TOLD(), .lost_since = T(600), .first_seen = T(1000 - 7199)),
    // 10 all-clear: in orbit
    ROW(10, true, TOLD(), ENDED(WF_REASON_ORBITAL)),
    ROW(10, false, TOLD(), ENDED(WF_REASON_NOT_SEEN)),
    ROW(10, false, FLYING, TOLD(), .reason = WF_REASON_ORBITAL),
    // 11 all-clear: failed without a prediction, a quarter of an hour ago; disappearance is no failure
    ROW(11, true, TOLD(), .over = true, .over_since = T(99), .life = WF_LIFE_FAILED),
    ROW(11, false, TOLD(), .over = true, .over_since = T(101), .life = WF_LIFE_FAILED),
    ROW(11, false, TOLD(), .over = true, .over_since = T(99), .life = WF_LIFE_FAILED, HEADING(1500)),
    ROW(11, false, TOLD(), .lost_since = T(1), .life = WF_LIFE_LOST),
    // 12 renewal: what was told lapses within two minutes and nothing newer waits
    ROW(12, true, .released = 7, .released_stage = WF_STAGE_AREA, .released_expires = T(1119)),
    ROW(12, true, .released = 7, .released_stage = WF_STAGE_LOST_TRACK, .released_expires = T(900)),
    ROW(12, false, .released = 7, .released_stage = WF_STAGE_AREA, .released_expires = T(1121)),
    ROW(12, false, .released = 7, .released_stage = WF_STAGE_AREA, .released_expires = T(1119), .open = 1),
    ROW(12, false, .released = 7, .released_stage = WF_STAGE_ALL_CLEAR, .released_expires = T(1119)),
    ROW(12, false, .released_expires = T(1119)),
    // 14 overflight: it will pass over own areas, and falls in none
    ROW(14, true, FLYING, HEADING(1500), .passings = 1),
    ROW(14, false, FLYING, HEADING(1500)),
    ROW(14, false, FLYING, HEADING(1500), .passings = 1, .falls = 1),
    ROW(14, false, FLYING, HEADING(1500), .passings = 1, TOLD([WF_STAGE_OVERFLIGHT] = true)),
    ROW(14, true, FLYING, HEADING(1500), .passings = 2, .news = true, TOLD([WF_STAGE_OVERFLIGHT] = true)),
    ROW(14, false, FLYING, HEADING(1500), .passings = 1, .lost_since = T(990)),
    ROW(14, false, .passings = 1, HEADING(1500), ENDED(WF_REASON_IMPACT_TIME_PASSED)),
    // 15 passed: seen beyond every one of them; never of a lost track, never by the clock
    ROW(15, true, FLYING, HEADING(1500), .to_pass = 2, .passed = 2),
    ROW(15, false, FLYING, HEADING(1500)),
    ROW(15, false, FLYING, HEADING(1500), .to_pass = 2, .passed = 1),
    ROW(15, false, FLYING, HEADING(1500), .to_pass = 2, .passed = 2, .passings = 1),
    ROW(15, false, FLYING, HEADING(1500), .to_pass = 2, .passed = 2, .falls = 1),
    ROW(15, false, FLYING, HEADING(1500), .to_pass = 2, .passed = 2, .lost_since = T(990)),
    ROW(15, false, HEADING(1500), .to_pass = 2, .passed = 2, ENDED(WF_REASON_IMPACT_TIME_PASSED)),
    // 16 debris: pieces alone
    ROW(16, true, FLYING, HEADING(1500), .debris = 1),
    ROW(16, false, FLYING, HEADING(1500), .debris = 1, .falls = 1),
    ROW(16, false, FLYING, HEADING(1500), .debris = 1, TOLD([WF_STAGE_DEBRIS] = true)),
    ROW(16, false, FLYING, HEADING(1500)),
    // 17 unanswered: after a minute, once; never when somebody answered
    ROW(17, true, .lost_since = T(939), .asked = T(939), TOLD([WF_STAGE_LOST_TRACK] = true)),
    ROW(17, false, .lost_since = T(941), .asked = T(941), TOLD([WF_STAGE_LOST_TRACK] = true)),
    ROW(17, false, .lost_since = T(900), .asked = T(900), .answered = true, TOLD([WF_STAGE_LOST_TRACK] = true)),
    ROW(17, false, .lost_since = T(900), .asked = T(900), .escalated = true, TOLD([WF_STAGE_LOST_TRACK] = true)),
    ROW(17, false, FLYING, .asked = T(900), TOLD([WF_STAGE_LOST_TRACK] = true)),
};

static const warn_rule *rule(uint8_t number) {
  for (int i = 0; i < WARN_RULE_COUNT; i++)
    if (WARN_RULES[i].number == number) return &WARN_RULES[i];
  return NULL;
}

static void test_one_row_and_more_per_rule(void **state) {
  int yes[32] = {0}, no[32] = {0};
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    const row *r = &ROWS[i];
    const warn_rule *tried = rule(r->rule);
    const bool applies = tried != NULL && tried->applies(&CONFIG, NOW, &r->event);
    if (applies != r->applies) print_message("line %d: rule %d\n", r->line, r->rule);
    assert_int_equal(applies, r->applies);
    (r->applies ? yes : no)[r->rule]++;
  }
  for (int i = 0; i < WARN_RULE_COUNT; i++) assert_true(yes[WARN_RULES[i].number] > 0 && no[WARN_RULES[i].number] > 0);
}

static void test_the_list(void **state) {
  wf_warn_rule out[32];
  const size_t count = wf_warn_rules(out, 32);
  assert_int_equal(count, WARN_RULE_COUNT + 4);  // and those of people, and of what others report
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(out[i].number, i + 1);  // no number is used twice or left out
    assert_true(strlen(out[i].says) > 10);
  }
  assert_int_equal(wf_warn_rules(out, 3), 3);
}

// docs/warnings.md has the rows of both lists, word for word.
static void test_the_page(void **state) {
  static char page[64 * 1024];
  char line[512];
  FILE *file = fopen(page_path, "r");
  assert_non_null(file);
  page[fread(page, 1, sizeof page - 1, file)] = '\0';
  fclose(file);
  wf_warn_rule out[32];
  for (size_t i = 0; i < wf_warn_rules(out, 32); i++) {
    snprintf(line, sizeof line, "| %s |\n", out[i].says);
    assert_non_null(strstr(page, line));
  }
  const wf_cap_rule *rules;
  const size_t count = wf_cap_rules(&rules);
  for (size_t i = 0; i < count; i++) {
    snprintf(line, sizeof line, "| %u | %s | %s | %s |\n", rules[i].number, wf_cap_verdict_name(rules[i].verdict),
             rules[i].name, rules[i].says);
    assert_non_null(strstr(page, line));
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  page_path = argv[1];
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_row_and_more_per_rule), cmocka_unit_test(test_the_list),
                                     cmocka_unit_test(test_the_page)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
