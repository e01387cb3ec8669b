#define _GNU_SOURCE  // memmem
// watchfire decode: any supported input → JSON Lines.
#include "decode.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "io/pcap.h"
#include "whole_file.h"

#define FILE_MOST (UINT64_C(1) << 31)

static const char HELP[] =
    "Usage: watchfire decode [-f FORMAT] [OPTION…] FILE…\n"
    "\n"
    "Decodes sensor data to JSON Lines. - is standard input.\n"
    "\n"
    "  -f FORMAT          asterix, oem, quakeml, tdm; without it the file's beginning tells\n"
    "  -e CAT:EDITION     edition of a category of ASTERIX, e.g. 62:0.17; may be repeated; the newest otherwise.\n"
    "                     48RE:1.12 is the edition of its expansion field\n"
    "  --framing NAME     what is around ASTERIX blocks: plain, oradis, final; auto finds out (default)\n"
    "  --raw              every value by itself with its bytes, unscaled and scaled\n"
    "  --list             the editions that are known\n"
    "\n"
    "ASTERIX is read from pcap and pcapng (UDP) and from raw files. One line per record, items and units of the\n"
    "EUROCONTROL specification; a record with an impossible value is no record. A TDM gives one line per segment and "
    "per\n"
    "observation, an OEM one per segment, state and covariance; QuakeML one per event, with what may be said of it.\n"
    "\n"
    "Exit status: 0 all was read; 1 some was bad, each place named on standard error; 2 usage.\n"
    "\n"
    "Examples:\n"
    "  watchfire decode recording.pcap\n"
    "  watchfire decode -e 62:0.17 old.pcap\n";

void wf_decode_complain(wf_decode *d, size_t at, const char *format, ...) {
  va_list args;
  d->bad++;
  fprintf(stderr, "decode: %s:%zu: ", d->name, at);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
}

static bool choose_edition(wf_decode *d, const char *text) {
  char *end = NULL;
  const unsigned long category = strtoul(text, &end, 10);
  if (end == text || category > 255) return false;
  if (strncmp(end, "RE:", 3) == 0)
    return wf_asterix_choose_expansion(&d->editions, (unsigned)category, end + 3) == WF_OK;
  return *end == ':' && wf_asterix_choose(&d->editions, (unsigned)category, end + 1) == WF_OK;
}

static int list_editions(void) {
  const wf_asterix_spec *spec;
  for (size_t i = 0; (spec = wf_asterix_spec_at(i)) != NULL; i++)
    printf("%03u %s\n", wf_asterix_category(spec), wf_asterix_edition(spec));
  return WF_CLI_OK;
}

static bool begins(wf_bytes data, const char *word) {
  const size_t head = data.size < 4096 ? data.size : 4096;
  return head > 0 && memmem(data.data, head, word, strlen(word)) != NULL;
}

static const char *format_of(wf_bytes data) {
  size_t first = data.size >= 3 && memcmp(data.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  while (first < data.size && strchr(" \t\r\n", data.data[first]) != NULL && data.data[first] != '\0') first++;
  if (first < data.size && data.data[first] == '<') return begins(data, "quakeml") ? "quakeml" : "tdm";
  if (begins(data, "CCSDS_OEM_VERS")) return "oem";
  return begins(data, "CCSDS_TDM_VERS") ? "tdm" : "asterix";
}

static const struct {
  const char *name;
  void (*run)(wf_decode *d, wf_bytes data);
} FORMATS[] = {
    {"asterix", wf_decode_asterix},
    {"oem", wf_decode_oem},
    {"quakeml", wf_decode_quakeml},
    {"tdm", wf_decode_tdm},
};

static bool decode_file(wf_decode *d, const char *path) {
  size_t size = 0;
  uint8_t *bytes = wf_cli_whole_file(path, FILE_MOST, &size);
  d->name = strcmp(path, "-") == 0 ? "standard input" : path;
  if (bytes == NULL) {
    wf_decode_complain(d, 0, "%s", strerror(errno));
  } else if (size == FILE_MOST) {
    wf_decode_complain(d, 0, "too large");
  } else {
    const wf_bytes data = {bytes, size};
    const char *format = d->format != NULL ? d->format : format_of(data);
    for (size_t i = 0; i < sizeof FORMATS / sizeof FORMATS[0]; i++)
      if (strcmp(FORMATS[i].name, format) == 0) FORMATS[i].run(d, data);
  }
  free(bytes);
  return true;
}

static bool known_format(const char *name) {
  for (size_t i = 0; i < sizeof FORMATS / sizeof FORMATS[0]; i++)
    if (strcmp(FORMATS[i].name, name) == 0) return true;
  return false;
}

int wf_cli_decode(int argc, char **argv) {
  static const struct option LONG[] = {{"framing", 1, NULL, 'F'}, {"raw", 0, NULL, 'r'},  {"list", 0, NULL, 'l'},
                                       {"format", 1, NULL, 'f'},  {"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0}};
  wf_decode d = {0};
  wf_asterix_editions_newest(&d.editions);
  for (int letter; (letter = getopt_long(argc, argv, "f:e:h", LONG, NULL)) != -1;) switch (letter) {
      case 'h':
        fputs(HELP, stdout);
        return WF_CLI_OK;
      case 'l':
        return list_editions();
      case 'r':
        d.raw = true;
        break;
      case 'f':
        d.format = optarg;
        if (!known_format(optarg)) return wf_cli_usage_error("decode", "unknown format '%s'", optarg);
        break;
      case 'e':
        if (!choose_edition(&d, optarg))
          return wf_cli_usage_error("decode", "'%s' is not CAT:EDITION of a known edition (--list)", optarg);
        break;
      case 'F':
        if (wf_asterix_framing_parse(optarg, &d.framing) != WF_OK)
          return wf_cli_usage_error("decode", "unknown framing '%s'", optarg);
        break;
      default:
        return wf_cli_usage_error("decode", "see above");
    }
  if (optind == argc) return wf_cli_usage_error("decode", "which FILE?");
  for (int i = optind; i < argc; i++) decode_file(&d, argv[i]);
  if (fflush(stdout) != 0) {
    fprintf(stderr, "decode: standard output: %s\n", strerror(errno));
    return WF_CLI_USAGE;
  }
  return d.bad > 0 ? WF_CLI_BAD_INPUT : WF_CLI_OK;
}
