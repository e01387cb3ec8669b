// The set of links: who dials whom and when, who may come in, and which connection is the lane.
#define _GNU_SOURCE  // accept4
#include "io/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link_conn.h"

enum {
  SWEEP_MS = 25,
  BACKOFF_FIRST_MS = 50,
  BACKOFF_MAX_MS = 1000,
  STEADY_MS = 2000,      // a link that stood this long starts over with the shortest wait
  HOST_PENDING = 8,      // newcomers from one address, at least
  ACCEPTS_PER_TURN = 1,  // newcomers take turns with links that work
};

uint64_t link_now_ms(const wf_links *links) {
  return uv_now(links->config.loop);
}

uint16_t wf_links_port(const wf_links *links) {
  return links->port;
}

static link_slot *slot_of(wf_links *links, int partner, wf_lane lane) {
  return &links->slot[partner][lane - 1];
}

static conn *find_open(wf_links *links, wf_nation nation, wf_lane lane) {
  for (uint32_t i = 0; i < links->config.partner_count; i++)
    if (wf_nation_compare(links->config.partner[i].nation, nation) == 0) return slot_of(links, (int)i, lane)->open;
  return NULL;
}

static bool we_dial(const wf_links *links, int partner) {
  return wf_nation_compare(links->config.nation, links->config.partner[partner].nation) < 0;
}

static void format_address(const struct sockaddr_storage *a, char out[64]) {
  char host[INET6_ADDRSTRLEN] = "?";
  const bool v6 = a->ss_family == AF_INET6;
  const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)a;
  const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)a;
  inet_ntop(a->ss_family, v6 ? (const void *)&in6->sin6_addr : (const void *)&in->sin_addr, host, sizeof host);
  snprintf(out, 64, v6 ? "[%s]:%u" : "%s:%u", host, ntohs(v6 ? in6->sin6_port : in->sin_port));
}

static void set_options(const wf_links *links, int fd) {
  const int on = 1, unsent = (int)links->config.unsent_low;
  const unsigned timeout = links->config.user_timeout_ms;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
}

// ---- Up and down ----------------------------------------------------------------------------------------------------
static void report_down(wf_links *links, const conn *c, const char *reason) {
  links->stats.open--;
  if (!links->closing)
    links->config.down(links->config.context, links->config.partner[c->partner].nation, c->lane, reason);
}

void link_conn_open(conn *c) {
  wf_links *links = c->links;
  link_slot *slot = slot_of(links, c->partner, c->lane);
  conn *old = slot->open;
  if (slot->dialling == c) slot->dialling = NULL;
  slot->open = c;
  c->state = CONN_OPEN;
  c->opened_ms = link_now_ms(links);
  c->credit_left = links->config.credit;
  links->stats.opened++;
  links->stats.open++;
  if (old != NULL) {
    report_down(links, old, "replaced by a newer connection");
    conn_goodbye(old);
  }
  const wf_nation nation = links->config.partner[c->partner].nation;
  links->config.up(links->config.context, nation, c->lane, &c->subject);
  if (c->state == CONN_OPEN) links->config.writable(links->config.context, nation, c->lane, c->credit_left);
}

void link_conn_lost(conn *c, const char *reason) {
  wf_links *links = c->links;
  if (c->partner < 0 || c->state == CONN_LINGER || c->state == CONN_DEAD) return;
  if (!c->dialled && c->state != CONN_OPEN) return;
  link_slot *slot = slot_of(links, c->partner, c->lane);
  const bool was_open = slot->open == c;
  if (slot->dialling == c) slot->dialling = NULL;
  if (was_open) slot->open = NULL;
  if (c->dialled) {
    const bool steady = was_open && link_now_ms(links) - c->opened_ms >= STEADY_MS;
    slot->backoff_ms = steady || slot->backoff_ms == 0 ? BACKOFF_FIRST_MS : slot->backoff_ms * 2;
    if (slot->backoff_ms > BACKOFF_MAX_MS) slot->backoff_ms = BACKOFF_MAX_MS;
    slot->next_dial_ms = link_now_ms(links) + slot->backoff_ms;
  }
  if (was_open) report_down(links, c, reason);
}

