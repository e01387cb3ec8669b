// watchfire status: the health of a node, its partner links and its sensors, as a table or as JSON.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cli.h"
#include "status_fetch.h"

static const char HELP[] =
    "Usage: watchfire status [--node SOCKET|URL] [--json]\n"
    "\n"
    "  --node   the node's console feed (a Unix socket, `feed` in node.yaml) or its gateway (http://host:port);\n"
    "           default: $WATCHFIRE_NODE, else /run/watchfire/feed.sock\n"
    "  --json   one JSON object: node, links, sensors, alarms, and what is wrong\n"
    "\n"
    "Exit status: 0 all is well; 1 something is not (each thing named); 2 the node cannot be asked.\n"
    "\n"
    "Example:\n"
    "  watchfire status --node /run/watchfire/jpn.sock\n";

#define TIMEOUT_S 3.0
#define DEFAULT_NODE "/run/watchfire/feed.sock"

static const char *text_of(const json_t *o, const char *key) {
  const char *text = json_string_value(json_object_get(o, key));
  return text != NULL ? text : "-";
}
static double number_of(const json_t *o, const char *key) {
  return json_number_value(json_object_get(o, key));
}
static long long count_of(const json_t *o, const char *key) {
  return (long long)json_integer_value(json_object_get(o, key));
}

// How long before the node's time; "never" when there is no time.
static const char *age_of(const json_t *node, const json_t *o, const char *key, char out[32]) {
  wf_time then, now;
  const char *text = json_string_value(json_object_get(o, key));
  if (text == NULL || wf_time_parse(text, &then) != WF_OK || wf_time_parse(text_of(node, "time"), &now) != WF_OK)
    return "never";
  snprintf(out, 32, "%.1f s", wf_time_diff_s(now, then));
  return out;
}

static bool lane_up(const json_t *link, size_t lane) {
  return json_is_true(json_array_get(json_object_get(link, "up"), lane));
}

static bool is_active(const json_t *link) {
  const char *membership = text_of(link, "membership");
  return strcmp(membership, "suspended") != 0 && strcmp(membership, "revoked") != 0;
}

// Of a partner that was suspended or revoked nothing is up, as it should be.
static const char *lane_text(const json_t *link, size_t lane) {
  return lane_up(link, lane) ? "up" : is_active(link) ? "DOWN" : "out";
}

// ---- What is wrong ------------------------------------------------------------------------------------------------
static void add_fault(json_t *faults, const char *what, const char *which, const char *how, const char *more) {
  char text[200];
  snprintf(text, sizeof text, "%s%s%s%s", what, which, how, more);
  json_array_append_new(faults, json_string(text));
}

static json_t *find_faults(const json_t *state) {
  json_t *faults = json_array(), *item;
  size_t i;
  const json_t *node = json_object_get(state, "node");
  if (!json_is_true(json_object_get(node, "durable")))
    add_fault(faults, "what ", text_of(node, "nation"), " says is not stored durably", "");
  json_array_foreach(json_object_get(state, "links"), i, item) {
    const int up = lane_up(item, 0) + lane_up(item, 1);
    if (up < 2 && is_active(item))
      add_fault(faults, "the link to ", text_of(item, "nation"), " is down", up == 1 ? " on one lane" : "");
    if (strcmp(text_of(item, "digest"), "different") == 0)
      add_fault(faults, "the common picture differs from that of ", text_of(item, "nation"), "", "");
  }
  json_array_foreach(json_object_get(state, "sensors"), i, item) if (strcmp(text_of(item, "state"), "alive") != 0)
      add_fault(faults, "sensor ", text_of(item, "name"), ": ", text_of(item, "state"));
  json_array_foreach(json_object_get(state, "alarms"), i,
                     item) if (!json_is_true(json_object_get(item, "acknowledged")))
      add_fault(faults, "alarm ", text_of(item, "kind"), ": ", text_of(item, "text"));
  return faults;
}

// ---- Table --------------------------------------------------------------------------------------------------------
static void print_node(const json_t *state) {
  const json_t *node = json_object_get(state, "node"), *counters = json_object_get(node, "counters");
  const json_t *store = json_object_get(json_object_get(counters, "driver"), "store");
  printf("%s  %s  watchfire %s  epoch %lld\n", text_of(node, "nation"), text_of(node, "mode"), text_of(node, "version"),
         count_of(node, "epoch"));
  printf("  time      %s  rate %g\n", text_of(node, "time"), number_of(node, "rate"));
  printf("  store     %s  %lld bundles written, last commit %.1f ms, waiting %lld bytes\n",
         json_is_true(json_object_get(node, "durable")) ? "durable" : "NOT DURABLE", count_of(store, "bundles"),
         (double)count_of(store, "commit_us_last") / 1000, count_of(store, "queued_bytes"));
  printf("  picture   %zu tracks, %zu of own sensors alone, %zu products\n",
         json_array_size(json_object_get(state, "tracks")), json_array_size(json_object_get(state, "alone")),
         json_array_size(json_object_get(state, "products")));
  printf("  counters  datagrams %lld (refused %lld), plots %lld, records in %lld (refused %lld, too late %lld)\n",
         count_of(counters, "datagrams"), count_of(counters, "datagrams_refused"), count_of(counters, "plots"),
         count_of(counters, "records_in"), count_of(counters, "records_refused"),
         count_of(counters, "records_too_late"));
}

// Why records of radars, and plots, were dropped.
static void print_drops(const char *what, json_t *reasons) {
  const char *reason;
  json_t *count;
  json_object_foreach(reasons, reason, count) if (json_integer_value(count) > 0)
      printf("  %-9s %s: %lld\n", what, reason, (long long)json_integer_value(count));
}

