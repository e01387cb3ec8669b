// watchfire log: what a store (or a recording) holds, whether it is whole, and a part of it for somebody else.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "diag.h"
#include "io/config.h"
#include "log_aside.h"
#include "log_check.h"
#include "wire/bundle.h"

static const char HELP[] =
    "Usage: watchfire log verify STORE [--config node.yaml] [--trust BUNDLE]…\n"
    "       watchfire log list STORE [--origin NAT] [--class alerts|contributions|status] [--kind KIND]\n"
    "                                [--from TIME] [--to TIME] [--limit N] [--json]\n"
    "       watchfire log aside STORE [--origin NAT] [--class CLASS] [--from TIME] [--to TIME] [--json]\n"
    "       watchfire log export STORE RECORDING [--origin NAT] [--class CLASS] [--from TIME] [--to TIME]\n"
    "\n"
    "Reads a node's store, also while the node runs. A recording is a store that holds a part: all four read it.\n"
    "\n"
    "  verify   each bundle is what its row says, numbers have no gap, each bundle names the one before it, and\n"
    "           is signed by its origin: keys come from trust bundles, or from a node's configuration\n"
    "  list     one line a record, oldest first in each stream\n"
    "  aside    what is kept and not in the picture: both bundles of every number said twice (evidence), and records\n"
    "           with impossible times, of ended epochs, said too late, or that cannot be read, each with its reason\n"
    "  export   the bundles with a record published from --from up to --to, untouched, into a new file\n"
    "\n"
    "  KIND     detection, tracklet, launch, object_status, product, node_status, digest, policy_change,\n"
    "           seismic, action, opaque, none\n"
    "  TIME     RFC 3339, as 2026-05-02T06:00:00Z\n"
    "\n"
    "Exit status: 0 done, and all is well; 1 something is wrong with the log (each thing named); 2 usage error, or "
    "the\n"
    "store cannot be read.\n"
    "\n"
    "Example:\n"
    "  watchfire log verify demo-out/JPN/store.db --trust demo-out/JPN.pem --trust demo-out/KOR.pem\n"
    "  watchfire log list demo-out/JPN/store.db --origin KOR --kind tracklet --limit 10\n"
    "  watchfire log export demo-out/JPN/store.db night.db --from 2026-05-02T00:00:00Z --to 2026-05-02T06:00:00Z\n";

typedef struct options {
  const char *store, *out, *config, *kind;
  const char *trust[LOG_KEYS_MAX];
  int trust_count;
  wf_nation origin;
  int stream_class;
  wf_time from, to;
  uint64_t limit;
  bool json;
} options;

static const struct {
  uint32_t field;
  const char *name;
} KINDS[] = {{0, "none"},           {10, "detection"}, {11, "tracklet"},    {12, "launch"},
             {13, "object_status"}, {20, "product"},   {30, "node_status"}, {31, "digest"},
             {32, "policy_change"}, {33, "seismic"},   {34, "action"},
             {40, "opaque"}};
enum { KIND_COUNT = sizeof KINDS / sizeof KINDS[0] };
static const char *const CLASSES[] = {"?", "alerts", "contributions", "status"};

static const char *kind_name(uint32_t field, char other[24]) {
  for (int i = 0; i < KIND_COUNT; i++)
    if (KINDS[i].field == field) return KINDS[i].name;
  snprintf(other, 24, "field_%u", field);
  return other;
}

// ---- Options --------------------------------------------------------------------------------------------------------
static bool read_class(options *o, const char *text) {
  for (int i = 1; i <= 3; i++)
    if (strcmp(text, CLASSES[i]) == 0) o->stream_class = i;
  return o->stream_class != 0;
}

static int bad(const char *option, const char *text) {
  return wf_cli_usage_error("log", "%s %s: not understood", option, text);
}

static int read_option(options *o, int letter, const char *text) {
  switch (letter) {
    case 't':
      if (o->trust_count == LOG_KEYS_MAX) return bad("--trust", text);
      o->trust[o->trust_count++] = text;
      return 0;
    case 'c':
      o->config = text;
      return 0;
    case 'o':
      return wf_nation_parse(text, &o->origin) == WF_OK ? 0 : bad("--origin", text);
    case 's':
      return read_class(o, text) ? 0 : bad("--class", text);
    case 'k':
      o->kind = text;
      return 0;
    case 'f':
      return wf_time_parse(text, &o->from) == WF_OK ? 0 : bad("--from", text);
    case 'u':
      return wf_time_parse(text, &o->to) == WF_OK ? 0 : bad("--to", text);
    case 'n':
      o->limit = strtoull(text, NULL, 10);
      return o->limit > 0 ? 0 : bad("--limit", text);
    case 'j':
      o->json = true;
      return 0;
    default:
      fputs("Try 'watchfire log --help'.\n", stderr);
      return WF_CLI_USAGE;
  }
}

