// One connection: handshake, frames in, bytes out, goodbye. Every path that ends a connection leaves it CONN_DEAD or
// CONN_LINGER at once and frees it only in libuv's close callback, so callers up the stack may look at its state.
#include "link_conn.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/frames.h"

enum {
  IN_START = 20 * 1024,      // a whole TLS record and a frame's head
  READ_BUDGET = 256 * 1024,  // per connection and turn, so that one busy partner does not hold up another
  WRITE_PIECE = 4096,        // per TLS record of the alert lane: what is written cannot be overtaken
  WRITE_PIECE_BULK = 16384,  // fewer calls where nothing urgent waits
  LINGER_MS = 300,
};

static void on_poll(uv_poll_t *poll, int status, int events);

conn *conn_new(wf_links *links, int fd, bool dialled) {
  conn *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->ssl = SSL_new(dialled ? links->client : links->server);
  if (c->ssl == NULL || SSL_set_fd(c->ssl, fd) != 1 || uv_poll_init(links->config.loop, &c->poll, fd) != 0) {
    SSL_free(c->ssl);
    free(c);
    return NULL;
  }
  SSL_set_app_data(c->ssl, c);
  c->links = links;
  c->poll.data = c;
  c->fd = fd;
  c->dialled = dialled;
  c->partner = -1;
  c->state = dialled ? CONN_CONNECTING : CONN_HANDSHAKE;
  c->deadline_ms = link_now_ms(links) + links->config.handshake_ms;
  c->next = links->conns;
  links->conns = c;
  links->handles++;
  return c;
}

void conn_watch(conn *c, int events) {
  if (c->events == events || c->state == CONN_DEAD) return;
  c->events = events;
  uv_poll_start(&c->poll, events, on_poll);
}

static void on_closed(uv_handle_t *handle) {
  conn *c = handle->data;
  c->links->handles--;
  free(c->in);
  free(c->out);
  free(c);
}

void conn_drop(conn *c) {
  if (c->state == CONN_DEAD) return;
  wf_links *links = c->links;
  c->state = CONN_DEAD;
  for (conn **at = &links->conns; *at != NULL; at = &(*at)->next)
    if (*at == c) {
      *at = c->next;
      break;
    }
  uv_poll_stop(&c->poll);
  SSL_free(c->ssl);
  c->ssl = NULL;
  close(c->fd);
  uv_close((uv_handle_t *)&c->poll, on_closed);
}

// The peer must get our last record (an alert, a close_notify) before the socket goes: closing with unread input would
// reset it away. So: no more writing, then read and forget until the peer closes or the deadline comes.
void conn_goodbye(conn *c) {
  if (c->state == CONN_DEAD || c->state == CONN_LINGER) return;
  if (c->state >= CONN_WELCOME) SSL_shutdown(c->ssl);
  ERR_clear_error();
  c->state = CONN_LINGER;
  c->deadline_ms = link_now_ms(c->links) + LINGER_MS;
  shutdown(c->fd, SHUT_WR);
  conn_watch(c, UV_READABLE);
}

void conn_refuse(conn *c, wf_link_refusal refusal, const char *text) {
  wf_links *links = c->links;
  links->stats.refused[refusal]++;
  wf_nation nation = c->subject.nation;
  if (nation.code[0] == '\0' && c->partner >= 0) nation = links->config.partner[c->partner].nation;
  if (links->config.refused != NULL && !links->closing)
    links->config.refused(links->config.context, refusal, nation, c->address, text);
  link_conn_lost(c, wf_link_refusal_name(refusal));
  conn_goodbye(c);
}

void conn_lost(conn *c, const char *reason) {
  link_conn_lost(c, reason);
  conn_drop(c);
}

// Handles a failed OpenSSL call of an established connection; returns only when it should be tried again later.
static void after_failure(conn *c, int code) {
  switch (SSL_get_error(c->ssl, code)) {
    case SSL_ERROR_WANT_READ:
      break;
    case SSL_ERROR_WANT_WRITE:
      conn_watch(c, UV_READABLE | UV_WRITABLE);
      break;
    case SSL_ERROR_ZERO_RETURN:
      link_conn_lost(c, "closed by the partner");
      conn_goodbye(c);
      break;
    default: {
      char text[128];
      const wf_link_refusal refusal = link_tls_refusal(c, text);
      // Before the welcome an alert is the acceptor's verdict on us; afterwards it is a broken connection.
      if (c->state == CONN_WELCOME || refusal == WF_REFUSED_BY_PEER)
        conn_refuse(c, refusal, text);
      else
        conn_lost(c, text[0] != '\0' ? text : "connection lost");
    }
  }
  ERR_clear_error();
}

