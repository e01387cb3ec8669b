#include "feed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"

void wf_gateway_feed_init(wf_gateway_feed *feed, wf_gateway_target target, const char *path, wf_gateway_api *api) {
  *feed = (wf_gateway_feed){.path = path, .target = target, .api = api};
  wf_gateway_framer_init(&feed->framer, WF_GATEWAY_MESSAGE_MAX);
}

static wf_gateway_source *source_of(const wf_gateway_feed *feed) {
  return &feed->api->source[feed->target];
}

void wf_gateway_feed_attach(wf_gateway_feed *feed, wf_gateway_server *server) {
  feed->server = server;
}

static void outbox_clear(wf_gateway_feed *feed) {
  for (size_t i = 0; i < feed->outbox_count; i++) wf_gateway_text_unref(feed->outbox[i]);
  feed->outbox_count = feed->outbox_sent = 0;
}

void wf_gateway_feed_free(wf_gateway_feed *feed) {
  outbox_clear(feed);
  wf_gateway_framer_free(&feed->framer);
}

static void set_up(wf_gateway_feed *feed, bool up) {
  wf_gateway_source *source = source_of(feed);
  if (source->up == up) return;
  source->up = up;
  source->since_s = up ? feed->api->now_s : feed->api->now_s - (feed->api->now_ms - source->heard_ms) / 1000;
  lwsl_user("the feed at %s is %s\n", feed->path, up ? "up" : "down");
  if (feed->server) wf_gateway_server_beat(feed->server);
}

// ---- Connecting --------------------------------------------------------------------------------------------------
static int open_socket(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return errno = ENAMETOOLONG, -1;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

static void connect_feed(wf_gateway_feed *feed) {
  feed->retry_at_ms = feed->api->now_ms + WF_GATEWAY_FEED_RETRY_MS;
  int fd = open_socket(feed->path);
  if (fd < 0) {
    if (!feed->complained) lwsl_user("no feed at %s: %s; trying on\n", feed->path, strerror(errno));
    feed->complained = true;
    return;
  }
  lws_sock_file_fd_type descriptor = {.filefd = fd};
  struct lws_vhost *vhost = lws_get_vhost_by_name(wf_gateway_server_context(feed->server), "default");
  feed->wsi = lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, descriptor, "watchfire-feed", NULL);
  if (!feed->wsi) return;  // libwebsockets has closed the descriptor
  lws_set_opaque_user_data(feed->wsi, feed);
  wf_gateway_framer_reset(&feed->framer);
  wf_gateway_state_reconnect(source_of(feed)->state);
  feed->api->counters.feed_connects++;
  feed->complained = false;
  feed->heard = false;
}

// Whoever waits for an answer learns that there will be none; what was done shows in the next snapshot.
static void fail_waiting(wf_gateway_feed *feed) {
  for (size_t i = 0; i < WF_GATEWAY_REQUEST_MAX; i++) {
    wf_gateway_request *request = &feed->api->requests.entry[i];
    if (request->state == WF_GATEWAY_REQUEST_WAITING && wf_gateway_target_of(request->command.kind) == feed->target)
      request->since_ms -= WF_GATEWAY_REQUEST_WAIT_MS;
  }
}

static void lost(wf_gateway_feed *feed) {
  feed->wsi = NULL;
  outbox_clear(feed);
  fail_waiting(feed);
  set_up(feed, false);
}

static void finish(wf_gateway_feed *feed, wf_gateway_request *request) {
  void *waiter = request->waiter;
  wf_gateway_reply reply;
  if (!waiter) return;
  request->waiter = NULL;
  wf_gateway_reply_to_request(feed->api, request, &reply);
  wf_gateway_server_finish(waiter, &reply);
}

static void expire_requests(wf_gateway_feed *feed) {
  wf_gateway_request *request;
  while ((request = wf_gateway_requests_expire(&feed->api->requests, feed->api->now_ms, "timeout")))
    finish(feed, request);
}

void wf_gateway_feed_tick(wf_gateway_feed *feed) {
  if (!feed->wsi && feed->api->now_ms >= feed->retry_at_ms) connect_feed(feed);
  if (feed->api->now_ms - source_of(feed)->heard_ms > WF_GATEWAY_FEED_SILENCE_MS) set_up(feed, false);
  expire_requests(feed);
}

