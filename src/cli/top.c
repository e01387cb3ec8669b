// watchfire top: the console's list for those without a browser: events by urgency with their countdown, proposals,
// links, sensors, alarms. One write a frame, over what was there, so that nothing flickers over a slow line.
#include <getopt.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/time.h"
#include "cli.h"
#include "status_fetch.h"

static const char HELP[] =
    "Usage: watchfire top [--node SOCKET|URL] [--once] [--interval S]\n"
    "\n"
    "The same list as the console's, live in a terminal: events by urgency with the time to impact, proposals that "
    "wait\n"
    "for a person, partner links, sensors, alarms nobody has acknowledged. q ends it.\n"
    "\n"
    "  --node       the node's console feed (a Unix socket) or its gateway (http://host:port, where reading needs no\n"
    "               session); default: $WATCHFIRE_NODE, else /run/watchfire/feed.sock\n"
    "  --once       one look, as plain text, for pipes and scripts\n"
    "  --interval   seconds between looks (1)\n"
    "\n"
    "Exit status: 0 done; 2 usage, or with --once the node cannot be asked.\n"
    "\n"
    "Example:\n"
    "  watchfire top --node http://127.0.0.1:8080\n";

#define DEFAULT_NODE "/run/watchfire/feed.sock"
#define TIMEOUT_S 2.0
enum { FRAME_MAX = 64 * 1024, EVENTS_MAX = 256 };

typedef enum look { PLAIN, HEAD, URGENT, DIM } look;

typedef struct frame {
  char text[FRAME_MAX];
  size_t size;
  int lines, rows, columns;
  bool colour;
} frame;

// ---- Drawing -------------------------------------------------------------------------------------------------------
static void put(frame *f, const char *text, size_t size) {
  if (f->size + size >= sizeof f->text) return;
  memcpy(f->text + f->size, text, size);
  f->size += size;
}

// As many columns as there are; East Asian characters take two.
static size_t fitting(const char *text, int columns) {
  size_t at = 0;
  while (text[at] != '\0') {
    const unsigned char c = (unsigned char)text[at];
    const size_t bytes = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    const int width = bytes >= 3 && c >= 0xE3 ? 2 : 1;
    for (size_t i = 1; i < bytes; i++)
      if (text[at + i] == '\0') return at;
    if ((columns -= width) < 0) break;
    at += bytes;
  }
  return at;
}

__attribute__((format(printf, 3, 4))) static void line(frame *f, look how, const char *format, ...) {
  static const char *const ON[] = {"", "\033[1m", "\033[1;7m", "\033[2m"};
  char text[512];
  va_list arguments;
  if (f->rows > 0 && f->lines >= f->rows) return;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (f->lines++ > 0) put(f, "\n", 1);
  if (f->colour) put(f, ON[how], strlen(ON[how]));
  put(f, text, f->columns > 0 ? fitting(text, f->columns) : strlen(text));
  if (f->colour) put(f, "\033[0m\033[K", 7);
}

// ---- Reading -------------------------------------------------------------------------------------------------------
static const char *text_of(const json_t *o, const char *key) {
  const char *text = json_string_value(json_object_get(o, key));
  return text != NULL ? text : "";
}

