// A partner that states another picture over the same records: an alarm that names the track and who began it.
#include "../wf_test.h"
#include "core.h"
#include "nations.h"

static share *share_with_track(nations *n, wf_node **node) {
  nations_prepare(n, 2);
  nations_start(n);
  nations_run(n, 60);
  *node = nations_node(n, 0);
  share *s = &(*node)->shares[0];
  assert_true(s->digest.at.ns != 0);
  assert_int_equal(s->digest.track_count, 1);
  assert_true(s->digest.parameters != 0);
  return s;
}

// The text of the alarm about pictures, or NULL.
static const char *alarm_text(wf_node *node) {
  static char text[200];
  wf_effect e;
  text[0] = '\0';
  while (wf_node_effect_next(node, &e))
    if (e.kind == WF_OUT_ALARM && e.alarm == WF_ALARM_PICTURE_DIFFERS) snprintf(text, sizeof text, "%s", e.text);
  return text[0] != '\0' ? text : NULL;
}

static wf_agreement agreement(const wf_node *node) {
  wf_digest_view view[4];
  assert_int_equal(wf_node_digests(node, view, 4), 1);
  return view[0].agreement;
}

static void a_difference_names_its_track(void **state) {
  nations n;
  wf_node *node;
  share *s = share_with_track(&n, &node);
  wf_picture_digest theirs = s->digest;
  const wf_nation kor = s->view[0].nation;
  node_compare_digest(node, kor, &s->audience, &theirs);
  assert_int_equal(agreement(node), WF_AGREE_EQUAL);
  assert_null(alarm_text(node));
  theirs.picture[3] ^= 1;
  theirs.track[0].hash ^= 1;
  node_compare_digest(node, kor, &s->audience, &theirs);
  assert_int_equal(agreement(node), WF_AGREE_DIFFERENT);
  const char *text = alarm_text(node);
  const wf_common_track *track = wf_picture_find(s->common, theirs.track[0].number);
  assert_non_null(text);
  print_message("%s\n", text);
  assert_non_null(strstr(text, "first in track"));
  assert_non_null(strstr(text, track->label));
  assert_non_null(strstr(text, "begun by"));
  nations_end(&n);
}

static void other_parameters_are_not_compared(void **state) {
  nations n;
  wf_node *node;
  share *s = share_with_track(&n, &node);
  wf_picture_digest theirs = s->digest;
  theirs.picture[3] ^= 1;
  theirs.parameters ^= 1;
  node_compare_digest(node, s->view[0].nation, &s->audience, &theirs);
  assert_int_equal(agreement(node), WF_AGREE_NOT_COMPARABLE);
  assert_null(alarm_text(node));
  nations_end(&n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_difference_names_its_track),
      cmocka_unit_test(other_parameters_are_not_compared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