wf_status wf_links_send(wf_links *links, wf_nation nation, wf_lane lane, wf_bytes frame) {
  conn *c = find_open(links, nation, lane);
  if (c == NULL) return WF_ENOTFOUND;
  if (frame.size == 0 || frame.size > WF_FRAME_MAX) return WF_EINVAL;
  if (!conn_append(c, frame)) {
    conn_refuse(c, WF_REFUSED_OVERRUN, "more was queued than the bound");
    return WF_EFULL;
  }
  links->stats.frames_out++;
  return WF_OK;
}

void wf_links_close(wf_links *links, wf_nation nation, wf_lane lane, const char *reason) {
  conn *c = find_open(links, nation, lane);
  if (c == NULL) return;
  conn_flush(c);  // what was said before the close belongs before it
  if (c->state != CONN_OPEN) return;
  link_conn_lost(c, reason);
  conn_goodbye(c);
}

wf_status wf_links_set(wf_links *links, const wf_link_partner *partner, bool active) {
  uint32_t i = 0;
  while (i < links->config.partner_count && wf_nation_compare(links->config.partner[i].nation, partner->nation) != 0)
    i++;
  if (i == WF_NATION_MAX) return WF_EFULL;
  if (i == links->config.partner_count) links->config.partner_count++;
  links->config.partner[i] = *partner;
  links->left_out[i] = !active;
  for (int lane = 0; lane < 2; lane++) {
    link_slot *slot = &links->slot[i][lane];
    slot->next_dial_ms = slot->backoff_ms = 0;
    if (slot->dialling != NULL) conn_lost(slot->dialling, "its address was set anew");
  }
  return WF_OK;
}

void wf_links_flush(wf_links *links) {
  for (uint32_t i = 0; i < links->config.partner_count; i++)
    for (int lane = 0; lane < 2; lane++) {
      conn *c = links->slot[i][lane].open;
      if (c != NULL && c->dirty) conn_flush(c);
    }
}

void wf_links_stats_get(const wf_links *links, wf_links_stats *out) {
  *out = links->stats;
  out->pending = 0;
  for (const conn *c = links->conns; c != NULL; c = c->next) out->pending += c->state != CONN_OPEN;
}

// ---- Dialling -------------------------------------------------------------------------------------------------------
static void dial_failed(link_slot *slot) {
  slot->backoff_ms = slot->backoff_ms == 0 ? BACKOFF_FIRST_MS : slot->backoff_ms * 2;
  if (slot->backoff_ms > BACKOFF_MAX_MS) slot->backoff_ms = BACKOFF_MAX_MS;
  slot->next_dial_ms = link_now_ms(slot->links) + slot->backoff_ms;
}

static void dial_address(link_slot *slot, const struct sockaddr *address, socklen_t size) {
  wf_links *links = slot->links;
  const int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    dial_failed(slot);
    return;
  }
  set_options(links, fd);
  const int code = connect(fd, address, size);
  conn *c = code == 0 || errno == EINPROGRESS ? conn_new(links, fd, true) : NULL;
  if (c == NULL) {
    close(fd);
    dial_failed(slot);
    return;
  }
  struct sockaddr_storage storage = {0};
  memcpy(&storage, address, size);
  format_address(&storage, c->address);
  c->partner = slot->partner;
  c->lane = slot->lane;
  slot->dialling = c;
  links->stats.dialled++;
  conn_watch(c, UV_WRITABLE);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found) {
  link_slot *slot = request->data;
  slot->resolving = false;
  slot->links->handles--;
  if (slot->links->closing) {
    uv_freeaddrinfo(found);
    return;
  }
  if (status != 0 || found == NULL)
    dial_failed(slot);
  else
    dial_address(slot, found->ai_addr, found->ai_addrlen);
  uv_freeaddrinfo(found);
}

