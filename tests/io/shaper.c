// Bad lines in user space: a TCP proxy that delays, limits, holds, resets and cuts what passes, so that tests of real
// processes run where the kernel's netem is absent. Reads commands from standard input, answers each with "ok":
//   route NAME LISTEN TARGET         connections to 127.0.0.1:LISTEN go to 127.0.0.1:TARGET
//   set NAME DELAY_MS JITTER_MS BIT_S QUEUE_BYTES    each way; BIT_S 0: no limit
//   hole NAME 0|1                    nothing passes, nobody is told; what is said meanwhile comes after
//   cut NAME 0|1                     every connection is reset, and new ones too
//   reset NAME                       every connection is reset once
//   quit
// A way has one queue for all its connections, first in first out, as a line has; when it is full nothing is read, so
// that the senders' own buffers fill, as they would.
#define _GNU_SOURCE  // accept4
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum { ROUTES = 16, PIECE = 1400, BACKLOG_MAX = 8 * 1024 * 1024, UNLIMITED_TURN = 256 };

typedef struct chunk {
  struct chunk *next;
  uint64_t due_ns;
  size_t size, done;
  uint8_t bytes[PIECE];
} chunk;

typedef struct way {  // one direction of a route
  uint64_t busy_until_ns;
} way;

typedef struct pass {  // one direction of one connection
  int from, to;
  chunk *head, **tail;
  size_t backlog;
  uint64_t last_due_ns;
  bool ended, shut;  // read the end; passed it on
} pass;

typedef struct link_ {
  struct link_ *next;
  pass pass[2];
  bool dead;
} link_;

typedef struct route {
  char name[32];
  uint16_t target;
  int listener;
  double delay_ms, jitter_ms, bit_s;
  size_t queue_bytes;
  bool hole, cut;
  way way[2];
  link_ *links;
} route;

static uv_loop_t loop;
static route routes[ROUTES];
static int route_count;
static uint64_t dice = 88172645463325252u;

static double chance(void) {  // 0..1
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  return (double)(dice >> 11) / 9007199254740992.0;
}