// ---- Handshake ------------------------------------------------------------------------------------------------------
static void handshake_done(conn *c) {
  if (!link_tls_lane(c->ssl, &c->lane)) {
    conn_refuse(c, WF_REFUSED_PROTOCOL, "no lane agreed (ALPN)");
    return;
  }
  c->in = malloc(IN_START);
  if (c->in == NULL) {
    conn_lost(c, "out of memory");
    return;
  }
  c->in_size = IN_START;
  conn_watch(c, UV_READABLE);
  if (c->dialled) {
    c->state = CONN_WELCOME;
  } else {
    conn_append(c, (wf_bytes){NULL, 0});
    link_conn_open(c);
    if (c->state == CONN_OPEN) conn_flush(c);
  }
  if (c->state == CONN_OPEN || c->state == CONN_WELCOME) conn_read(c);
}

static void handshake(conn *c) {
  ERR_clear_error();
  const int code = SSL_do_handshake(c->ssl);
  if (code == 1) {
    handshake_done(c);
    return;
  }
  switch (SSL_get_error(c->ssl, code)) {
    case SSL_ERROR_WANT_READ:
      conn_watch(c, UV_READABLE);
      break;
    case SSL_ERROR_WANT_WRITE:
      conn_watch(c, UV_WRITABLE);
      break;
    default: {
      char text[128];
      const wf_link_refusal refusal = link_tls_refusal(c, text);
      conn_refuse(c, refusal, text);
    }
  }
  ERR_clear_error();
}

void conn_start_handshake(conn *c) {
  c->state = CONN_HANDSHAKE;
  if (c->dialled) {
    if (!link_tls_offer_lane(c->ssl, c->lane)) {
      conn_lost(c, "out of memory");
      return;
    }
    SSL_set_connect_state(c->ssl);
  } else {
    SSL_set_accept_state(c->ssl);
  }
  handshake(c);
}

// ---- Frames in ------------------------------------------------------------------------------------------------------
static bool take_frame(conn *c, wf_bytes frame) {
  wf_links *links = c->links;
  if (frame.size == 0) {
    if (c->state == CONN_WELCOME) link_conn_open(c);
    return c->state == CONN_OPEN;
  }
  if (c->state != CONN_OPEN) {
    conn_refuse(c, WF_REFUSED_PROTOCOL, "a frame before the welcome");
    return false;
  }
  links->stats.frames_in++;
  links->config.frame(links->config.context, links->config.partner[c->partner].nation, c->lane, frame);
  return c->state == CONN_OPEN;
}

// Hands over every whole frame; false when the connection ended meanwhile.
static bool deframe(conn *c) {
  size_t at = 0;
  wf_bytes frame;
  wf_status status;
  while ((status = wf_frames_next((wf_bytes){c->in, c->in_used}, WF_FRAME_MAX, &at, &frame)) == WF_OK)
    if (!take_frame(c, frame)) return false;
  if (status == WF_EINVAL) {
    conn_refuse(c, WF_REFUSED_OVERSIZED, "a frame longer than the bound");
    return false;
  }
  c->in_used -= at;
  if (at > 0) memmove(c->in, c->in + at, c->in_used);
  return true;
}

// The buffer doubles only when it is full of received bytes, so an announced length costs nothing by itself.
static bool make_room(conn *c) {
  if (c->in_used < c->in_size) return true;
  size_t size = c->in_size * 2;
  if (size > WF_FRAME_MAX + IN_START) size = WF_FRAME_MAX + IN_START;
  uint8_t *in = size > c->in_size ? realloc(c->in, size) : NULL;
  if (in == NULL) return false;
  c->in = in;
  c->in_size = size;
  return true;
}

static void on_again(uv_idle_t *idle) {
  wf_links *links = idle->data;
  uv_idle_stop(idle);
  for (conn *c = links->conns, *next; c != NULL; c = next) {
    next = c->next;
    if (c->state == CONN_OPEN && SSL_has_pending(c->ssl)) conn_read(c);
  }
}

