// What one nation sees: the others have it, the same everywhere, and never what is withheld.
#include "../wf_test.h"
#include "nations.h"
#include "wire/bundle.h"
#include "wire/link.h"

typedef struct tapped {
  uint64_t records, by_kind[8];  // contributions by wf_contribution_kind
  uint64_t outside;
  const nations *n;
  wf_bundle begun[8][64];
} tapped;

static void look(tapped *t, uint32_t to, const wf_bundle *bundle) {
  wf_record_view view;
  if (!wf_audience_has(&bundle->stream.audience, t->n->c.config.node[to].exchange.nation)) t->outside++;
  for (size_t at = 0; wf_bundle_next(bundle, &at, &view);) {
    wf_record_body body;
    char reason[WF_REASON_SIZE];
    assert_int_equal(wf_wire_decode_record(view.bytes, &body, reason), WF_OK);
    t->records++;
    if (body.kind == WF_BODY_CONTRIBUTION) t->by_kind[body.contribution.kind]++;
  }
}

static void tap(void *context, uint32_t from, uint32_t to, wf_bytes bytes) {
  tapped *t = context;
  static wf_frame frame;
  char reason[WF_REASON_SIZE];
  wf_bundle bundle;
  assert_int_equal(wf_frame_decode(bytes, &frame, reason), WF_OK);
  if (frame.kind == WF_FRAME_PART && frame.part.offset > 0) {  // a further part: who may have it was seen in the first
    bundle = t->begun[from][frame.part.id % 64];
    bundle.body = frame.part.piece;
  } else if (wf_frame_bundle(&frame, &bundle, reason) != WF_OK) {
    assert_true(frame.kind != WF_FRAME_PART && frame.kind != WF_FRAME_DELIVER);
    return;
  }
  if (frame.kind == WF_FRAME_PART) t->begun[from][frame.part.id % 64] = bundle;
  look(t, to, &bundle);
}

static void own_statement_is_in_every_common_picture(void **state) {
  nations n;
  nations_prepare(&n, 3);
  nations_start(&n);
  n.blind[1] = n.blind[2] = true;  // JPN alone sees it
  nations_run(&n, 40);
  assert_true(nations_agree(&n, 5));
  for (uint32_t i = 0; i < 3; i++) {
    const wf_common_track *track;
    assert_int_equal(wf_node_common(nations_node(&n, i), &track, 1), 1);
    assert_int_equal(track->contributor_count, 1);
    assert_string_equal(track->contributor[0].nation.code, "JPN");
    wf_digest_view digests[4];
    const size_t count = wf_node_digests(nations_node(&n, i), digests, 4);
    assert_int_equal(count, 2);
    for (size_t k = 0; k < count; k++) assert_int_equal(digests[k].agreement, WF_AGREE_EQUAL);
  }
  nations_end(&n);
}

static void three_nations_see_one_object_once(void **state) {
  nations n;
  nations_prepare(&n, 3);
  nations_start(&n);
  nations_run(&n, 40);
  assert_true(nations_agree(&n, 5));
  const wf_common_track *track[3][4];
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(wf_node_common(nations_node(&n, i), track[i], 4), 1);
    assert_int_equal(track[i][0]->contributor_count, 3);
    assert_true(track[i][0]->number == track[0][0]->number);
  }
  nations_end(&n);
}

static void withheld_kinds_never_leave(void **state) {
  nations n;
  tapped t = {.n = &n};
  nations_prepare(&n, 2);
  for (uint32_t r = 0; r < n.c.config.node[0].policy.rule_count; r++)
    n.c.config.node[0].policy.rule[r].kinds &= ~(uint32_t)(WF_RELEASE_LAUNCH | WF_RELEASE_DETECTION);
  n.blind[1] = true;  // whatever is said, JPN says it
  nations_start(&n);
  wf_world_on_frame(n.world, tap, &t);
  nations_run(&n, 40);
  assert_true(t.by_kind[WF_CONTRIBUTION_TRACKLET] > 5);
  assert_int_equal(t.by_kind[WF_CONTRIBUTION_LAUNCH], 0);
  assert_int_equal(t.by_kind[WF_CONTRIBUTION_DETECTION], 0);
  assert_int_equal(t.outside, 0);
  // The nation itself knows the launch point; the partner does not.
  const wf_common_track *own, *theirs;
  assert_int_equal(wf_node_national(nations_node(&n, 0), &own, 1), 1);
  assert_int_equal(wf_node_national(nations_node(&n, 1), &theirs, 1), 1);
  assert_true(own->track.launch.valid);
  assert_false(theirs->track.launch.valid);
  nations_end(&n);
}

static void without_a_rule_nothing_leaves(void **state) {
  nations n;
  tapped t = {.n = &n};
  nations_prepare(&n, 2);
  n.c.config.node[0].policy.rule_count = 0;
  n.blind[1] = true;
  nations_start(&n);
  wf_world_on_frame(n.world, tap, &t);
  nations_run(&n, 30);
  for (int kind = 0; kind < 8; kind++) assert_int_equal(t.by_kind[kind], 0);
  const wf_common_track *track;
  assert_int_equal(wf_node_national(nations_node(&n, 0), &track, 1), 1);
  assert_int_equal(wf_node_national(nations_node(&n, 1), &track, 1), 0);
  nations_end(&n);
}