// ---- Reading -----------------------------------------------------------------------------------------------------
static void answered(wf_gateway_feed *feed, const wf_gateway_answer *answer) {
  wf_gateway_request *request = wf_gateway_requests_answer(&feed->api->requests, answer);
  if (request)
    finish(feed, request);
  else
    wf_gateway_text_unref(answer->body);
}

static wf_status take_message(wf_gateway_feed *feed, const char *message, size_t size) {
  wf_gateway_message kind;
  wf_gateway_answer answer;
  feed->api->counters.messages_in++;
  wf_status status = wf_gateway_state_apply(source_of(feed)->state, message, size, &kind, &answer);
  if (status) {
    feed->api->counters.messages_refused++;
    lwsl_warn("the feed sent a message that is refused: %s; connecting again\n", wf_status_name(status));
    return status;
  }
  source_of(feed)->heard_ms = feed->api->now_ms;
  if (kind == WF_GATEWAY_SNAPSHOT) feed->heard = true;
  if (feed->heard) set_up(feed, true);
  if (kind == WF_GATEWAY_ANSWER) answered(feed, &answer);
  return WF_OK;
}

static int read_feed(wf_gateway_feed *feed, int fd) {
  static uint8_t buffer[65536];
  ssize_t got = read(fd, buffer, sizeof buffer);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (got <= 0 || wf_gateway_framer_add(&feed->framer, buffer, (size_t)got)) return -1;
  const char *message;
  size_t size;
  wf_status status;
  while ((status = wf_gateway_framer_next(&feed->framer, &message, &size)) == WF_OK)
    if (take_message(feed, message, size)) return -1;
  wf_gateway_server_wake(feed->server);
  return status == WF_EAGAIN ? 0 : -1;
}

// ---- Writing -----------------------------------------------------------------------------------------------------
bool wf_gateway_feed_send(wf_gateway_feed *feed, const wf_gateway_command *command) {
  if (!feed->wsi || !source_of(feed)->up || feed->outbox_count == WF_GATEWAY_OUTBOX_MAX) return false;
  char *json = wf_gateway_command_text(command);
  wf_gateway_text *text = json ? wf_gateway_text_new(NULL, strlen(json) + 4) : NULL;
  if (text) {
    wf_writer writer = wf_writer_of(text->bytes, text->size);
    wf_write_uint(&writer, strlen(json), 4);
    wf_write_bytes(&writer, json, strlen(json));
    feed->outbox[feed->outbox_count++] = text;
    lws_callback_on_writable(feed->wsi);
  }
  free(json);
  return text != NULL;
}

static int write_feed(wf_gateway_feed *feed, int fd) {
  if (feed->outbox_count == 0) return 0;
  wf_gateway_text *first = feed->outbox[0];
  ssize_t put = send(fd, first->bytes + feed->outbox_sent, first->size - feed->outbox_sent, MSG_NOSIGNAL);
  if (put < 0 && errno != EAGAIN && errno != EINTR) return -1;
  if (put > 0) feed->outbox_sent += (size_t)put;
  if (feed->outbox_sent == first->size) {
    wf_gateway_text_unref(first);
    memmove(feed->outbox, feed->outbox + 1, --feed->outbox_count * sizeof *feed->outbox);
    feed->outbox_sent = 0;
  }
  if (feed->outbox_count) lws_callback_on_writable(feed->wsi);
  return 0;
}

int wf_gateway_feed_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size) {
  wf_gateway_feed *feed = wsi ? lws_get_opaque_user_data(wsi) : NULL;
  if (!feed) return 0;
  int fd = (int)lws_get_socket_fd(wsi);
  switch (reason) {
    case LWS_CALLBACK_RAW_RX_FILE:
      return read_feed(feed, fd);
    case LWS_CALLBACK_RAW_WRITEABLE_FILE:
      return write_feed(feed, fd);
    case LWS_CALLBACK_RAW_CLOSE_FILE:
      lost(feed);
      return 0;
    default:
      return 0;
  }
}