static int read_options(int argc, char **argv, options *o) {
  static const struct option LONG[] = {{"trust", 1, NULL, 't'}, {"config", 1, NULL, 'c'}, {"origin", 1, NULL, 'o'},
                                       {"class", 1, NULL, 's'}, {"kind", 1, NULL, 'k'},   {"from", 1, NULL, 'f'},
                                       {"to", 1, NULL, 'u'},    {"limit", 1, NULL, 'n'},  {"json", 0, NULL, 'j'},
                                       {NULL, 0, NULL, 0}};
  *o = (options){.to = {INT64_MAX}, .limit = UINT64_MAX};
  optind = 1;
  for (int letter; (letter = getopt_long(argc, argv, "", LONG, NULL)) != -1;) {
    const int code = read_option(o, letter, optarg);
    if (code != 0) return code;
  }
  if (optind < argc) o->store = argv[optind++];
  if (optind < argc) o->out = argv[optind++];
  if (o->store == NULL || optind < argc) return wf_cli_usage_error("log", "one STORE is needed");
  return 0;
}

// ---- Which records --------------------------------------------------------------------------------------------------
static bool stream_wanted(const options *o, const wf_store_entry *e) {
  const wf_stream_name *name = &e->row.stream;
  return (o->origin.code[0] == '\0' || wf_nation_compare(o->origin, name->origin) == 0) &&
         (o->stream_class == 0 || (int)name->stream_class == o->stream_class);
}

static bool time_wanted(const options *o, wf_time t) {
  return !wf_time_before(t, o->from) && wf_time_before(t, o->to);
}

static bool bundle_wanted(void *context, const wf_store_entry *e) {
  const options *o = context;
  wf_bundle b;
  wf_record_view r;
  char reason[WF_REASON_SIZE];
  if (!stream_wanted(o, e) || wf_bundle_parse(e->raw, &b, reason) != WF_OK) return false;
  for (size_t at = 0; wf_bundle_next(&b, &at, &r);)
    if (time_wanted(o, r.publish_time)) return true;
  return false;
}

// ---- List -----------------------------------------------------------------------------------------------------------
typedef struct listing {
  const options *o;
  uint64_t printed, bad;
} listing;

static void print_record(const options *o, const wf_store_entry *e, const wf_record_view *r) {
  char other[24], audience[WF_AUDIENCE_TEXT_SIZE], published[WF_TIME_RFC3339_SIZE], valid[WF_TIME_RFC3339_SIZE];
  const wf_stream_name *name = &e->row.stream;
  wf_audience_format(&name->audience, audience);
  wf_time_format(r->publish_time, 6, published);
  wf_time_format(r->valid_time, 6, valid);
  const char *kind = kind_name(r->payload, other), *durable = r->flags & WF_RECORD_NOT_DURABLE ? "false" : "true";
  const char *class = CLASSES[name->stream_class >= 1 && name->stream_class <= 3 ? name->stream_class : 0];
  const unsigned long long epoch = e->row.epoch, sequence = r->sequence;
  if (o->json)
    printf(
        "{\"origin\":\"%s\",\"writer\":%u,\"audience\":\"%s\",\"class\":\"%s\",\"epoch\":%llu,\"number\":%llu,"
        "\"published\":\"%s\",\"valid\":\"%s\",\"kind\":\"%s\",\"bytes\":%zu,\"durable\":%s}\n",
        name->origin.code, name->writer, audience, class, epoch, sequence, published, valid, kind, r->bytes.size,
        durable);
  else
    printf("%s  %s  %-13s %-13s %llu/%llu  valid %s  %zu bytes%s\n", published, name->origin.code, class, kind, epoch,
           sequence, valid, r->bytes.size, r->flags & WF_RECORD_NOT_DURABLE ? "  not durable" : "");
}

static wf_status list_bundle(void *context, const wf_store_entry *e) {
  listing *l = context;
  wf_bundle b;
  wf_record_view r;
  char reason[WF_REASON_SIZE], other[24];
  if (!stream_wanted(l->o, e)) return WF_OK;
  if (e->damaged || wf_bundle_parse(e->raw, &b, reason) != WF_OK) {
    fprintf(stderr, "watchfire log: %s epoch %llu number %llu cannot be read\n", e->row.stream.origin.code,
            (unsigned long long)e->row.epoch, (unsigned long long)e->row.first);
    l->bad++;
    return WF_OK;
  }
  for (size_t at = 0; l->printed < l->o->limit && wf_bundle_next(&b, &at, &r);) {
    if (!time_wanted(l->o, r.publish_time)) continue;
    if (l->o->kind != NULL && strcmp(l->o->kind, kind_name(r.payload, other)) != 0) continue;
    print_record(l->o, e, &r);
    l->printed++;
  }
  return l->printed < l->o->limit ? WF_OK : WF_EFULL;  // enough
}

