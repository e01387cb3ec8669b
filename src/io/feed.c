#include "io/feed.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/fmath.h"
#include "io/frames.h"
#include "wire/codec.h"

enum {
  REFRESH_MS = 100,
  IDLE_TURNS = 10,  // without a client only every tenth refresh: the flown arcs go on
  COMMAND_MAX = 16 * 1024,
  BACKLOG_MAX = 256 * 1024,  // unsent answers of a client that does not read
  ANSWERS_MAX = 64,          // remembered, so that a command sent twice is done once
  REQUEST_SIZE = 80,
};

typedef struct message {  // shared by the writes of all clients
  unsigned refs;
  size_t size;
  uint8_t bytes[];
} message;

typedef struct client {
  wf_feed *feed;
  struct client *next;
  uv_pipe_t pipe;
  uint64_t id;
  bool closing, stale;  // stale: needs a snapshot before any delta
  size_t in_used;
  uint8_t in[4 + COMMAND_MAX];
} client;

typedef struct write_job {
  uv_write_t request;
  message *message;
} write_job;

typedef struct answer {
  char request[REQUEST_SIZE];
  wf_status status;
  char text[96];
} answer;

struct wf_feed {
  wf_feed_config config;
  char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
  wf_feed_state *state;
  uv_pipe_t listener;
  uv_timer_t timer;
  unsigned handles, turn;
  bool closing;
  client *clients;
  uint64_t client_ids;
  answer answers[ANSWERS_MAX];
  size_t answers_next;
  wf_feed_stats stats;
};

// ---- Messages out -------------------------------------------------------------------------------------------------
static message *message_of(json_t *json) {
  message *m = NULL;
  const size_t size = json == NULL ? 0 : json_dumpb(json, NULL, 0, JSON_COMPACT | JSON_REAL_PRECISION(12));
  if (size > 0) m = malloc(sizeof *m + 4 + size);
  if (m != NULL) {
    wf_writer w = wf_writer_of(m->bytes, 4);
    wf_write_uint(&w, size, 4);
    m->refs = 1;
    m->size = 4 + size;
    json_dumpb(json, (char *)m->bytes + 4, size, JSON_COMPACT | JSON_REAL_PRECISION(12));
  }
  json_decref(json);
  return m;
}

static void message_drop(message *m) {
  if (m != NULL && --m->refs == 0) free(m);
}

static void freed(wf_feed *feed) {
  if (--feed->handles > 0 || !feed->closing) return;
  wf_feed_state_free(feed->state);
  free(feed);
}

static void on_client_closed(uv_handle_t *handle) {
  client *c = handle->data;
  wf_feed *feed = c->feed;
  free(c);
  freed(feed);
}

static void client_close(client *c) {
  if (c->closing) return;
  c->closing = true;
  for (client **at = &c->feed->clients; *at != NULL; at = &(*at)->next)
    if (*at == c) {
      *at = c->next;
      break;
    }
  c->feed->stats.clients--;
  uv_close((uv_handle_t *)&c->pipe, on_client_closed);
}

static void on_written(uv_write_t *request, int status) {
  write_job *job = request->data;
  client *c = request->handle->data;
  message_drop(job->message);
  free(job);
  if (status != 0) client_close(c);
}

static void client_send(client *c, message *m) {
  write_job *job = malloc(sizeof *job);
  if (job == NULL) {
    client_close(c);
    return;
  }
  uv_buf_t buffer = uv_buf_init((char *)m->bytes, (unsigned)m->size);
  job->message = m;
  job->request.data = job;
  m->refs++;
  c->feed->stats.bytes += m->size;
  if (uv_write(&job->request, (uv_stream_t *)&c->pipe, &buffer, 1, on_written) == 0) return;
  message_drop(m);
  free(job);
  client_close(c);
}