static void print_inputs(const json_t *state) {
  const json_t *counters = json_object_get(json_object_get(state, "node"), "counters");
  const json_t *asterix = json_object_get(counters, "asterix");
  if (count_of(asterix, "records") > 0) printf("  asterix   %lld records\n", count_of(asterix, "records"));
  print_drops("dropped", json_object_get(asterix, "dropped"));
  print_drops("rejected", json_object_get(counters, "plots_rejected"));
  const json_t *told = json_object_get(counters, "told");
  if (count_of(told, "tracks") + count_of(told, "launches") + count_of(told, "voice") + count_of(told, "seismic") > 0)
    printf("  told      %lld tracks, %lld launches, %lld by voice, %lld seismic events\n", count_of(told, "tracks"),
           count_of(told, "launches"), count_of(told, "voice"), count_of(told, "seismic"));
  print_drops("not taken", json_object_get(told, "dropped"));
  const json_t *out = json_object_get(json_object_get(counters, "driver"), "publish_062");
  if (out != NULL) printf("  062 out   %lld records\n", count_of(out, "sent"));
  print_drops("left out", json_object_get(out, "left_out"));
}

static void print_links(const json_t *state) {
  const json_t *links = json_object_get(state, "links");
  json_t *l;
  size_t i;
  char age[32];
  printf("\nlink   alerts  bulk  round trip ms  clock offset ms  last heard  waiting B  missing  backfill  picture\n");
  json_array_foreach(links, i, l)
      printf("%-5s  %-6s  %-4s  %13.2f  %15.2f  %10s  %9lld  %7lld  %8lld  %s\n", text_of(l, "nation"), lane_text(l, 0),
             lane_text(l, 1), number_of(l, "round_trip_ms"), number_of(l, "clock_offset_ms"),
             age_of(json_object_get(state, "node"), l, "last_heard", age), count_of(l, "queued_bytes"),
             count_of(l, "missing_records"), count_of(l, "backfill_left"), text_of(l, "digest"));
  if (json_array_size(links) == 0) puts("(no partners)");
}

static void print_sensors(const json_t *state) {
  const json_t *sensors = json_object_get(state, "sensors");
  json_t *s;
  size_t i;
  char age[32];
  printf("\nsensor            kind      state     last heard     plots  rejected  lost\n");
  json_array_foreach(sensors, i, s)
      printf("%-16s  %-8s  %-8s  %10s  %8lld  %8lld  %4lld\n", text_of(s, "name"), text_of(s, "kind"),
             text_of(s, "state"), age_of(json_object_get(state, "node"), s, "last_heard", age), count_of(s, "plots"),
             count_of(s, "rejected"), count_of(s, "lost_datagrams"));
  if (json_array_size(sensors) == 0) puts("(no sensors)");
}

static void print_cues(const json_t *state) {
  const json_t *cues = json_object_get(state, "cues");
  json_t *c;
  size_t i;
  if (json_array_size(cues) == 0) return;
  printf("\ncue     sensor            enters                    range km   az deg  el deg  search km3\n");
  json_array_foreach(cues, i, c)
      printf("%-6s  %-16s  %-24s  %8.1f  %7.2f  %6.2f  %10.1f%s\n", text_of(c, "label"), text_of(c, "sensor"),
             text_of(c, "enters"), 1e-3 * number_of(c, "range_m"), number_of(c, "az_deg"), number_of(c, "el_deg"),
             number_of(c, "volume_km3"), json_is_true(json_object_get(c, "inside")) ? "  (inside)" : "");
}

static void print_faults(const json_t *faults) {
  json_t *fault;
  size_t i;
  printf("\n%s\n", json_array_size(faults) == 0 ? "all is well" : "not well:");
  json_array_foreach(faults, i, fault) printf("  %s\n", json_string_value(fault));
}

static void print_json(const json_t *state, json_t *faults) {
  json_t *out = json_pack("{s:O*,s:O*,s:O*,s:O*,s:O*,s:O}", "node", json_object_get(state, "node"), "links",
                          json_object_get(state, "links"), "sensors", json_object_get(state, "sensors"), "alarms",
                          json_object_get(state, "alarms"), "cues", json_object_get(state, "cues"), "faults", faults);
  json_dumpf(out, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
  putchar('\n');
  json_decref(out);
}

int wf_cli_status(int argc, char **argv) {
  static const struct option LONG[] = {
      {"node", 1, NULL, 'n'}, {"json", 0, NULL, 'j'}, {"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0}};
  const char *node = getenv("WATCHFIRE_NODE");
  bool as_json = false;
  for (int letter; (letter = getopt_long(argc, argv, "h", LONG, NULL)) != -1;) {
    if (letter == 'h') {
      fputs(HELP, stdout);
      return WF_CLI_OK;
    }
    if (letter == 'n')
      node = optarg;
    else if (letter == 'j')
      as_json = true;
    else
      return wf_cli_usage_error("status", "see above");
  }
  if (optind < argc) return wf_cli_usage_error("status", "unexpected argument '%s'", argv[optind]);
  if (node == NULL || node[0] == '\0') node = DEFAULT_NODE;
  char why[160];
  json_t *state = wf_cli_fetch_state(node, TIMEOUT_S, why, sizeof why);
  if (state == NULL) {
    fprintf(stderr, "watchfire status: %s: %s\n", node, why);
    return WF_CLI_USAGE;
  }
  json_t *faults = find_faults(state);
  if (as_json) {
    print_json(state, faults);
  } else {
    print_node(state);
    print_inputs(state);
    print_links(state);
    print_sensors(state);
    print_cues(state);
    print_faults(faults);
  }
  const int code = json_array_size(faults) == 0 ? WF_CLI_OK : WF_CLI_BAD_INPUT;
  json_decref(faults);
  json_decref(state);
  return code;
}