static int run_list(wf_store_reader *reader, const options *o) {
  char reason[WF_IO_REASON_SIZE] = "";
  listing l = {.o = o};
  const wf_status status = wf_store_reader_each(reader, WF_STORE_BY_STREAM, list_bundle, &l, reason);
  if (status != WF_OK && status != WF_EFULL) return wf_cli_usage_error("log", "%s", reason);
  return l.bad == 0 ? WF_CLI_OK : WF_CLI_BAD_INPUT;
}

// ---- Verify ---------------------------------------------------------------------------------------------------------
static void add_key(log_keys *keys, wf_nation nation, const uint8_t *key) {
  if (keys->count == LOG_KEYS_MAX) return;
  keys->item[keys->count].nation = nation;
  memcpy(keys->item[keys->count++].key, key, WF_PKI_KEY_SIZE);
}

static bool add_trust(log_keys *keys, const char *path) {
  wf_pki_trust trust;
  char reason[WF_IO_REASON_SIZE] = "";
  if (wf_pki_trust_load(path, &trust, reason) != WF_OK) {
    wf_cli_usage_error("log", "%s", reason);
    return false;
  }
  for (uint32_t i = 0; i < trust.key_count; i++) add_key(keys, trust.nation, trust.key[i]);
  wf_pki_trust_clear(&trust);
  return true;
}

static bool add_config(log_keys *keys, const char *path) {
  wf_diag diag = wf_cli_diag("log");
  wf_config *config = wf_config_load(path, &diag);
  if (config == NULL) return false;
  wf_signing_key own;
  char reason[WF_IO_REASON_SIZE] = "";
  bool good = wf_signing_key_load(config->signing_key, &own, reason) == WF_OK;
  if (good) add_key(keys, config->nation, own.public_key);
  if (!good) wf_cli_usage_error("log", "%s", reason);
  wf_signing_key_wipe(&own);
  for (uint32_t i = 0; i < config->partner_count && good; i++) good = add_trust(keys, config->partner[i].trust);
  wf_config_free(config);
  return good;
}

static int run_verify(wf_store_reader *reader, const options *o) {
  static log_keys keys;
  char reason[WF_IO_REASON_SIZE] = "";
  for (int i = 0; i < o->trust_count; i++)
    if (!add_trust(&keys, o->trust[i])) return WF_CLI_USAGE;
  if (o->config != NULL && !add_config(&keys, o->config)) return WF_CLI_USAGE;
  const wf_store_identity *of = wf_store_reader_identity(reader);
  printf("store of %s, node %u, mode %s\n", of->nation.code, of->writer, wf_mode_name(of->mode));
  const uint64_t wrong = log_check(reader, &keys, reason);
  if (wrong == UINT64_MAX) return wf_cli_usage_error("log", "%s", reason);
  return wrong == 0 ? WF_CLI_OK : WF_CLI_BAD_INPUT;
}

static int run_export(wf_store_reader *reader, options *o) {
  char reason[WF_IO_REASON_SIZE] = "";
  uint64_t count = 0;
  if (o->out == NULL) return wf_cli_usage_error("log", "export needs STORE and RECORDING");
  if (wf_store_export(reader, o->out, bundle_wanted, o, &count, reason) != WF_OK)
    return wf_cli_usage_error("log", "%s", reason);
  printf("%s: %llu bundles\n", o->out, (unsigned long long)count);
  return WF_CLI_OK;
}

static int run_aside(wf_store_reader *reader, options *o) {
  char reason[WF_IO_REASON_SIZE] = "";
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  const wf_time now = {t.tv_sec * WF_NS_PER_S + t.tv_nsec};
  const uint64_t found = log_aside(reader, bundle_wanted, o, now, o->json, reason);
  if (found == UINT64_MAX) return wf_cli_usage_error("log", "%s", reason);
  if (!o->json) printf("%llu set aside\n", (unsigned long long)found);
  return WF_CLI_OK;
}

int wf_cli_log(int argc, char **argv) {
  options o;
  char reason[WF_IO_REASON_SIZE] = "";
  if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
    fputs(HELP, stdout);
    return WF_CLI_OK;
  }
  if (argc < 3) return wf_cli_usage_error("log", "verify, list, aside or export, and a STORE");
  const int code = read_options(argc - 1, argv + 1, &o);
  if (code != 0) return code;
  wf_store_reader *reader = NULL;
  if (wf_store_reader_open(o.store, &reader, reason) != WF_OK) return wf_cli_usage_error("log", "%s", reason);
  int result = WF_CLI_USAGE;
  if (strcmp(argv[1], "verify") == 0)
    result = run_verify(reader, &o);
  else if (strcmp(argv[1], "list") == 0)
    result = run_list(reader, &o);
  else if (strcmp(argv[1], "aside") == 0)
    result = run_aside(reader, &o);
  else if (strcmp(argv[1], "export") == 0)
    result = run_export(reader, &o);
  else
    wf_cli_usage_error("log", "unknown action '%s'", argv[1]);
  wf_store_reader_close(reader);
  return result;
}
