// watchfire pki: a nation's authority, its certificates, and trust in partners.
#include "io/pki.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char HELP[] =
    "Usage: watchfire pki ACTION [OPTION…]\n"
    "\n"
    "One authority per nation and mode. Nothing is overwritten without --force; private keys are written with mode "
    "600.\n"
    "\n"
    "  init    --dir DIR --nation NNN --mode live|test|exercise [--days N]\n"
    "          a new authority in DIR (authority.key, authority.pem, authority.crl)\n"
    "  issue   --dir DIR (--node N | --operator NAME | --server NAME [--dns NAME] [--ip ADDRESS]) [--days N]\n"
    "          a certificate under it; a node also gets its stream-signing key (node-N.sign)\n"
    "  export  --dir DIR --out FILE\n"
    "          what a partner needs, nothing secret: authority, revocation list, node certificates\n"
    "  import  --trust DIR FILE\n"
    "          check a partner's bundle and trust it: DIR/NNN.pem. Compare the printed fingerprint by voice first\n"
    "  revoke  --dir DIR CERTIFICATE\n"
    "          put a certificate on the revocation list; then export again and have the partners import\n"
    "\n"
    "Options: --force replaces what is there. Default validity: authority 3650 days, certificates 397 days.\n"
    "\n"
    "Example:\n"
    "  watchfire pki init --dir jpn/pki --nation JPN --mode exercise\n"
    "  watchfire pki issue --dir jpn/pki --node 1\n"
    "  watchfire pki export --dir jpn/pki --out jpn.pem\n"
    "  watchfire pki import --trust kor/trust jpn.pem\n";

enum { SECONDS_PER_DAY = 86400, CLOCK_SLACK_S = 300 };

typedef struct options {
  const char *dir, *nation, *mode, *out, *trust, *file;
  long days;
  bool force;
  wf_pki_request request;
} options;

static int failed(const char *reason) {
  fprintf(stderr, "watchfire pki: %s\n", reason);
  return WF_CLI_USAGE;
}

static int need(const char *value, const char *option) {
  return value != NULL ? WF_CLI_OK : wf_cli_usage_error("pki", "%s is needed", option);
}

static int run_init(const options *o) {
  wf_nation nation;
  wf_mode mode;
  char reason[WF_IO_REASON_SIZE] = "";
  if (need(o->dir, "--dir") || need(o->nation, "--nation") || need(o->mode, "--mode")) return WF_CLI_USAGE;
  if (wf_nation_parse(o->nation, &nation) != WF_OK)
    return wf_cli_usage_error("pki", "--nation %s: a nation is three capital letters (ISO 3166-1 alpha-3)", o->nation);
  if (wf_mode_parse(o->mode, &mode) != WF_OK || mode == WF_MODE_NONE)
    return wf_cli_usage_error("pki", "--mode %s: live, test or exercise", o->mode);
  const int64_t for_s = (int64_t)(o->days > 0 ? o->days : 3650) * SECONDS_PER_DAY;
  if (wf_pki_init(o->dir, nation, mode, for_s, o->force, reason) != WF_OK) return failed(reason);
  printf("%s: authority of %s, mode %s\n", o->dir, nation.code, wf_mode_name(mode));
  return WF_CLI_OK;
}

static int run_issue(const options *o) {
  char reason[WF_IO_REASON_SIZE] = "";
  if (need(o->dir, "--dir") || need(o->request.name, "--node, --operator or --server")) return WF_CLI_USAGE;
  wf_pki_request request = o->request;
  request.from_s = -CLOCK_SLACK_S;
  request.for_s = (int64_t)(o->days > 0 ? o->days : 397) * SECONDS_PER_DAY;
  request.force = o->force;
  if (wf_pki_issue(o->dir, &request, reason) != WF_OK) return failed(reason);
  printf("%s: issued %s\n", o->dir, request.name);
  return WF_CLI_OK;
}

static int run_export(const options *o) {
  char reason[WF_IO_REASON_SIZE] = "";
  if (need(o->dir, "--dir") || need(o->out, "--out")) return WF_CLI_USAGE;
  if (wf_pki_export(o->dir, o->out, o->force, reason) != WF_OK) return failed(reason);
  wf_pki_trust trust;
  if (wf_pki_trust_load(o->out, &trust, reason) != WF_OK) return failed(reason);
  printf("%s: %s, mode %s, nodes %u, authority SHA-256 %s\n", o->out, trust.nation.code, wf_mode_name(trust.mode),
         trust.key_count, trust.fingerprint);
  wf_pki_trust_clear(&trust);
  return WF_CLI_OK;
}

