// The demo listens to each daemon's console feed, as a gateway does (docs/console-feed.md).
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fmath.h"
#include "nation.h"

enum { MESSAGE_MAX = 16 << 20 };

bool demo_nation_connect(demo_nation *n) {
  if (n->feed_fd >= 0) return true;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", n->feed);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
    close(fd);
    return false;
  }
  n->feed_fd = fd;
  n->inbox_size = 0;
  return true;
}

static void disconnect(demo_nation *n) {
  close(n->feed_fd);
  n->feed_fd = -1;
}

static void take_message(demo_nation *n, const uint8_t *bytes, size_t size) {
  json_t *message = json_loadb((const char *)bytes, size, 0, NULL);
  const char *type = json_string_value(json_object_get(message, "type"));
  json_t *sections = json_object_get(message, "state");
  if (type != NULL && json_is_object(sections)) {
    if (strcmp(type, "snapshot") == 0) {
      json_decref(n->state);
      n->state = json_incref(sections);
    } else if (strcmp(type, "delta") == 0 && n->state != NULL) {
      json_object_update(n->state, sections);
    }
  }
  json_decref(message);
}

static bool take_messages(demo_nation *n) {
  size_t at = 0;
  while (n->inbox_size - at >= 4) {
    const uint8_t *p = n->inbox + at;
    const size_t size = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    if (size > MESSAGE_MAX) return false;
    if (n->inbox_size - at - 4 < size) break;
    take_message(n, p + 4, size);
    at += 4 + size;
  }
  memmove(n->inbox, n->inbox + at, n->inbox_size - at);
  n->inbox_size -= at;
  return true;
}

static bool make_room(demo_nation *n) {
  if (n->inbox_capacity - n->inbox_size >= 65536) return true;
  const size_t capacity = n->inbox_capacity * 2 + 65536;
  uint8_t *inbox = capacity <= 2 * (size_t)MESSAGE_MAX ? realloc(n->inbox, capacity) : NULL;
  if (inbox == NULL) return false;
  n->inbox = inbox;
  n->inbox_capacity = capacity;
  return true;
}

bool demo_nation_read(demo_nation *n) {
  if (n->feed_fd < 0) return false;
  for (;;) {
    struct pollfd ready = {n->feed_fd, POLLIN, 0};
    if (poll(&ready, 1, 0) <= 0) return true;
    if (!make_room(n)) break;
    const ssize_t got = recv(n->feed_fd, n->inbox + n->inbox_size, n->inbox_capacity - n->inbox_size, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0) break;
    n->inbox_size += (size_t)got;
    if (!take_messages(n)) break;
  }
  disconnect(n);
  return false;
}

static bool send_text(demo_nation *n, char *text, int size) {
  for (int i = 0; i < 4; i++) text[i] = (char)((unsigned)size >> (24 - 8 * i));
  return n->feed_fd >= 0 && send(n->feed_fd, text, (size_t)size + 4, MSG_NOSIGNAL) == size + 4;
}

bool demo_nation_set_clock(demo_nation *n, wf_time record_epoch, wf_time real_epoch, double rate, unsigned request) {
  char text[400], record[WF_TIME_RFC3339_SIZE], real[WF_TIME_RFC3339_SIZE];
  const int size = snprintf(
      text + 4, sizeof text - 4,
      "{\"command\":\"clock\",\"request\":\"demo-%u\",\"record_epoch\":\"%s\",\"real_epoch\":\"%s\",\"rate\":%.6g}",
      request, wf_time_format(record_epoch, 9, record), wf_time_format(real_epoch, 9, real), rate);
  return send_text(n, text, size);
}

bool demo_nation_decide(demo_nation *n, const char *product, const char *person, unsigned request) {
  char text[512];
  const int size = snprintf(text + 4, sizeof text - 4,
                            "{\"command\":\"decide\",\"request\":\"demo-%u\",\"product\":\"%s\",\"decision\":"
                            "\"confirm\",\"person\":\"%s\",\"reason\":\"scripted exercise officer\"}",
                            request, product, person);
  return send_text(n, text, size);
}

// ---- The ledger ---------------------------------------------------------------------------------------------------

static wf_time time_of(const json_t *o, const char *key) {
  wf_time t = {0};
  const char *text = json_string_value(json_object_get(o, key));
  if (text != NULL && wf_time_parse(text, &t) != WF_OK) t.ns = 0;
  return t;
}

static double number_of(const json_t *o, const char *key) {
  return json_number_value(json_object_get(o, key));
}

static wf_impact_area impact_of(const json_t *o) {
  wf_impact_area i = {0};
  const json_t *area = json_object_get(o, "area");
  if (!json_is_object(area)) return i;
  i.valid = true;
  i.time = time_of(o, "time");
  i.time_sigma_s = number_of(o, "time_sigma_s");
  i.area = (wf_ground_ellipse){number_of(area, "lat_deg") * WF_DEG, number_of(area, "lon_deg") * WF_DEG,
                               number_of(area, "semi_major_95_m"), number_of(area, "semi_minor_95_m"),
                               number_of(area, "azimuth_deg") * WF_DEG};
  return i;
}

static wf_value_entry entry_of(const json_t *o) {
  return (wf_value_entry){.detected = time_of(o, "detected"),
                          .tracked = time_of(o, "tracked"),
                          .launch_known = time_of(o, "launch_known"),
                          .area_known = time_of(o, "area20km"),
                          .lost = time_of(o, "lost"),
                          .first_area = impact_of(json_object_get(o, "first_area")),
                          .latest = impact_of(json_object_get(o, "latest")),
                          .latest_at = time_of(o, "latest_at")};
}

static wf_value_event value_of(const json_t *o) {
  wf_value_event v = {0};
  const char *event = json_string_value(json_object_get(o, "event")),
             *label = json_string_value(json_object_get(o, "label"));
  const char *own = json_string_value(json_object_get(o, "own"));
  v.event = event != NULL ? strtoull(event, NULL, 16) : 0;
  snprintf(v.label, sizeof v.label, "%s", label != NULL ? label : "");
  v.shared = entry_of(json_object_get(o, "shared"));
  const char *code;
  json_t *entry;
  json_object_foreach(json_object_get(o, "nations"), code, entry) {
    if (v.nation_count >= WF_NATION_MAX || wf_nation_parse(code, &v.nation[v.nation_count].nation) != WF_OK) continue;
    v.nation[v.nation_count].own = own != NULL && strcmp(own, code) == 0;
    v.nation[v.nation_count++].alone = entry_of(entry);
  }
  return v;
}

size_t demo_nation_values(const demo_nation *n, wf_value_event *out, size_t cap) {
  const json_t *list = json_object_get(n->state, "value");
  const size_t count = json_array_size(list) < cap ? json_array_size(list) : cap;
  for (size_t i = 0; i < count; i++) out[i] = value_of(json_array_get(list, i));
  return count;
}