// JPN and KOR also share with each other alone: what both audiences hear counts once, what one hears counts.
static void two_audiences(nations *n) {
  wf_audience pact = {0};
  nations_prepare(n, 3);
  for (uint32_t i = 0; i < 2; i++) wf_audience_add(&pact, n->c.config.node[i].exchange.nation);
  // What is told twice is told in the same words.
  for (uint32_t i = 0; i < 3; i++) n->c.config.node[i].policy.rule[0].guard_sigma_m = 0.0;
  for (uint32_t i = 0; i < 2; i++)
    assert_int_equal(wf_release_profile("plots", &pact, &n->c.config.node[i].policy), WF_OK);
  n->blind[1] = n->blind[2] = true;
}

static uint32_t contributions_at(nations *n, uint32_t node, bool common) {
  const wf_common_track *track;
  wf_node *x = nations_node(n, node);
  assert_int_equal(common ? wf_node_common(x, &track, 1) : wf_node_national(x, &track, 1), 1);
  assert_int_equal(track->contributor_count, 1);
  return track->contributor[0].contributions;
}

static void statement_to_two_audiences_counts_once(void **state) {
  nations n;
  two_audiences(&n);
  nations_start(&n);
  nations_run(&n, 30);
  const uint32_t said = contributions_at(&n, 2, true);
  assert_true(said > 10);
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(contributions_at(&n, i, true), said);
    assert_int_equal(contributions_at(&n, i, false), said);
  }
  nations_end(&n);
}

static void statement_to_one_audience_counts_there(void **state) {
  nations n;
  two_audiences(&n);
  n.c.config.node[0].policy.rule[0].kinds &= ~(uint32_t)WF_RELEASE_TRACKLET;  // of everybody's rule
  nations_start(&n);
  nations_run(&n, 30);
  const uint32_t own = contributions_at(&n, 0, false), all = contributions_at(&n, 2, true);
  assert_true(own > all + 10);
  assert_int_equal(contributions_at(&n, 1, false), own);  // KOR has it from the pact
  assert_int_equal(contributions_at(&n, 1, true), all);   // the common picture of all three is the same for all three
  assert_int_equal(contributions_at(&n, 2, false), all);
  nations_end(&n);
}

// JPN tells everybody with the guard, and KOR alone without: KOR counts the detailed version once, and hardly any of
// the other; USA has the guarded one and knows less; JPN itself waits for neither.
static void narrower_audience_counts_when_the_wider_is_guarded(void **state) {
  nations n;
  const wf_common_track *own, *close, *wide;
  two_audiences(&n);
  n.c.config.node[0].policy.rule[0].guard_sigma_m = 1000.0;
  nations_start(&n);
  nations_run(&n, 40);
  assert_int_equal(wf_node_national(nations_node(&n, 0), &own, 1), 1);
  assert_int_equal(wf_node_national(nations_node(&n, 1), &close, 1), 1);
  assert_int_equal(wf_node_national(nations_node(&n, 2), &wide, 1), 1);
  print_message("contributions: JPN %u, KOR %u, USA %u; position variance %.0f %.0f %.0f m2\n",
                own->contributor[0].contributions, close->contributor[0].contributions,
                wide->contributor[0].contributions, own->track.covariance[0], close->track.covariance[0],
                wide->track.covariance[0]);
  const uint32_t guarded = wide->contributor[0].contributions;
  assert_true(guarded > 5);
  assert_true(close->contributor[0].contributions < own->contributor[0].contributions + guarded / 2);
  assert_true(wide->track.covariance[0] > 1.5 * close->track.covariance[0]);
  assert_true(close->track.covariance[0] < 1.5 * own->track.covariance[0]);
  assert_true(own->event == close->event && own->event == wide->event);
  nations_end(&n);
}

static void delayed_rule_tells_later_and_keeps_nobody_at_home_waiting(void **state) {
  nations n;
  const wf_common_track *track;
  nations_prepare(&n, 2);
  n.blind[1] = true;
  n.c.config.node[0].policy.rule[0].delay_s = 15.0;
  n.c.config.node[0].policy.rule[0].guard_sigma_m = 0.0;
  nations_start(&n);
  nations_run(&n, 15);
  assert_int_equal(wf_node_national(nations_node(&n, 0), &track, 1), 1);
  assert_true(track->contributor[0].contributions > 3);
  const uint64_t name = track->event;
  assert_int_equal(wf_node_national(nations_node(&n, 1), &track, 1), 0);
  nations_run(&n, 25);
  assert_int_equal(wf_node_national(nations_node(&n, 1), &track, 1), 1);
  const uint64_t theirs = track->event;
  assert_int_equal(wf_node_national(nations_node(&n, 0), &track, 1), 1);
  assert_true(track->event == theirs);  // named after what was told, as soon as it is …
  assert_true(track->event != name);    // … and not after what only the nation knew
  nations_end(&n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(own_statement_is_in_every_common_picture),
      cmocka_unit_test(three_nations_see_one_object_once),
      cmocka_unit_test(withheld_kinds_never_leave),
      cmocka_unit_test(without_a_rule_nothing_leaves),
      cmocka_unit_test(statement_to_two_audiences_counts_once),
      cmocka_unit_test(narrower_audience_counts_when_the_wider_is_guarded),
      cmocka_unit_test(delayed_rule_tells_later_and_keeps_nobody_at_home_waiting),
      cmocka_unit_test(statement_to_one_audience_counts_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