static int run_import(const options *o) {
  char reason[WF_IO_REASON_SIZE] = "";
  wf_pki_trust trust;
  if (need(o->trust, "--trust") || need(o->file, "a bundle FILE")) return WF_CLI_USAGE;
  if (wf_pki_import(o->file, o->trust, o->force, &trust, reason) != WF_OK) return failed(reason);
  printf("%s/%s.pem: trusts %s, mode %s, nodes %u, authority SHA-256 %s\n", o->trust, trust.nation.code,
         trust.nation.code, wf_mode_name(trust.mode), trust.key_count, trust.fingerprint);
  wf_pki_trust_clear(&trust);
  return WF_CLI_OK;
}

static int run_revoke(const options *o) {
  char reason[WF_IO_REASON_SIZE] = "";
  if (need(o->dir, "--dir") || need(o->file, "a CERTIFICATE")) return WF_CLI_USAGE;
  if (wf_pki_revoke(o->dir, o->file, reason) != WF_OK) return failed(reason);
  printf("%s: revoked; export again and have the partners import\n", o->file);
  return WF_CLI_OK;
}

static int take_role(options *o, wf_pki_role role, const char *name) {
  if (o->request.name != NULL) return wf_cli_usage_error("pki", "one certificate at a time");
  o->request.role = role;
  o->request.name = name;
  return WF_CLI_OK;
}

static int take_option(options *o, int letter) {
  switch (letter) {
    case 'd':
      o->dir = optarg;
      break;
    case 'n':
      o->nation = optarg;
      break;
    case 'm':
      o->mode = optarg;
      break;
    case 'o':
      o->out = optarg;
      break;
    case 't':
      o->trust = optarg;
      break;
    case 'D':
      o->days = strtol(optarg, NULL, 10);
      break;
    case 'f':
      o->force = true;
      break;
    case 'N':
      return take_role(o, WF_PKI_NODE, optarg);
    case 'O':
      return take_role(o, WF_PKI_OPERATOR, optarg);
    case 'S':
      return take_role(o, WF_PKI_SERVER, optarg);
    case 's':
      o->request.dns = optarg;
      break;
    case 'i':
      o->request.ip = optarg;
      break;
    default:
      return wf_cli_usage_error("pki", "see above");
  }
  if (letter == 'D' && o->days <= 0) return wf_cli_usage_error("pki", "--days %s: a whole number above 0", optarg);
  return WF_CLI_OK;
}

int wf_cli_pki(int argc, char **argv) {
  static const struct option LONG[] = {{"dir", 1, NULL, 'd'},    {"nation", 1, NULL, 'n'}, {"mode", 1, NULL, 'm'},
                                       {"out", 1, NULL, 'o'},    {"trust", 1, NULL, 't'},  {"days", 1, NULL, 'D'},
                                       {"force", 0, NULL, 'f'},  {"node", 1, NULL, 'N'},   {"operator", 1, NULL, 'O'},
                                       {"server", 1, NULL, 'S'}, {"dns", 1, NULL, 's'},    {"ip", 1, NULL, 'i'},
                                       {"help", 0, NULL, 'h'},   {NULL, 0, NULL, 0}};
  static const struct {
    const char *name;
    int (*run)(const options *o);
  } ACTIONS[] = {
      {"init", run_init}, {"issue", run_issue}, {"export", run_export}, {"import", run_import}, {"revoke", run_revoke}};
  options o = {0};
  for (int letter; (letter = getopt_long(argc, argv, "h", LONG, NULL)) != -1;) {
    if (letter == 'h') {
      fputs(HELP, stdout);
      return WF_CLI_OK;
    }
    if (take_option(&o, letter) != WF_CLI_OK) return WF_CLI_USAGE;
  }
  if (optind >= argc) return wf_cli_usage_error("pki", "an action is needed: init, issue, export, import or revoke");
  const char *action = argv[optind];
  o.file = optind + 1 < argc ? argv[optind + 1] : NULL;
  for (size_t i = 0; i < sizeof ACTIONS / sizeof ACTIONS[0]; i++)
    if (strcmp(action, ACTIONS[i].name) == 0) return ACTIONS[i].run(&o);
  return wf_cli_usage_error("pki", "unknown action '%s'", action);
}
