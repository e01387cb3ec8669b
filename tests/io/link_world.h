// Endpoints of partner links on loopback with real certificates, and a raw TLS client to misbehave with.
#ifndef WF_TEST_LINK_WORLD_H
#define WF_TEST_LINK_WORLD_H

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/link.h"
#include "wf_test.h"

#define DAY 86400
static char pki_dir[64], reason[WF_IO_REASON_SIZE];

static inline const char *at(const char *name) {
  static char path[64][160];  // answers stay good for a test
  static unsigned turn;
  char *p = path[turn++ % 64];
  snprintf(p, sizeof path[0], "%s/%s", pki_dir, name);
  return p;
}

static inline void ok(wf_status status) {
  if (status != WF_OK) fail_msg("%s: %s", wf_status_name(status), reason);
}

static inline wf_nation nation(const char *code) {
  wf_nation n;
  ok(wf_nation_parse(code, &n));
  return n;
}

static inline void make_authority(const char *dir, const char *code, wf_mode mode) {
  ok(wf_pki_init(at(dir), nation(code), mode, 3650 * DAY, false, reason));
}

static inline void make_certificate(const char *dir, wf_pki_role role, const char *name, int64_t from_s,
                                    int64_t for_s) {
  const wf_pki_request r = {.role = role, .name = name, .from_s = from_s, .for_s = for_s};
  ok(wf_pki_issue(at(dir), &r, reason));
}

// One side of the links, with everything that happened to it.
typedef struct side {
  wf_links *links;
  wf_pki_trust trust;
  unsigned up[2], down[2], refused[WF_REFUSED_COUNT];
  char down_reason[96];
  size_t frames, bytes, credit[2];
  uint8_t last[64];
  uint64_t in_order;  // frames that carried the next number
} side;

static inline void on_up(void *context, wf_nation n, wf_lane lane, const wf_pki_subject *subject) {
  assert_true(subject->has_signing_key);
  ((side *)context)->up[lane - 1]++;
}
static inline void on_down(void *context, wf_nation n, wf_lane lane, const char *why) {
  side *s = context;
  s->down[lane - 1]++;
  snprintf(s->down_reason, sizeof s->down_reason, "%s", why);
}
static inline void on_frame(void *context, wf_nation n, wf_lane lane, wf_bytes frame) {
  side *s = context;
  uint64_t number = 0;
  if (frame.size >= 8) memcpy(&number, frame.data, 8);
  s->in_order += number == s->frames;
  s->frames++;
  s->bytes += frame.size;
  memcpy(s->last, frame.data, frame.size < sizeof s->last ? frame.size : sizeof s->last);
}
static inline void on_writable(void *context, wf_nation n, wf_lane lane, size_t credit) {
  ((side *)context)->credit[lane - 1] = credit;
}
static inline void on_refused(void *context, wf_link_refusal refusal, wf_nation n, const char *address,
                              const char *text) {
  ((side *)context)->refused[refusal]++;
}

// A node named by its authority's directory and certificate, that trusts the bundle of one partner.
static inline void side_open(side *s, uv_loop_t *loop, const char *dir, const char *own, const char *certificate,
                             const char *partner_bundle, const char *partner, uint16_t partner_port, bool listens) {
  char pem[96], key[96];
  snprintf(pem, sizeof pem, "%s/%s.pem", dir, certificate);
  snprintf(key, sizeof key, "%s/%s.key", dir, certificate);
  memset(s, 0, sizeof *s);
  ok(wf_pki_trust_load(at(partner_bundle), &s->trust, reason));
  wf_links_config c = {.loop = loop,
                       .nation = nation(own),
                       .mode = WF_MODE_EXERCISE,
                       .certificate_path = at(pem),
                       .key_path = at(key),
                       .listen_host = listens ? "127.0.0.1" : NULL,
                       .partner_count = 1,
                       .pending_max = 8,
                       .handshake_ms = 400,
                       .context = s,
                       .up = on_up,
                       .down = on_down,
                       .frame = on_frame,
                       .writable = on_writable,
                       .refused = on_refused};
  c.partner[0] =
      (wf_link_partner){.nation = nation(partner), .host = "127.0.0.1", .port = partner_port, .trust = &s->trust};
  ok(wf_links_new(&c, &s->links, reason));
}

static inline void side_close(side *s) {
  wf_links_free(s->links);
  wf_pki_trust_clear(&s->trust);
  s->links = NULL;
}

static inline void stop_loop(uv_timer_t *timer) {
  uv_stop(timer->loop);
}

// Runs the loop until the condition holds, flushing both sides; false after the time.
#define RUN_UNTIL(loop, ms, a, b, condition)               \
  do {                                                     \
    const uint64_t end_ = uv_hrtime() / 1000000 + (ms);    \
    uv_timer_t timer_;                                     \
    uv_timer_init(loop, &timer_);                          \
    uv_timer_start(&timer_, stop_loop, 5, 5);              \
    while (!(condition) && uv_hrtime() / 1000000 < end_) { \
      uv_run(loop, UV_RUN_ONCE);                           \
      if ((a) != NULL) wf_links_flush((a)->links);         \
      if ((b) != NULL) wf_links_flush((b)->links);         \
    }                                                      \
    uv_close((uv_handle_t *)&timer_, NULL);                \
    uv_run(loop, UV_RUN_NOWAIT);                           \
  } while (0)

// ---- A raw client, blocking, in a thread of its own ---------------------------------------------------------------
typedef struct raw_client {
  uv_thread_t thread;
  uint16_t port;
  const char *certificate, *key;  // NULL: none
  int max_version;                // 0: TLS 1.3
  const char *plain;              // sent without TLS when set
  const char *lane;               // ALPN with length byte; NULL: none
  const uint8_t *bytes;           // sent after the handshake
  size_t size, piece;             // piece by piece
  bool stay;                      // until the peer closes
} raw_client;

static inline int raw_connect(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

static inline void raw_run(void *argument) {
  raw_client *r = argument;
  char sink[512];
  const int fd = raw_connect(r->port);
  if (fd < 0) return;
  if (r->plain != NULL) {
    if (write(fd, r->plain, strlen(r->plain)) > 0)
      while (read(fd, sink, sizeof sink) > 0) continue;
    close(fd);
    return;
  }
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (r->max_version != 0) SSL_CTX_set_max_proto_version(context, r->max_version);
  if (r->certificate != NULL) {
    SSL_CTX_use_certificate_file(context, r->certificate, SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context, r->key, SSL_FILETYPE_PEM);
  }
  SSL *ssl = SSL_new(context);
  SSL_set_fd(ssl, fd);
  if (r->lane != NULL) SSL_set_alpn_protos(ssl, (const unsigned char *)r->lane, (unsigned)strlen(r->lane));
  if (SSL_connect(ssl) == 1) {
    for (size_t i = 0; i < r->size; i += r->piece)
      if (SSL_write(ssl, r->bytes + i, (int)(r->size - i < r->piece ? r->size - i : r->piece)) <= 0) break;
    while (r->stay && SSL_read(ssl, sink, sizeof sink) > 0) continue;
  }
  ERR_clear_error();
  SSL_free(ssl);
  SSL_CTX_free(context);
  close(fd);
}

#endif