static void send_state(wf_feed *feed) {
  message *delta = message_of(wf_feed_state_delta(feed->state)), *snapshot = NULL;
  for (client *c = feed->clients, *next; c != NULL; c = next) {
    next = c->next;
    if (uv_stream_get_write_queue_size((uv_stream_t *)&c->pipe) > 0) {
      c->stale = true;
      feed->stats.skipped++;
    } else if (c->stale) {
      if (snapshot == NULL) snapshot = message_of(wf_feed_state_snapshot(feed->state));
      c->stale = snapshot == NULL;
      feed->stats.snapshots++;
      if (snapshot != NULL) client_send(c, snapshot);
    } else if (delta != NULL) {
      feed->stats.deltas++;
      client_send(c, delta);
    }
  }
  message_drop(delta);
  message_drop(snapshot);
}

static void on_refresh(uv_timer_t *timer) {
  wf_feed *feed = timer->data;
  if (feed->clients == NULL && feed->turn++ % IDLE_TURNS != 0) return;
  wf_feed_state_driver(feed->state, feed->config.driver(feed->config.context));
  json_t *extra = feed->config.extra != NULL ? feed->config.extra(feed->config.context) : NULL;
  const wf_feed_look look = {feed->config.node, feed->config.rate, feed->config.version, feed->config.mode, extra};
  if (wf_feed_state_refresh(feed->state, &look)) send_state(feed);
  json_decref(extra);
}

// ---- Commands in --------------------------------------------------------------------------------------------------
static void answer_to(client *c, const char *request, wf_status status, const char *text) {
  message *m = message_of(json_pack("{s:s,s:s,s:s,s:s}", "type", "answer", "request", request, "status",
                                    wf_status_name(status), "text", text));
  if (m == NULL || uv_stream_get_write_queue_size((uv_stream_t *)&c->pipe) > BACKLOG_MAX)
    client_close(c);
  else
    client_send(c, m);
  message_drop(m);
}

static const char *decide(wf_feed *feed, const json_t *command, const wf_feed_person *by, wf_status *status) {
  const char *product = json_string_value(json_object_get(command, "product")),
             *word = json_string_value(json_object_get(command, "decision"));
  const char *reason = json_string_value(json_object_get(command, "reason"));
  char *end = NULL;
  const uint64_t id = product != NULL ? strtoull(product, &end, 16) : 0;
  const wf_decision decision = word != NULL ? wf_decision_parse(word) : 0;
  *status = WF_EINVAL;
  if (product == NULL || end == product || *end != '\0') return "product is not a product's number";
  if (decision == 0) return "decision is not confirm, withdraw, correct, cancel or keep";
  *status = feed->config.decide(feed->config.context, id, decision, by, reason != NULL ? reason : "");
  switch (*status) {
    case WF_OK:
      return "done";
    case WF_EDENIED:
      return "denied: the same person, the role, or the product's state";
    case WF_ENOTFOUND:
      return "no such product";
    case WF_EEXIST:
      return "already released or withdrawn";
    default:
      return "refused";
  }
}

static const char *acknowledge(wf_feed *feed, const json_t *command, const wf_feed_person *by, wf_status *status) {
  const json_t *alarm = json_object_get(command, "alarm");
  const uint64_t id = (uint64_t)json_integer_value(alarm);
  *status = json_is_integer(alarm) ? wf_feed_state_acknowledge(feed->state, id) : WF_EINVAL;
  if (json_is_integer(alarm) && feed->config.acknowledged != NULL)
    feed->config.acknowledged(feed->config.context, id, by, *status);
  return *status == WF_OK ? "done" : *status == WF_ENOTFOUND ? "no such alarm" : "alarm is not a number";
}