static void dial(link_slot *slot) {
  wf_links *links = slot->links;
  const wf_link_partner *partner = &links->config.partner[slot->partner];
  char port[8];
  snprintf(port, sizeof port, "%u", partner->port);
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
  slot->resolve.data = slot;
  if (uv_getaddrinfo(links->config.loop, &slot->resolve, on_resolved, partner->host, port, &hints) != 0) {
    dial_failed(slot);
    return;
  }
  slot->resolving = true;
  links->handles++;
}

static void on_sweep(uv_timer_t *timer) {
  wf_links *links = timer->data;
  const uint64_t now = link_now_ms(links);
  for (conn *c = links->conns, *next; c != NULL; c = next) {
    next = c->next;
    if (c->state == CONN_OPEN || c->state == CONN_DEAD || now < c->deadline_ms) continue;
    if (c->state == CONN_LINGER)
      conn_drop(c);
    else if (c->state == CONN_CONNECTING)
      conn_lost(c, "no answer");
    else
      conn_refuse(c, WF_REFUSED_TIMEOUT, "handshake not finished in time");
  }
  for (uint32_t i = 0; i < links->config.partner_count && !links->closing; i++) {
    if (links->left_out[i] || !we_dial(links, (int)i)) continue;
    for (int lane = 0; lane < 2; lane++) {
      link_slot *slot = &links->slot[i][lane];
      if (slot->open == NULL && slot->dialling == NULL && !slot->resolving && now >= slot->next_dial_ms) dial(slot);
    }
  }
}

// ---- Accepting ------------------------------------------------------------------------------------------------------
static bool same_host(const conn *c, const char *address) {
  const size_t size = (size_t)(strrchr(c->address, ':') - c->address);
  return strncmp(c->address, address, size + 1) == 0;
}

// Newcomers are few, and fewer from one address: the oldest without a name makes room, that of the newcomer's own
// address first. So connecting and saying nothing keeps nobody out.
static void make_room(wf_links *links, const char *address) {
  const uint32_t quarter = links->config.pending_max / 4, host_max = quarter < HOST_PENDING ? HOST_PENDING : quarter;
  uint32_t pending = 0, host_pending = 0;
  conn *oldest = NULL, *host_oldest = NULL;
  for (conn *c = links->conns; c != NULL; c = c->next) {  // newest first
    if (c->dialled || c->state == CONN_OPEN) continue;
    pending++;
    oldest = c;
    if (!same_host(c, address)) continue;
    host_pending++;
    host_oldest = c;
  }
  conn *victim = host_pending >= host_max && host_oldest != NULL ? host_oldest : NULL;
  if (victim == NULL && pending >= links->config.pending_max) victim = oldest;
  if (victim == NULL) return;
  if (victim->state == CONN_HANDSHAKE) conn_refuse(victim, WF_REFUSED_CROWDED, "too many unfinished connections");
  conn_drop(victim);
}

static void on_incoming(uv_poll_t *poll, int status, int events) {
  wf_links *links = poll->data;
  for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    const int fd = accept4(links->listen_fd, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    char text[64];
    format_address(&address, text);
    make_room(links, text);
    set_options(links, fd);
    conn *c = conn_new(links, fd, false);
    if (c == NULL) {
      close(fd);
      return;
    }
    links->stats.accepted++;
    memcpy(c->address, text, sizeof c->address);
    conn_start_handshake(c);
  }
}