static double number_of(const json_t *o, const char *key) {
  const json_t *value = json_object_get(o, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool time_of(const json_t *o, const char *key, wf_time *out) {
  const char *text = json_string_value(json_object_get(o, key));
  return text != NULL && wf_time_parse(text, out) == WF_OK;
}

typedef struct event {
  const json_t *track;
  int rank;       // 0 falls soonest … 3 is over
  double left_s;  // to the impact
} event;

// The rules of docs/console.md, in order.
static const char *sureness(const json_t *track) {
  const char *life = text_of(track, "life");
  const json_t *sources = json_object_get(track, "sources"), *source;
  bool infrared = false, radar = false;
  if (strcmp(life, "ended") == 0 || strcmp(life, "failed") == 0) return "flight over";
  if (strcmp(life, "lost") == 0) return "TRACK LOST";
  if (strcmp(life, "tentative") == 0) return "possible";
  for (size_t i = 0; (source = json_array_get(sources, i)) != NULL; i++) {
    infrared = infrared || strcmp(json_string_value(source), "infrared") == 0;
    radar = radar || strcmp(json_string_value(source), "radar") == 0;
  }
  return (infrared && radar) || json_array_size(json_object_get(track, "contributors")) > 1 ? "confirmed" : "probable";
}

static int more_urgent(const void *a, const void *b) {
  const event *x = a, *y = b;
  if (x->rank != y->rank) return x->rank - y->rank;
  return x->left_s < y->left_s ? -1 : x->left_s > y->left_s;
}

static size_t events_of(const json_t *state, wf_time now, event out[EVENTS_MAX]) {
  json_t *track;
  size_t i, count = 0;
  json_array_foreach(json_object_get(state, "tracks"), i, track) {
    wf_time impact;
    if (count == EVENTS_MAX) break;
    event *e = &out[count++];
    *e = (event){track, 1, 0};
    const char *life = text_of(track, "life");
    if (strcmp(life, "ended") == 0 || strcmp(life, "failed") == 0) {
      e->rank = 3;
    } else if (time_of(json_object_get(track, "impact"), "time", &impact)) {
      e->left_s = wf_time_diff_s(impact, now);
      e->rank = e->left_s >= 0 ? 0 : 2;
    }
  }
  qsort(out, count, sizeof *out, more_urgent);
  return count;
}

// ---- Parts ---------------------------------------------------------------------------------------------------------
static void show_head(frame *f, const json_t *node, const char *why) {
  char mode[16];
  snprintf(mode, sizeof mode, "%s", text_of(node, "mode"));
  for (char *c = mode; *c != '\0'; c++)
    if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
  line(f, URGENT, " %s   %s   %s   x%g %s", mode, text_of(node, "nation"), text_of(node, "time"),
       number_of(node, "rate"), json_is_true(json_object_get(node, "durable")) ? "" : "  NOT DURABLE");
  if (why[0] != '\0') line(f, URGENT, " NO DATA: %s. What is below is old.", why);
}

static void countdown(const event *e, char out[64]) {
  const double sigma_s = number_of(json_object_get(e->track, "impact"), "time_sigma_s");
  if (e->rank == 1 || e->rank == 3) {
    snprintf(out, 64, "%s", e->rank == 3 ? "-" : "no prediction");
    return;
  }
  const long left = lround(fabs(e->left_s));
  snprintf(out, 64, "%s%ld:%02ld +-%.0f s", e->left_s < 0 ? "passed " : "", left / 60, left % 60, sigma_s);
}

static void show_event(frame *f, const event *e, wf_time now) {
  const json_t *impact = json_object_get(e->track, "impact"), *area = json_object_get(impact, "area");
  char when[64], where[64] = "", nations[40] = "";
  json_t *contributor;
  wf_time at;
  size_t i;
  countdown(e, when);
  if (json_is_object(area))
    snprintf(where, sizeof where, "%7.2f %7.2f  %6.1f km", number_of(area, "lat_deg"), number_of(area, "lon_deg"),
             1e-3 * number_of(area, "semi_major_95_m"));
  json_array_foreach(json_object_get(e->track, "contributors"), i, contributor)
      snprintf(nations + strlen(nations), sizeof nations - strlen(nations), "%s%.3s", i > 0 ? " " : "",
               text_of(contributor, "nation"));
  const double age_s = time_of(e->track, "last_update", &at) ? wf_time_diff_s(now, at) : NAN;
  line(f,
       e->rank == 0   ? HEAD
       : e->rank == 3 ? DIM
                      : PLAIN,
       "%-6s  %-11s  %-8s  %-18s  %-27s  %-15s  %5.1f s", text_of(e->track, "label"), sureness(e->track),
       text_of(e->track, "phase"), when, where, nations, age_s);
}

static void show_events(frame *f, const json_t *state, wf_time now) {
  static event events[EVENTS_MAX];
  const size_t count = events_of(state, now, events), most = f->rows > 0 ? (size_t)f->rows / 2 : count;
  line(f, PLAIN, "%s", "");
  line(f, HEAD, "%-6s  %-11s  %-8s  %-18s  %-27s  %-15s  %s", "EVENT", "SURENESS", "PHASE", "TIME TO IMPACT",
       "    LAT     LON   95% AREA", "SEEN BY", "AGE");
  for (size_t i = 0; i < count && i < most; i++) show_event(f, &events[i], now);
  if (count > most) line(f, PLAIN, "and %zu less urgent", count - most);
  if (count == 0) line(f, PLAIN, "no event: the sensors below see nothing that flies");
}

static void show_products(frame *f, const json_t *state) {
  json_t *p;
  size_t i, open = 0;
  json_array_foreach(json_object_get(state, "products"), i, p) {
    const char *status = text_of(p, "state");
    if (strcmp(status, "proposed") != 0 && strcmp(status, "first_confirmed") != 0) continue;
    if (open++ == 0) line(f, PLAIN, "%s", "");
    line(f, URGENT, " %s for %s: %s%s", text_of(p, "stage"), text_of(p, "label"),
         strcmp(status, "proposed") == 0 ? "two people are asked" : "one more person is asked, after ",
         text_of(p, "first_operator"));
  }
}

static void show_links(frame *f, const json_t *state, wf_time now) {
  json_t *l;
  wf_time at;
  size_t i;
  line(f, PLAIN, "%s", "");
  line(f, HEAD, "%-6s  %-9s  %8s  %9s  %9s  %8s  %s", "LINK", "STATE", "TRIP ms", "CLOCK ms", "HEARD", "BACKFILL",
       "PICTURE");
  json_array_foreach(json_object_get(state, "links"), i, l) {
    const json_t *up = json_object_get(l, "up");
    const int lanes = json_is_true(json_array_get(up, 0)) + json_is_true(json_array_get(up, 1));
    const double heard_s = time_of(l, "last_heard", &at) ? wf_time_diff_s(now, at) : NAN;
    const bool active = strcmp(text_of(l, "membership"), "active") == 0;
    line(f, lanes < 2 && active ? URGENT : PLAIN, "%-6s  %-9s  %8.2f  %9.2f  %7.1f s  %8.0f  %s", text_of(l, "nation"),
         !active      ? text_of(l, "membership")
         : lanes == 2 ? "up"
         : lanes == 1 ? "HALF"
                      : "DOWN",
         number_of(l, "round_trip_ms"), number_of(l, "clock_offset_ms"), heard_s, number_of(l, "backfill_left"),
         text_of(l, "digest"));
  }
}

static void show_sensors(frame *f, const json_t *state, wf_time now) {
  json_t *s;
  wf_time at;
  size_t i;
  line(f, PLAIN, "%s", "");
  line(f, HEAD, "%-16s  %-9s  %-9s  %9s  %9s  %9s", "SENSOR", "KIND", "STATE", "HEARD", "PLOTS", "REJECTED");
  json_array_foreach(json_object_get(state, "sensors"), i, s) {
    const double heard_s = time_of(s, "last_heard", &at) ? wf_time_diff_s(now, at) : NAN;
    line(f, strcmp(text_of(s, "state"), "alive") == 0 ? PLAIN : URGENT, "%-16s  %-9s  %-9s  %7.1f s  %9.0f  %9.0f",
         text_of(s, "name"), text_of(s, "kind"), text_of(s, "state"), heard_s, number_of(s, "plots"),
         number_of(s, "rejected"));
  }
}

static void show_alarms(frame *f, const json_t *state) {
  json_t *a;
  size_t i, open = 0;
  json_array_foreach(json_object_get(state, "alarms"), i, a) {
    if (json_is_true(json_object_get(a, "acknowledged"))) continue;
    if (open++ == 0) {
      line(f, PLAIN, "%s", "");
      line(f, HEAD, "ALARMS nobody has acknowledged");
    }
    line(f, PLAIN, "%.19s  %-16s %-3s  %s (%.0f times)", text_of(a, "time"), text_of(a, "kind"), text_of(a, "nation"),
         text_of(a, "text"), number_of(a, "count"));
  }
}

static void show(frame *f, const json_t *state, const char *why) {
  const json_t *node = json_object_get(state, "node");
  wf_time now = {0};
  f->size = 0;
  f->lines = 0;
  if (state == NULL) {  // never an empty list that looks like calm
    line(f, URGENT, " NO DATA: %s. Nothing was ever heard from this node.", why);
    return;
  }
  if (!time_of(node, "time", &now)) now.ns = 0;
  show_head(f, node, why);
  show_events(f, state, now);
  show_products(f, state);
  show_links(f, state, now);
  show_sensors(f, state, now);
  show_alarms(f, state);
}

// ---- The terminal --------------------------------------------------------------------------------------------------
static volatile sig_atomic_t ended;
static void on_signal(int number) {
  if (number != SIGWINCH) ended = 1;
}

static void write_all(const char *text, size_t size) {
  for (size_t at = 0; at < size;) {
    const ssize_t put_now = write(STDOUT_FILENO, text + at, size - at);
    if (put_now <= 0) return;
    at += (size_t)put_now;
  }
}

static void draw(frame *f) {
  static char out[FRAME_MAX + 64];
  const int head = snprintf(out, sizeof out, "\033[H");
  memcpy(out + head, f->text, f->size);
  memcpy(out + head + f->size, "\033[J", 3);
  write_all(out, (size_t)head + f->size + 3);
}

static void measure(frame *f) {
  struct winsize size;
  f->rows = f->columns = 0;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return;
  f->rows = size.ws_row;
  f->columns = size.ws_col;
}

// True when q was pressed.
static bool wait_for_key(double seconds) {
  struct pollfd in = {STDIN_FILENO, POLLIN, 0};
  char key;
  if (poll(&in, 1, (int)(1000 * seconds)) <= 0) return false;
  return read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q' || key == 3;
}

static void watch(const char *node, double interval_s) {
  static frame f = {.colour = true};
  static const char IN[] = "\033[?1049h\033[?25l", OUT[] = "\033[?25h\033[?1049l";
  struct termios before, raw;
  const bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
  json_t *state = NULL;
  char why[160] = "";
  if (terminal) {
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  write_all(IN, sizeof IN - 1);
  do {
    json_t *fresh = wf_cli_fetch_state(node, TIMEOUT_S, why, sizeof why);
    if (fresh != NULL) {
      json_decref(state);
      state = fresh;
      why[0] = '\0';
    }
    measure(&f);
    show(&f, state, why);
    draw(&f);
  } while (!ended && !wait_for_key(interval_s) && !ended);
  write_all(OUT, sizeof OUT - 1);
  if (terminal) tcsetattr(STDIN_FILENO, TCSANOW, &before);
  json_decref(state);
}

static int look_once(const char *node) {
  static frame f;
  char why[160];
  json_t *state = wf_cli_fetch_state(node, TIMEOUT_S, why, sizeof why);
  if (state == NULL) {
    fprintf(stderr, "watchfire top: %s: %s\n", node, why);
    return WF_CLI_USAGE;
  }
  show(&f, state, "");
  fwrite(f.text, 1, f.size, stdout);
  putchar('\n');
  json_decref(state);
  return WF_CLI_OK;
}

int wf_cli_top(int argc, char **argv) {
  static const struct option LONG[] = {
      {"node", 1, NULL, 'n'}, {"once", 0, NULL, 'o'}, {"interval", 1, NULL, 'i'}, {"help", 0, NULL, 'h'}, {0}};
  const char *node = getenv("WATCHFIRE_NODE");
  double interval_s = 1;
  bool once = false;
  for (int letter; (letter = getopt_long(argc, argv, "h", LONG, NULL)) != -1;) {
    if (letter == 'h') {
      fputs(HELP, stdout);
      return WF_CLI_OK;
    }
    if (letter == 'n')
      node = optarg;
    else if (letter == 'o')
      once = true;
    else if (letter == 'i')
      interval_s = strtod(optarg, NULL);
    else
      return wf_cli_usage_error("top", "see above");
  }
  if (optind < argc) return wf_cli_usage_error("top", "unexpected argument '%s'", argv[optind]);
  if (!(interval_s >= 0.1 && interval_s <= 3600))
    return wf_cli_usage_error("top", "--interval wants 0.1 to 3600 seconds");
  if (node == NULL || node[0] == '\0') node = DEFAULT_NODE;
  if (once) return look_once(node);
  if (!isatty(STDOUT_FILENO)) return wf_cli_usage_error("top", "this is no terminal: --once for pipes");
  const struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGWINCH, &action, NULL);
  watch(node, interval_s);
  return WF_CLI_OK;
}