static double number_or(const json_t *command, const char *key, double otherwise) {
  const json_t *value = json_object_get(command, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

static bool read_launch(const json_t *command, wf_launch_report *out) {
  const char *time = json_string_value(json_object_get(command, "time")),
             *number = json_string_value(json_object_get(command, "number"));
  const double lat = number_or(command, "lat_deg", NAN), lon = number_or(command, "lon_deg", NAN);
  const double radius_m = number_or(command, "radius_m", NAN);
  *out = (wf_launch_report){.number = number != NULL ? strtoull(number, NULL, 16) : 0};
  out->launch.valid = true;
  out->launch.time_sigma_s = number_or(command, "time_sigma_s", 60.0);
  out->launch.area = (wf_ground_ellipse){lat * WF_DEG, lon * WF_DEG, radius_m, radius_m, 0.0};
  return time != NULL && wf_time_parse(time, &out->launch.time) == WF_OK && lat >= -90 && lat <= 90 && lon >= -180 &&
         lon <= 180 && radius_m >= 100 && radius_m <= 1e6 && out->launch.time_sigma_s >= 0;
}

static const char *told_text(wf_status status) {
  switch (status) {
    case WF_OK:
      return "done";
    case WF_EDENIED:
      return "denied: this person may not report";
    case WF_EFULL:
      return "refused: more is held already than can be";
    default:
      return "refused: the time, or numbers that cannot be; see the alarms";
  }
}

// By word of mouth.
static const char *report(wf_feed *feed, const json_t *command, const char *person, wf_status *status) {
  wf_launch_report launch;
  uint8_t bytes[512];
  size_t length = 0;
  *status = WF_EINVAL;
  if (!read_launch(command, &launch)) return "a report needs lat_deg, lon_deg, radius_m (100 m to 1,000 km) and time";
  const wf_sensor_report r = {.mode = wf_node_mode(feed->config.node),
                              .sensor = "voice",
                              .time = feed->config.now(feed->config.context),
                              .launches = &launch,
                              .launch_count = 1};
  if (wf_wire_encode_sensor_report(&r, bytes, sizeof bytes, &length) != WF_OK) return "refused: cannot be said";
  *status = feed->config.told(feed->config.context, (wf_bytes){bytes, length}, person);
  return told_text(*status);
}

// A sensor's report as it would come over the network, in hexadecimal.
static const char *tell(wf_feed *feed, const json_t *command, wf_status *status) {
  static uint8_t bytes[COMMAND_MAX / 2];
  const char *hex = json_string_value(json_object_get(command, "report"));
  size_t size = 0;
  *status = WF_EINVAL;
  if (hex == NULL || sodium_hex2bin(bytes, sizeof bytes, hex, strlen(hex), NULL, &size, NULL) != 0 || size == 0)
    return "report is not hexadecimal";
  *status = feed->config.told(feed->config.context, (wf_bytes){bytes, size}, NULL);
  return told_text(*status);
}

static const char *notice(wf_feed *feed, const json_t *command, const char *person, char why[96], wf_status *status) {
  const char *text = json_string_value(json_object_get(command, "text"));
  *status = WF_EINVAL;
  if (text == NULL || feed->config.notice == NULL) return "text is needed";
  *status = feed->config.notice(feed->config.context, text, person, why);
  if (*status == WF_OK) return "proposed";
  if (*status == WF_EDENIED) return "denied: the role";
  return *status == WF_EEXIST ? "told already" : why[0] != '\0' ? why : "refused";
}

static const char *text_of(const json_t *command, const char *key) {
  const char *text = json_string_value(json_object_get(command, key));
  return text != NULL ? text : "";
}

// What is meant for a node of another mode is not done here: live sessions do not act on exercises, nor the other way.
static bool mode_fits(const wf_feed *feed, const json_t *command) {
  const char *meant = text_of(command, "mode"), *own = feed->config.mode;
  if (own == NULL && feed->config.node != NULL) own = wf_mode_name(wf_node_mode(feed->config.node));
  return meant[0] == '\0' || own == NULL || strcmp(meant, own) == 0;
}

static const char *carry_out(wf_feed *feed, const json_t *command, char why[96], wf_status *status) {
  const char *name = text_of(command, "command");
  const wf_feed_person by = {text_of(command, "person"), text_of(command, "role")};
  *status = WF_EINVAL;
  if (by.name[0] == '\0' || strlen(by.name) >= WF_OPERATOR_SIZE) return "person is needed, at most 31 bytes";
  if (!mode_fits(feed, command)) {
    *status = WF_EMODE;
    return "this node is in another mode than the session: nothing was done";
  }
  if (strcmp(name, "decide") == 0) return decide(feed, command, &by, status);
  if (strcmp(name, "acknowledge") == 0) return acknowledge(feed, command, &by, status);
  if (strcmp(name, "notice") == 0) return notice(feed, command, by.name, why, status);
  if (feed->config.told == NULL) return "no such command";
  return strcmp(name, "report") == 0 ? report(feed, command, by.name, status) : tell(feed, command, status);
}

static const answer *find_answer(const wf_feed *feed, const char *request) {
  for (size_t i = 0; i < ANSWERS_MAX; i++)
    if (strcmp(feed->answers[i].request, request) == 0) return &feed->answers[i];
  return NULL;
}

static bool is_own(const json_t *command) {
  const char *name = text_of(command, "command");
  static const char *const OWN[] = {"decide", "acknowledge", "report", "tell", "notice"};
  for (size_t i = 0; i < sizeof OWN / sizeof OWN[0]; i++)
    if (strcmp(name, OWN[i]) == 0) return true;
  return false;
}

static void ask_other(client *c, const json_t *command, const char *request) {
  wf_feed *feed = c->feed;
  wf_feed_question question = {.client = c->id};
  snprintf(question.request, sizeof question.request, "%s", request);
  feed->stats.commands++;
  if (feed->config.other == NULL || !feed->config.other(feed->config.context, &question, command))
    answer_to(c, request, WF_EINVAL, "no such command");
}

static void take_command(client *c, const char *text, size_t size) {
  wf_feed *feed = c->feed;
  json_t *command = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
  const char *request = json_string_value(json_object_get(command, "request"));
  if (request == NULL || request[0] == '\0' || strlen(request) >= REQUEST_SIZE) {
    feed->stats.refused++;
    answer_to(c, "", WF_EFORMAT, "not a command with a request key");
    json_decref(command);
    return;
  }
  if (!is_own(command)) {
    ask_other(c, command, request);
    json_decref(command);
    return;
  }
  const answer *known = find_answer(feed, request);
  if (known == NULL) {
    answer *a = &feed->answers[feed->answers_next++ % ANSWERS_MAX];
    snprintf(a->request, sizeof a->request, "%s", request);
    char why[96] = "";
    snprintf(a->text, sizeof a->text, "%s", carry_out(feed, command, why, &a->status));
    feed->stats.commands++;
    known = a;
  }
  answer_to(c, request, known->status, known->text);
  json_decref(command);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
  client *c = handle->data;
  *out = uv_buf_init((char *)c->in + c->in_used, (unsigned)(sizeof c->in - c->in_used));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer) {
  client *c = stream->data;
  if (got < 0) {
    client_close(c);
    return;
  }
  c->in_used += (size_t)got;
  size_t at = 0;
  wf_bytes frame;
  wf_status status;
  while ((status = wf_frames_next((wf_bytes){c->in, c->in_used}, COMMAND_MAX, &at, &frame)) == WF_OK && !c->closing)
    take_command(c, (const char *)frame.data, frame.size);
  if (status == WF_EINVAL) {
    c->feed->stats.refused++;
    client_close(c);
    return;
  }
  c->in_used -= at;
  memmove(c->in, c->in + at, c->in_used);
}

// ---- Life ---------------------------------------------------------------------------------------------------------
static void on_client(uv_stream_t *listener, int status) {
  wf_feed *feed = listener->data;
  client *c = status == 0 ? calloc(1, sizeof *c) : NULL;
  if (c == NULL) return;
  uv_pipe_init(feed->config.loop, &c->pipe, 0);
  feed->handles++;
  c->feed = feed;
  c->id = ++feed->client_ids;
  c->pipe.data = c;
  c->stale = true;
  c->next = feed->clients;
  feed->clients = c;
  feed->stats.clients++;
  if (uv_accept(listener, (uv_stream_t *)&c->pipe) != 0 || feed->stats.clients > feed->config.clients_max) {
    feed->stats.refused++;
    client_close(c);
    return;
  }
  uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
}

// A socket file that nobody answers is left over from a node that was killed.
static wf_status clear_stale(const char *path, char reason[WF_IO_REASON_SIZE]) {
  struct stat s;
  if (lstat(path, &s) != 0) return WF_OK;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool answered = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
  if (fd >= 0) close(fd);
  if (S_ISSOCK(s.st_mode) && !answered && unlink(path) == 0) return WF_OK;
  snprintf(reason, WF_IO_REASON_SIZE, "feed %.250s: %s", path,
           answered ? "another process serves it" : "is there and is not a socket left over");
  return WF_EEXIST;
}

static wf_status start(wf_feed *feed, char reason[WF_IO_REASON_SIZE]) {
  wf_status status = clear_stale(feed->path, reason);
  if (status != WF_OK) return status;
  int code = uv_pipe_bind(&feed->listener, feed->path);
  if (code == 0 && chmod(feed->path, 0660) != 0) code = -errno;
  if (code == 0) code = uv_listen((uv_stream_t *)&feed->listener, 16, on_client);
  if (code == 0) return WF_OK;
  snprintf(reason, WF_IO_REASON_SIZE, "feed %.250s: %s", feed->path, uv_strerror(code));
  return WF_EIO;
}

wf_status wf_feed_open(const wf_feed_config *config, wf_feed **out, char reason[WF_IO_REASON_SIZE]) {
  wf_feed *feed = calloc(1, sizeof *feed);
  if (feed == NULL) return WF_ENOMEM;
  feed->config = *config;
  snprintf(feed->path, sizeof feed->path, "%s", config->path);
  feed->state = wf_feed_state_new();
  uv_pipe_init(config->loop, &feed->listener, 0);
  uv_timer_init(config->loop, &feed->timer);
  feed->listener.data = feed->timer.data = feed;
  feed->handles = 2;
  const wf_status status = feed->state == NULL ? WF_ENOMEM : start(feed, reason);
  if (status != WF_OK) {
    wf_feed_close(feed);
    return status;
  }
  uv_timer_start(&feed->timer, on_refresh, 0, REFRESH_MS);
  *out = feed;
  return WF_OK;
}

static void on_handle_closed(uv_handle_t *handle) {
  freed(handle->data);
}

void wf_feed_close(wf_feed *feed) {
  feed->closing = true;
  while (feed->clients != NULL) client_close(feed->clients);
  uv_close((uv_handle_t *)&feed->timer, on_handle_closed);
  uv_close((uv_handle_t *)&feed->listener, on_handle_closed);  // also removes the socket file
}

void wf_feed_show(wf_feed *feed, const wf_node *node, double rate) {
  if (node != feed->config.node) wf_feed_state_restart(feed->state);
  feed->config.node = node;
  feed->config.rate = rate;
}

void wf_feed_answer(wf_feed *feed, const wf_feed_question *question, wf_status status, const char *text, json_t *body) {
  client *c = feed->clients;
  while (c != NULL && c->id != question->client) c = c->next;
  json_t *json = c == NULL ? NULL
                           : json_pack("{s:s,s:s,s:s,s:s,s:O*}", "type", "answer", "request", question->request,
                                       "status", wf_status_name(status), "text", text, "body", body);
  message *m = c != NULL ? message_of(json) : NULL;
  if (m != NULL) client_send(c, m);
  message_drop(m);
  json_decref(body);
}

void wf_feed_alarm(wf_feed *feed, wf_alarm_kind kind, wf_nation nation, const char *text) {
  wf_feed_state_alarm(feed->state, feed->config.now(feed->config.context), kind, nation, text);
}

void wf_feed_stats_get(const wf_feed *feed, wf_feed_stats *out) {
  *out = feed->stats;
}
