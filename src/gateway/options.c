#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "watchfire-gateway: serves one nation's console, fed by its daemon over a Unix socket\n"
    "\n"
    "  --feed SOCKET         the daemon's console feed (needed)\n"
    "  --listen HOST:PORT    where consoles connect (127.0.0.1:8080)\n"
    "  --cert FILE --key FILE  serve HTTPS with this certificate chain and key (PEM)\n"
    "  --accounts FILE       who may sign in, written by `watchfire operator`; without it people sign in by name\n"
    "                        alone, and that only at a node in exercise mode\n"
    "  --operators FILE      with --cert and --accounts: operator certificates of this authority (what\n"
    "                        `watchfire pki export` wrote) sign in, too\n"
    "  --idle S              without a sign of the person for S seconds, acting needs a new sign-in (3600)\n"
    "  --rate N              requests a second from one address, ten times as many at once (100)\n"
    "  --replay SOCKET       recordings: `watchfire replay --serve`\n"
    "  --exercise SOCKET     the control of an exercise: `watchfire demo --keep` has one\n"
    "  --cap-dir DIR         released CAP messages, served under /cap/\n"
    "  --peers LIST          other nations' consoles for the switcher: JPN=http://127.0.0.1:8081,USA=http://…\n"
    "  --user NAME           give up root for this user once the port is open\n"
    "  --allow-plain         plain HTTP on other than the loopback address (behind a proxy that does TLS)\n"
    "  --help, --version\n"
    "\n"
    "Without a certificate it serves plain HTTP, on the loopback address only: on one machine nothing is there to\n"
    "listen in between, and a certificate no browser trusts would only teach people to click warnings away.\n"
    "\n"
    "Example: watchfire-gateway --feed /run/watchfire/console.sock --listen 127.0.0.1:8081\n";

static int wrong(const char *text, const char *value) {
  fprintf(stderr, "watchfire-gateway: %s%s%s\n", text, value ? ": " : "", value ? value : "");
  return 2;
}

static bool read_listen(const char *text, wf_gateway_options *out) {
  const char *colon = strrchr(text, ':');
  size_t host = colon ? (size_t)(colon - text) : 0;
  if (!colon || host == 0 || host >= sizeof out->host) return false;
  if (text[0] == '[' && text[host - 1] == ']') text++, host -= 2;
  memcpy(out->host, text, host);
  out->host[host] = 0;
  char *end;
  long port = strtol(colon + 1, &end, 10);
  out->port = (int)port;
  return !*end && end != colon + 1 && port > 0 && port < 65536;
}

static bool is_url(const char *text) {
  if (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0) return false;
  for (; *text; text++)
    if (*text <= ' ' || *text == '"' || *text == '<' || *text == '>' || *text == 0x7f) return false;
  return true;
}

static bool read_peers(const char *text, wf_gateway_options *out) {
  while (*text) {
    const char *equals = strchr(text, '='), *end = strchr(text, ',');
    if (!end) end = text + strlen(text);
    if (!equals || equals > end || out->peer_count == WF_GATEWAY_PEER_MAX) return false;
    wf_gateway_peer *peer = &out->peer[out->peer_count];
    size_t name = (size_t)(equals - text), url = (size_t)(end - equals - 1);
    if (name == 0 || name >= sizeof peer->name || url >= sizeof peer->url) return false;
    memcpy(peer->name, text, name), peer->name[name] = 0;
    memcpy(peer->url, equals + 1, url), peer->url[url] = 0;
    if (!is_url(peer->url)) return false;
    out->peer_count++;
    text = *end ? end + 1 : end;
  }
  return true;
}

static int check(wf_gateway_options *o) {
  o->loopback = strncmp(o->host, "127.", 4) == 0 || strcmp(o->host, "::1") == 0 || strcmp(o->host, "localhost") == 0;
  if (!o->feed) return wrong("--feed is needed; see --help", NULL);
  if (o->operators && (!o->cert || !o->accounts)) return wrong("--operators needs --cert, --key and --accounts", NULL);
  if (!o->cert != !o->key) return wrong("--cert and --key belong together", NULL);
  if (!o->cert && !o->loopback && !o->plain_anywhere)
    return wrong("plain HTTP only on the loopback address: give --cert and --key, or --allow-plain", o->host);
  return 0;
}

int wf_gateway_options_read(int argc, char **argv, wf_gateway_options *out) {
  enum {
    FEED = 1,
    LISTEN,
    CERT,
    KEY,
    CAP,
    PEERS,
    USER,
    PLAIN,
    HELP,
    VERSION,
    REPLAY,
    EXERCISE,
    ACCOUNTS,
    OPERATORS,
    IDLE,
    RATE
  };
  static const struct option list[] = {{"feed", required_argument, NULL, FEED},
                                       {"listen", required_argument, NULL, LISTEN},
                                       {"cert", required_argument, NULL, CERT},
                                       {"key", required_argument, NULL, KEY},
                                       {"cap-dir", required_argument, NULL, CAP},
                                       {"peers", required_argument, NULL, PEERS},
                                       {"user", required_argument, NULL, USER},
                                       {"allow-plain", no_argument, NULL, PLAIN},
                                       {"replay", required_argument, NULL, REPLAY},
                                       {"exercise", required_argument, NULL, EXERCISE},
                                       {"accounts", required_argument, NULL, ACCOUNTS},
                                       {"operators", required_argument, NULL, OPERATORS},
                                       {"idle", required_argument, NULL, IDLE},
                                       {"rate", required_argument, NULL, RATE},
                                       {"help", no_argument, NULL, HELP},
                                       {"version", no_argument, NULL, VERSION},
                                       {NULL, 0, NULL, 0}};
  *out = (wf_gateway_options){.host = "127.0.0.1", .port = 8080, .idle_s = WF_GATEWAY_IDLE_S, .requests_per_s = 100};
  for (int option; (option = getopt_long(argc, argv, "", list, NULL)) != -1;) {
    switch (option) {
      case FEED:
        out->feed = optarg;
        break;
      case LISTEN:
        if (!read_listen(optarg, out)) return wrong("--listen wants HOST:PORT", optarg);
        break;
      case CERT:
        out->cert = optarg;
        break;
      case KEY:
        out->key = optarg;
        break;
      case CAP:
        out->cap_dir = optarg;
        break;
      case PEERS:
        if (!read_peers(optarg, out)) return wrong("--peers wants NATION=URL,NATION=URL", optarg);
        break;
      case USER:
        out->user = optarg;
        break;
      case PLAIN:
        out->plain_anywhere = true;
        break;
      case REPLAY:
        out->replay = optarg;
        break;
      case EXERCISE:
        out->exercise = optarg;
        break;
      case ACCOUNTS:
        out->accounts = optarg;
        break;
      case OPERATORS:
        out->operators = optarg;
        break;
      case IDLE:
        out->idle_s = strtol(optarg, NULL, 10);
        if (out->idle_s < 1 || out->idle_s > WF_GATEWAY_SESSION_S)
          return wrong("--idle wants 1 to 43200 seconds", optarg);
        break;
      case RATE:
        out->requests_per_s = strtod(optarg, NULL);
        if (!(out->requests_per_s >= 1 && out->requests_per_s <= 1e6))
          return wrong("--rate wants 1 to 1000000", optarg);
        break;
      case HELP:
        fputs(help, stdout);
        return 1;
      case VERSION:
        puts("watchfire-gateway " WF_VERSION);
        return 1;
      default:
        return 2;
    }
  }
  if (optind < argc) return wrong("not understood", argv[optind]);
  return check(out);
}