void conn_read(conn *c) {
  size_t budget = READ_BUDGET;
  while (budget > 0) {
    size_t got = 0;
    if (!make_room(c)) {
      conn_lost(c, "out of memory");
      return;
    }
    ERR_clear_error();
    const int code = SSL_read_ex(c->ssl, c->in + c->in_used, c->in_size - c->in_used, &got);
    if (code != 1) {
      after_failure(c, code);
      return;
    }
    c->in_used += got;
    c->links->stats.bytes_in += got;
    budget -= got < budget ? got : budget;
    if (!deframe(c)) return;
    if (!SSL_has_pending(c->ssl)) return;  // what else is in the socket is told by it: asking costs a call per frame
  }
  // Bytes already decrypted raise no further event of the socket.
  uv_idle_start(&c->links->again, on_again);
}

// ---- Bytes out ------------------------------------------------------------------------------------------------------
static bool out_room(conn *c, size_t more) {
  if (c->out_done > 0 && c->out_used + more > c->out_size) {
    memmove(c->out, c->out + c->out_done, c->out_used - c->out_done);
    c->out_used -= c->out_done;
    c->out_done = 0;
  }
  if (c->out_used + more <= c->out_size) return true;
  if (c->out_used + more > c->links->config.out_max) return false;
  size_t size = c->out_size == 0 ? 2 * WRITE_PIECE : c->out_size;
  while (size < c->out_used + more) size *= 2;
  uint8_t *out = realloc(c->out, size);
  if (out == NULL) return false;
  c->out = out;
  c->out_size = size;
  return true;
}

bool conn_append(conn *c, wf_bytes frame) {
  if (!out_room(c, 4 + frame.size)) return false;
  wf_writer w = wf_writer_of(c->out + c->out_used, 4 + frame.size);
  wf_write_uint(&w, frame.size, 4);
  if (frame.size > 0) wf_write_bytes(&w, frame.data, frame.size);
  c->out_used += w.offset;
  c->credit_left -= w.offset < c->credit_left ? w.offset : c->credit_left;
  c->dirty = true;
  return !w.failed;
}

void conn_flush(conn *c) {
  const size_t piece = c->lane == WF_LANE_BULK ? WRITE_PIECE_BULK : WRITE_PIECE;
  c->dirty = false;
  while (c->out_done < c->out_used) {
    const size_t left = c->out_used - c->out_done;
    size_t written = 0;
    ERR_clear_error();
    const int code = SSL_write_ex(c->ssl, c->out + c->out_done, left < piece ? left : piece, &written);
    if (code != 1) {
      after_failure(c, code);
      return;
    }
    c->out_done += written;
    c->links->stats.bytes_out += written;
  }
  c->out_done = c->out_used = 0;
  // Half the credit is spent: ask the socket when there is room for more. Below that nothing needs to be asked, so a
  // quiet link costs no event per frame.
  conn_watch(c, c->credit_left < c->links->config.credit / 2 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

static void on_writable(conn *c) {
  conn_flush(c);
  if (c->state != CONN_OPEN || c->out_used > 0 || c->credit_left >= c->links->config.credit / 2) return;
  wf_links *links = c->links;
  c->credit_left = links->config.credit;
  conn_watch(c, UV_READABLE);
  links->config.writable(links->config.context, links->config.partner[c->partner].nation, c->lane, c->credit_left);
}

// ---- Events ---------------------------------------------------------------------------------------------------------
static void linger(conn *c) {
  uint8_t sink[4096];
  for (int i = 0; i < 16; i++) {
    const ssize_t n = recv(c->fd, sink, sizeof sink, MSG_DONTWAIT);
    if (n < 0) return;
    if (n == 0) {
      conn_drop(c);
      return;
    }
  }
}

static void connected(conn *c) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
    conn_lost(c, strerror(error));
  else
    conn_start_handshake(c);
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  conn *c = poll->data;
  if (c->state == CONN_DEAD) return;
  if (c->state == CONN_CONNECTING) {
    connected(c);
  } else if (c->state == CONN_LINGER) {
    if (status < 0)
      conn_drop(c);
    else
      linger(c);
  } else if (status < 0) {
    conn_lost(c, uv_strerror(status));
  } else if (c->state == CONN_HANDSHAKE) {
    handshake(c);
  } else {
    if (events & UV_WRITABLE) on_writable(c);
    if ((events & UV_READABLE) && (c->state == CONN_OPEN || c->state == CONN_WELCOME)) conn_read(c);
  }
}
