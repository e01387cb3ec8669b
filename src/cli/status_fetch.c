#include "status_fetch.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { MESSAGE_MAX = 16 << 20 };

static void set_timeout(int fd, double timeout_s) {
  const struct timeval t = {(time_t)timeout_s, (suseconds_t)((timeout_s - (double)(time_t)timeout_s) * 1e6)};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

static int connect_unix(const char *path, double timeout_s, char *why, size_t why_size) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    snprintf(why, why_size, "the socket's path is too long");
    return -1;
  }
  strcpy(address.sun_path, path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) set_timeout(fd, timeout_s);
  if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) return fd;
  snprintf(why, why_size, "%s", strerror(errno));
  if (fd >= 0) close(fd);
  return -1;
}

static int connect_tcp(const char *host, const char *port, double timeout_s, char *why, size_t why_size) {
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  struct addrinfo *found = NULL;
  const int code = getaddrinfo(host, port, &hints, &found);
  int fd = -1;
  if (code != 0) snprintf(why, why_size, "%s", gai_strerror(code));
  for (const struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next) {
    fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    set_timeout(fd, timeout_s);
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0) break;
    snprintf(why, why_size, "%s", strerror(errno));
    close(fd);
    fd = -1;
  }
  if (found != NULL) freeaddrinfo(found);
  return fd;
}

// Reads until size bytes, or (size 0) until the other side closes. NUL at the end; free it.
static char *read_all(int fd, size_t size, size_t *got, char *why, size_t why_size) {
  size_t capacity = size > 0 ? size + 1 : 65536, used = 0;
  char *text = malloc(capacity);
  while (text != NULL && (size == 0 || used < size)) {
    if (used + 1 >= capacity) {
      char *grown = capacity < MESSAGE_MAX ? realloc(text, capacity *= 2) : NULL;
      if (grown == NULL) break;
      text = grown;
    }
    const ssize_t n = recv(fd, text + used, (size > 0 ? size : capacity - 1) - used, 0);
    if (n <= 0) {
      if (n == 0 && size == 0) break;
      snprintf(why, why_size, "%s", n == 0 ? "the node closed the connection" : strerror(errno));
      free(text);
      return NULL;
    }
    used += (size_t)n;
  }
  if (text != NULL) text[used] = '\0';
  *got = used;
  return text;
}

// One message of the feed; free it.
static char *read_message(int fd, char *why, size_t why_size) {
  size_t got = 0;
  char *text = NULL, *head = read_all(fd, 4, &got, why, why_size);
  if (head != NULL) {
    const unsigned char *h = (const unsigned char *)head;
    const size_t size = (size_t)h[0] << 24 | (size_t)h[1] << 16 | (size_t)h[2] << 8 | h[3];
    if (size == 0 || size > MESSAGE_MAX)
      snprintf(why, why_size, "this is not a console feed");
    else
      text = read_all(fd, size, &got, why, why_size);
  }
  free(head);
  return text;
}

static char *fetch_unix(const char *path, double timeout_s, char *why, size_t why_size) {
  const int fd = connect_unix(path, timeout_s, why, why_size);
  if (fd < 0) return NULL;
  char *text = read_message(fd, why, why_size);
  close(fd);
  return text;
}

static char *http_body(char *reply, char *why, size_t why_size) {
  const int code = strncmp(reply, "HTTP/1.", 7) == 0 && strlen(reply) > 12 ? atoi(reply + 9) : 0;
  const char *body = strstr(reply, "\r\n\r\n");
  if (code == 200 && body != NULL && strstr(reply, "ransfer-") == NULL) return strdup(body + 4);
  // A chunked answer begins its body with a length: the JSON object is between the first and the last brace.
  char *first = body != NULL ? strchr(body, '{') : NULL, *last = strrchr(reply, '}');
  if (code == 200 && first != NULL && last > first) {
    last[1] = '\0';
    return strdup(first);
  }
  snprintf(why, why_size, code > 0 ? "the gateway answered with status %d" : "this is not a gateway", code);
  return NULL;
}

static char *fetch_http(const char *url, double timeout_s, char *why, size_t why_size) {
  char host[256] = "", port[8] = "80", request[512];
  const char *authority = url + strlen("http://");
  const size_t length = strcspn(authority, "/");
  if (length == 0 || length >= sizeof host) {
    snprintf(why, why_size, "not an address like http://127.0.0.1:8080");
    return NULL;
  }
  memcpy(host, authority, length);
  char *colon = strrchr(host, ':');
  if (colon != NULL && strchr(colon, ']') == NULL) {
    snprintf(port, sizeof port, "%.7s", colon + 1);
    *colon = '\0';
  }
  const int fd = connect_tcp(host, port, timeout_s, why, why_size);
  if (fd < 0) return NULL;
  snprintf(request, sizeof request, "GET /api/v1/state HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n", host,
           port);
  size_t got = 0;
  char *reply = send(fd, request, strlen(request), MSG_NOSIGNAL) > 0 ? read_all(fd, 0, &got, why, why_size) : NULL;
  char *body = reply != NULL ? http_body(reply, why, why_size) : NULL;
  free(reply);
  close(fd);
  return body;
}

json_t *wf_cli_fetch_state(const char *node, double timeout_s, char *why, size_t why_size) {
  snprintf(why, why_size, "no answer");
  char *text = strncmp(node, "http://", 7) == 0 ? fetch_http(node, timeout_s, why, why_size)
                                                : fetch_unix(node, timeout_s, why, why_size);
  if (text == NULL) return NULL;
  json_error_t error;
  json_t *message = json_loads(text, 0, &error);
  json_t *state = json_incref(json_object_get(message, "state"));
  if (state == NULL) snprintf(why, why_size, "the answer holds no state");
  json_decref(message);
  free(text);
  return state;
}

static bool send_message(int fd, const char *text) {
  const size_t size = strlen(text);
  const unsigned char head[4] = {(unsigned char)(size >> 24), (unsigned char)(size >> 16), (unsigned char)(size >> 8),
                                 (unsigned char)size};
  return send(fd, head, 4, MSG_NOSIGNAL) == 4 && send(fd, text, size, MSG_NOSIGNAL) == (ssize_t)size;
}

json_t *wf_cli_ask(const char *path, double timeout_s, const json_t *command, char *why, size_t why_size) {
  snprintf(why, why_size, "no answer");
  const int fd = connect_unix(path, timeout_s, why, why_size);
  char *text = fd >= 0 ? json_dumps(command, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
  json_t *answer = NULL;
  if (text != NULL && send_message(fd, text))
    while (answer == NULL) {  // between snapshots and deltas
      char *message = read_message(fd, why, why_size);
      if (message == NULL) break;
      json_t *json = json_loads(message, 0, NULL);
      const char *type = json_string_value(json_object_get(json, "type"));
      if (type != NULL && strcmp(type, "answer") == 0) answer = json_incref(json);
      json_decref(json);
      free(message);
    }
  free(text);
  if (fd >= 0) close(fd);
  return answer;
}
