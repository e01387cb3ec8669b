// watchfire release list: the audit in a node's store, one line per object, kind and rule.
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "io/audit.h"
#include "release.h"

#define LINES_MAX 100000

static const char HELP[] =
    "Usage: watchfire release list STORE [OPTION…]\n"
    "Reads a node's store (also while the node runs) and says what it told to whom, and what it withheld, one line "
    "per\n"
    "audience, object, kind and rule: first and last time of judgement, how many, under which rule of which policy.\n"
    "\n"
    "  --to NAT           only what this nation was (or was not) told; may be given several times\n"
    "  --from, --until T  judged from T on, before T (RFC 3339, UTC)\n"
    "  --withheld         what was withheld, too, and why\n"
    "  --json             one JSON object per line\n"
    "  --help             this text\n"
    "\n"
    "Exit status: 0 done; 1 the store is damaged; 2 usage, or no such store.\n"
    "\n"
    "Example:\n"
    "  watchfire release list jpn.db --to KOR --from 2026-03-10T12:00:00Z --until 2026-03-11T00:00:00Z\n";

typedef struct line {
  wf_audit_row row;
} line;

typedef struct listing {
  wf_audience to;
  wf_audit_query query;
  const char *store;
  bool withheld, json, help, full;
  line *line;
  size_t count;
} listing;

static bool same(const wf_release_note *a, const wf_release_note *b) {
  return a->object == b->object && a->kind == b->kind && a->outcome == b->outcome && a->policy == b->policy &&
         wf_audience_equal(&a->audience, &b->audience) && strcmp(a->rule, b->rule) == 0 && strcmp(a->why, b->why) == 0;
}

static bool take(void *context, const wf_audit_row *row) {
  listing *l = context;
  if (row->note.outcome == WF_RELEASE_WITHHELD && !l->withheld) return true;
  // Lines of one object are near each other in time: look back from the newest.
  for (size_t i = l->count; i-- > 0 && l->count - i < 512;) {
    wf_audit_row *known = &l->line[i].row;
    if (!same(&known->note, &row->note)) continue;
    known->count += row->count;
    known->until = row->until;
    if (row->last_valid.ns > known->last_valid.ns) known->last_valid = row->last_valid;
    if (row->note.valid_time.ns < known->note.valid_time.ns) known->note.valid_time = row->note.valid_time;
    return true;
  }
  l->full = l->count == LINES_MAX;
  if (l->full) return false;
  l->line[l->count++].row = *row;
  return true;
}

static void print_json(const wf_audit_row *r) {
  char audience[WF_AUDIENCE_TEXT_SIZE], text[5][WF_TIME_RFC3339_SIZE], object[20], policy[20];
  snprintf(object, sizeof object, "%016" PRIx64, r->note.object);
  snprintf(policy, sizeof policy, "%016" PRIx64, r->note.policy);
  json_t *o = json_pack(
      "{s:s,s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "to", wf_audience_format(&r->note.audience, audience),
      "outcome", wf_release_outcome_name(r->note.outcome), "kind", wf_release_kind_name(r->note.kind), "object", object,
      "count", (json_int_t)r->count, "rule", r->note.rule, "policy", policy, "why", r->note.why, "first",
      wf_time_format(r->note.at, 3, text[0]), "last", wf_time_format(r->until, 3, text[1]), "first_valid",
      wf_time_format(r->note.valid_time, 3, text[2]), "last_valid", wf_time_format(r->last_valid, 3, text[3]));
  json_dumpf(o, stdout, JSON_COMPACT);
  putchar('\n');
  json_decref(o);
}

static void print_text(const wf_audit_row *r) {
  char audience[WF_AUDIENCE_TEXT_SIZE], first[WF_TIME_RFC3339_SIZE], last[WF_TIME_RFC3339_SIZE];
  printf("%s .. %s  %-8s  to %s  %-11s  object %016" PRIx64 "  %5" PRIu64 "  %s (policy %016" PRIx64 ")%s%s\n",
         wf_time_format(r->note.at, 0, first), wf_time_format(r->until, 0, last),
         wf_release_outcome_name(r->note.outcome), wf_audience_format(&r->note.audience, audience),
         wf_release_kind_name(r->note.kind), r->note.object, r->count,
         r->note.rule[0] != '\0' ? r->note.rule : "no rule", r->note.policy,
         r->note.outcome == WF_RELEASE_WITHHELD ? ": " : "", r->note.outcome == WF_RELEASE_WITHHELD ? r->note.why : "");
}

static int parse(int argc, char **argv, listing *l) {
  static const struct option longs[] = {{"to", 1, NULL, 't'},
                                        {"from", 1, NULL, 'f'},
                                        {"until", 1, NULL, 'u'},
                                        {"withheld", 0, NULL, 'w'},
                                        {"json", 0, NULL, 'j'},
                                        {"help", 0, NULL, 'h'},
                                        {0}};
  for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
    wf_nation nation;
    switch (c) {
      case 't':
        if (wf_nation_parse(optarg, &nation) != WF_OK || wf_audience_add(&l->to, nation) != WF_OK)
          return wf_cli_usage_error("release list", "--to '%s' is no nation", optarg);
        break;
      case 'f':
      case 'u':
        if (wf_time_parse(optarg, c == 'f' ? &l->query.from : &l->query.until) != WF_OK)
          return wf_cli_usage_error("release list", "'%s' is no time like 2026-03-10T12:00:00Z", optarg);
        break;
      case 'w':
        l->withheld = true;
        break;
      case 'j':
        l->json = true;
        break;
      case 'h':
        l->help = true;
        return WF_CLI_OK;
      default:
        return wf_cli_usage_error("release list", "unknown option or missing value");
    }
  }
  if (optind != argc - 1) return wf_cli_usage_error("release list", "exactly one store is needed");
  l->store = argv[optind];
  if (l->to.count > 0) l->query.within = &l->to;
  return WF_CLI_OK;
}

static int list(listing *l) {
  char reason[WF_IO_REASON_SIZE] = "";
  uint64_t told = 0, withheld = 0;
  const wf_status status = wf_audit_read(l->store, &l->query, take, l, reason);
  for (size_t i = 0; i < l->count; i++) {
    const wf_audit_row *r = &l->line[i].row;
    *(r->note.outcome == WF_RELEASE_TOLD ? &told : &withheld) += r->count;
    if (l->json)
      print_json(r);
    else
      print_text(r);
  }
  if (!l->json && status == WF_OK) {
    printf("%" PRIu64 " told", told);
    if (l->withheld) printf(", %" PRIu64 " withheld", withheld);
    printf("\n");
  }
  if (l->full) fprintf(stderr, "watchfire release list: only the first %d lines; give a shorter time\n", LINES_MAX);
  if (status != WF_OK) fprintf(stderr, "watchfire release list: %s: %s\n", l->store, reason);
  return status == WF_OK ? WF_CLI_OK : status == WF_ENOTFOUND ? WF_CLI_USAGE : WF_CLI_BAD_INPUT;
}

int wf_cli_release_list(int argc, char **argv) {
  listing l = {0};
  int code = parse(argc, argv, &l);
  if (code != WF_CLI_OK || l.help) {
    if (l.help) fputs(HELP, stdout);
    return code;
  }
  l.line = calloc(LINES_MAX, sizeof *l.line);
  if (l.line == NULL) return WF_CLI_USAGE;
  code = list(&l);
  free(l.line);
  return code;
}