static wf_status listen_on(wf_links *links, char reason[WF_IO_REASON_SIZE]) {
  const wf_links_config *config = &links->config;
  struct sockaddr_storage address = {0};
  const bool v6 = strchr(config->listen_host, ':') != NULL;
  const int parsed = v6 ? uv_ip6_addr(config->listen_host, config->listen_port, (struct sockaddr_in6 *)&address)
                        : uv_ip4_addr(config->listen_host, config->listen_port, (struct sockaddr_in *)&address);
  socklen_t size = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
  const int on = 1;
  if (parsed != 0) {
    snprintf(reason, WF_IO_REASON_SIZE, "listen: %.100s is not an IP address", config->listen_host);
    return WF_EINVAL;
  }
  links->listen_fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (links->listen_fd >= 0) setsockopt(links->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (links->listen_fd < 0 || bind(links->listen_fd, (struct sockaddr *)&address, size) != 0 ||
      listen(links->listen_fd, 128) != 0 || getsockname(links->listen_fd, (struct sockaddr *)&address, &size) != 0) {
    snprintf(reason, WF_IO_REASON_SIZE, "listen on %.100s port %u: %s", config->listen_host, config->listen_port,
             strerror(errno));
    return WF_EIO;
  }
  links->port = ntohs(v6 ? ((struct sockaddr_in6 *)&address)->sin6_port : ((struct sockaddr_in *)&address)->sin_port);
  uv_poll_init(config->loop, &links->listener, links->listen_fd);
  links->listener.data = links;
  links->handles++;
  uv_poll_start(&links->listener, UV_READABLE, on_incoming);
  return WF_OK;
}

// ---- Life -----------------------------------------------------------------------------------------------------------
static void defaults(wf_links_config *c) {
  if (c->pending_max == 0) c->pending_max = 64;
  if (c->handshake_ms == 0) c->handshake_ms = 5000;
  if (c->user_timeout_ms == 0) c->user_timeout_ms = 5000;
  if (c->unsent_low == 0) c->unsent_low = 16 * 1024;
  if (c->credit == 0) c->credit = 32 * 1024;
  if (c->out_max == 0) c->out_max = 1024 * 1024;
}

wf_status wf_links_new(const wf_links_config *config, wf_links **out, char reason[WF_IO_REASON_SIZE]) {
  wf_links *links = calloc(1, sizeof *links);
  if (links == NULL) return WF_ENOMEM;
  links->config = *config;
  links->listen_fd = -1;
  defaults(&links->config);
  uv_timer_init(config->loop, &links->sweep);
  uv_idle_init(config->loop, &links->again);
  links->sweep.data = links->again.data = links;
  links->handles = 2;
  for (int i = 0; i < WF_NATION_MAX * 2; i++)
    links->slot[i / 2][i % 2] = (link_slot){.links = links, .partner = i / 2, .lane = (wf_lane)(i % 2 + 1)};
  wf_status status = link_tls_contexts(links, reason);
  if (status == WF_OK && config->listen_host != NULL) status = listen_on(links, reason);
  if (status != WF_OK) {
    wf_links_free(links);
    return status;
  }
  uv_timer_start(&links->sweep, on_sweep, 0, SWEEP_MS);
  *out = links;
  return WF_OK;
}

static void on_handle_closed(uv_handle_t *handle) {
  ((wf_links *)handle->data)->handles--;
}

static void close_quietly(wf_links *links) {
  for (conn *c = links->conns, *next; c != NULL; c = next) {
    next = c->next;
    if (c->state == CONN_OPEN) {
      conn_flush(c);
      conn_goodbye(c);
    } else if (c->state != CONN_LINGER) {
      conn_drop(c);
    }
  }
  for (int i = 0; i < WF_NATION_MAX * 2; i++) {
    link_slot *slot = &links->slot[i / 2][i % 2];
    slot->open = slot->dialling = NULL;
    if (slot->resolving) uv_cancel((uv_req_t *)&slot->resolve);
  }
}

void wf_links_free(wf_links *links) {
  if (links == NULL) return;
  links->closing = true;
  close_quietly(links);
  if (links->port != 0) {
    uv_poll_stop(&links->listener);
    uv_close((uv_handle_t *)&links->listener, on_handle_closed);
  }
  if (links->listen_fd >= 0) close(links->listen_fd);
  while (links->conns != NULL) uv_run(links->config.loop, UV_RUN_ONCE);  // the sweep ends what lingers
  uv_close((uv_handle_t *)&links->sweep, on_handle_closed);
  uv_close((uv_handle_t *)&links->again, on_handle_closed);
  while (links->handles > 0) uv_run(links->config.loop, UV_RUN_ONCE);
  SSL_CTX_free(links->server);
  SSL_CTX_free(links->client);
  free(links);
}