static struct sockaddr_in loopback(uint16_t port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

// Small segments and small buffers: what waits should wait at the sender, as on a line.
static void options(int fd) {
  const int on = 1, segment = PIECE, small = 16 * 1024;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
}

static void reset_link(link_ *l) {
  const struct linger now = {1, 0};
  for (int i = 0; i < 2 && !l->dead; i++) {
    setsockopt(l->pass[i].from, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(l->pass[i].from);
  }
  l->dead = true;
}

static void reset_all(route *r) {
  for (link_ *l = r->links; l != NULL; l = l->next) reset_link(l);
}

// ---- What passes ----------------------------------------------------------------------------------------------------
static void take_in(route *r, way *w, pass *p, uint64_t now) {
  chunk *c = malloc(sizeof *c);
  if (c == NULL) exit(1);
  const ssize_t got = recv(p->from, c->bytes, sizeof c->bytes, MSG_DONTWAIT);
  if (got <= 0) {
    p->ended = got == 0 || (errno != EAGAIN && errno != EINTR);
    free(c);
    return;
  }
  if (w->busy_until_ns < now) w->busy_until_ns = now;
  if (r->bit_s > 0) w->busy_until_ns += (uint64_t)((double)got * 8e9 / r->bit_s);
  const double wait_ms = r->delay_ms + r->jitter_ms * (2 * chance() - 1);
  c->next = NULL;
  c->size = (size_t)got;
  c->done = 0;
  c->due_ns = w->busy_until_ns + (uint64_t)(wait_ms > 0 ? wait_ms * 1e6 : 0);
  if (c->due_ns < p->last_due_ns) c->due_ns = p->last_due_ns;  // TCP hands on in order
  p->last_due_ns = c->due_ns;
  p->backlog += c->size;
  *p->tail = c;
  p->tail = &c->next;
}

static bool may_read(const route *r, const way *w, const pass *p, uint64_t now) {
  if (r->hole || p->ended || p->backlog > BACKLOG_MAX) return false;
  return r->bit_s <= 0 || w->busy_until_ns <= now ||
         (double)(w->busy_until_ns - now) * r->bit_s / 8e9 < (double)r->queue_bytes;
}

static void give_out(link_ *l, pass *p, uint64_t now) {
  while (p->head != NULL && p->head->due_ns <= now) {
    chunk *c = p->head;
    const ssize_t sent = send(p->to, c->bytes + c->done, c->size - c->done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) reset_link(l);
    if (sent <= 0) return;
    c->done += (size_t)sent;
    if (c->done < c->size) return;
    p->backlog -= c->size;
    p->head = c->next;
    if (p->head == NULL) p->tail = &p->head;
    free(c);
  }
  if (p->ended && !p->shut && p->head == NULL) {
    shutdown(p->to, SHUT_WR);
    p->shut = true;
  }
}

static void serve(route *r, uint64_t now) {
  for (int d = 0; d < 2; d++) {
    bool more = true;
    for (int turn = 0; more && turn < UNLIMITED_TURN; turn++) {  // one piece of each connection at a time
      more = false;
      for (link_ *l = r->links; l != NULL; l = l->next) {
        pass *p = &l->pass[d];
        const size_t before = p->backlog;
        if (!l->dead && may_read(r, &r->way[d], p, now)) take_in(r, &r->way[d], p, now);
        more = more || p->backlog > before;
      }
    }
    for (link_ *l = r->links; l != NULL; l = l->next)
      if (!l->dead && !r->hole) give_out(l, &l->pass[d], now);
  }
}

static void bury(route *r) {
  for (link_ **at = &r->links; *at != NULL;) {
    link_ *l = *at;
    if (!l->dead && l->pass[0].shut && l->pass[1].shut) {
      for (int i = 0; i < 2; i++) close(l->pass[i].from);
      l->dead = true;
    }
    if (!l->dead) {
      at = &l->next;
      continue;
    }
    *at = l->next;
    for (int i = 0; i < 2; i++)
      for (chunk *c = l->pass[i].head, *next; c != NULL; c = next) {
        next = c->next;
        free(c);
      }
    free(l);
  }
}

static void accept_new(route *r) {
  for (;;) {
    const int fd = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    link_ *l = calloc(1, sizeof *l);
    const struct sockaddr_in to = loopback(r->target);
    const int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l == NULL || out < 0) exit(1);
    options(fd);
    options(out);
    l->pass[0] = (pass){.from = fd, .to = out, .tail = NULL};
    l->pass[1] = (pass){.from = out, .to = fd, .tail = NULL};
    for (int i = 0; i < 2; i++) l->pass[i].tail = &l->pass[i].head;
    l->next = r->links;
    r->links = l;
    if (r->cut || connect(out, (const struct sockaddr *)&to, sizeof to) != 0) reset_link(l);
  }
}

static void on_turn(uv_timer_t *timer) {
  for (int i = 0; i < route_count; i++) {
    accept_new(&routes[i]);
    serve(&routes[i], uv_hrtime());
    bury(&routes[i]);
  }
}

// ---- Commands -------------------------------------------------------------------------------------------------------
static route *find(const char *name) {
  for (int i = 0; i < route_count; i++)
    if (strcmp(routes[i].name, name) == 0) return &routes[i];
  return NULL;
}

static bool add_route(const char *name, unsigned listen_port, unsigned target) {
  if (route_count == ROUTES || find(name) != NULL) return false;
  route *r = &routes[route_count];
  const struct sockaddr_in at = loopback((uint16_t)listen_port);
  const int on = 1;
  *r = (route){.target = (uint16_t)target, .queue_bytes = 32 * 1024};
  snprintf(r->name, sizeof r->name, "%s", name);
  r->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(r->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  options(r->listener);
  if (bind(r->listener, (const struct sockaddr *)&at, sizeof at) != 0 || listen(r->listener, 64) != 0) return false;
  route_count++;
  return true;
}

static bool command(const char *line) {
  char verb[16] = "", name[32] = "";
  double a = 0, b = 0, c = 0, d = 0;
  const int words = sscanf(line, "%15s %31s %lf %lf %lf %lf", verb, name, &a, &b, &c, &d);
  if (strcmp(verb, "quit") == 0) exit(0);
  if (strcmp(verb, "route") == 0 && words == 4) return add_route(name, (unsigned)a, (unsigned)b);
  route *r = words >= 2 ? find(name) : NULL;
  if (r == NULL) return false;
  if (strcmp(verb, "set") == 0 && words == 6) {
    r->delay_ms = a;
    r->jitter_ms = b;
    r->bit_s = c;
    r->queue_bytes = (size_t)d;
  } else if (strcmp(verb, "hole") == 0 && words == 3) {
    r->hole = a != 0;
  } else if (strcmp(verb, "cut") == 0 && words == 3) {
    r->cut = a != 0;
    if (r->cut) reset_all(r);
  } else if (strcmp(verb, "reset") == 0) {
    reset_all(r);
  } else {
    return false;
  }
  return true;
}

static void on_input(uv_poll_t *poll, int status, int events) {
  static char text[4096];
  static size_t used;
  const ssize_t got = read(0, text + used, sizeof text - used - 1);
  if (got <= 0) exit(0);
  used += (size_t)got;
  text[used] = '\0';
  for (char *end; (end = strchr(text, '\n')) != NULL;) {
    *end = '\0';
    puts(command(text) ? "ok" : "refused");
    fflush(stdout);
    used -= (size_t)(end + 1 - text);
    memmove(text, end + 1, used + 1);
  }
}

int main(void) {
  uv_timer_t timer;
  uv_poll_t input;
  uv_loop_init(&loop);
  uv_poll_init(&loop, &input, 0);
  uv_poll_start(&input, UV_READABLE, on_input);
  uv_timer_init(&loop, &timer);
  uv_timer_start(&timer, on_turn, 1, 1);
  uv_run(&loop, UV_RUN_DEFAULT);
  return 0;
}
