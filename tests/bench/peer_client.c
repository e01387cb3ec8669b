// Says and hears messages through another system's broker, over TLS, with that system's own wire protocol and nothing
// else: MQTT 3.1.1 at QoS 1, or NATS JetStream with a stream on disk. One process says, one hears; both on this
// machine. usage: peer_client mqtt|nats PORT SIZE RATE COUNT       RATE 0: as fast as it goes. Prints one line of JSON
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "samples.h"

enum { BUFFER = 1 << 20 };
static SSL *ssl;
static int fd;
static uint8_t in[BUFFER];
static size_t in_used;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void must(bool ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "peer_client: %s\n", what);
  _exit(1);
}

static void connect_tcp(int port) {
  const struct sockaddr_in a = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int on = 1;
  fd = socket(AF_INET, SOCK_STREAM, 0);
  must(connect(fd, (const struct sockaddr *)&a, sizeof a) == 0, "connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void connect_tls(void) {
  SSL_CTX *c = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION);
  ssl = SSL_new(c);
  SSL_set_fd(ssl, fd);
  must(SSL_connect(ssl) == 1, "TLS");
}

static void put(const void *bytes, size_t size) {
  must(SSL_write(ssl, bytes, (int)size) == (int)size, "write");
}

static void read_more(void) {
  must(in_used < sizeof in, "a message too long");
  const int got = SSL_read(ssl, in + in_used, (int)(sizeof in - in_used));
  must(got > 0, "the broker closed");
  in_used += (size_t)got;
}

static void take(size_t size) {
  in_used -= size;
  memmove(in, in + size, in_used);
}

static bool readable(int wait_ms) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  return SSL_pending(ssl) > 0 || poll(&p, 1, wait_ms) > 0;
}

// ---- MQTT 3.1.1 -----------------------------------------------------------------------------------------------------
// One whole packet: its first byte, and where its content is; 0 = not all of it is here yet.
static size_t mqtt_packet(size_t at, uint8_t *type, size_t *content, size_t *size) {
  size_t length = 0, i = at + 1;
  for (int shift = 0; i < in_used; shift += 7) {
    length |= (size_t)(in[i] & 0x7f) << shift;
    if ((in[i++] & 0x80) == 0) {
      *type = in[at];
      *content = i;
      *size = length;
      return i + length <= in_used ? i + length - at : 0;
    }
  }
  return 0;
}

static void mqtt_connect(const char *name) {
  uint8_t p[64] = {0x10, 0, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, (uint8_t)strlen(name)};
  memcpy(p + 14, name, strlen(name));
  p[1] = (uint8_t)(12 + strlen(name));
  put(p, 2u + p[1]);
  while (in_used < 4) read_more();
  must(in[0] == 0x20 && in[3] == 0, "CONNACK");
  take(4);
}

static void mqtt_subscribe(void) {
  static const uint8_t p[] = {0x82, 6, 0, 1, 0, 1, 't', 1};
  put(p, sizeof p);
  while (in_used < 5) read_more();
  must(in[0] == 0x90, "SUBACK");
  take(5);
}

static void mqtt_say(const uint8_t *message, size_t size) {
  static uint16_t id;
  uint8_t p[70000] = {0x32};
  const size_t length = 2 + 1 + 2 + size;
  size_t n = 1;
  for (size_t left = length; n == 1 || left > 0; left >>= 7)
    p[n++] = (uint8_t)((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
  id = (uint16_t)(id == 65535 ? 1 : id + 1);
  const uint8_t head[5] = {0, 1, 't', (uint8_t)(id >> 8), (uint8_t)id};
  memcpy(p + n, head, 5);
  memcpy(p + n + 5, message, size);
  put(p, n + 5 + size);
}

static long mqtt_acks(void) {
  size_t at = 0, content, size, whole;
  uint8_t type;
  long acks = 0;
  for (; at < in_used && (whole = mqtt_packet(at, &type, &content, &size)) > 0; at += whole) acks += type == 0x40;
  take(at);
  return acks;
}

static const uint8_t *mqtt_hear(size_t *whole) {
  uint8_t type;
  size_t content, size;
  while (in_used == 0 || (*whole = mqtt_packet(0, &type, &content, &size)) == 0) read_more();
  if ((type & 0xf0) != 0x30) return NULL;
  const uint8_t ack[4] = {0x40, 2, in[content + 3], in[content + 4]};
  put(ack, sizeof ack);
  return in + content + 5;
}

// ---- NATS -----------------------------------------------------------------------------------------------------------
static void nats_line(char *line, size_t size) {
  uint8_t *end;
  while ((end = memmem(in, in_used, "\r\n", 2)) == NULL) read_more();
  const size_t length = (size_t)(end - in);
  must(length < size, "a line too long");
  memcpy(line, in, length);
  line[length] = '\0';
  take(length + 2);
}

static void nats_connect(int port) {
  char info[4096];
  connect_tcp(port);
  size_t n = 0;
  while (n < sizeof info - 1 && read(fd, info + n, 1) == 1 && info[n] != '\n') n++;  // before TLS begins
  connect_tls();
  static const char hello[] = "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nPING\r\n";
  put(hello, sizeof hello - 1);
  do nats_line(info, sizeof info);
  while (strncmp(info, "PONG", 4) != 0);
}

// MSG subject sid [reply] size, then the content: where it is and how long with its end.
static const uint8_t *nats_message(size_t *whole, size_t *size) {
  uint8_t *end = memmem(in, in_used, "\r\n", 2);
  if (end == NULL) return NULL;
  const size_t head = (size_t)(end - in) + 2;
  if (memcmp(in, "MSG", 3) != 0 && memcmp(in, "HMSG", 4) != 0) {
    *whole = head;
    *size = 0;
    if (memcmp(in, "PING", 4) == 0) put("PONG\r\n", 6);
    return in;
  }
  const uint8_t *space = memrchr(in, ' ', head - 2);
  *size = strtoul((const char *)space + 1, NULL, 10);
  *whole = head + *size + 2;
  return *whole <= in_used ? in + head : NULL;
}

static void nats_request(const char *subject, const char *json) {
  char line[1024];
  const int n = snprintf(line, sizeof line, "SUB r 9\r\nPUB %s r %zu\r\n%s\r\n", subject, strlen(json), json);
  size_t whole, size;
  const uint8_t *answer;
  put(line, (size_t)n);
  for (;;) {
    while ((answer = nats_message(&whole, &size)) == NULL) read_more();
    const bool done = size > 0, bad = done && memmem(answer, size, "\"error\"", 7) != NULL;
    if (bad) fprintf(stderr, "%.*s\n", (int)size, (const char *)answer);
    take(whole);
    must(!bad, subject);
    if (done) break;
  }
  put("UNSUB 9\r\n", 9);
}

static void nats_say(const uint8_t *message, size_t size) {
  char line[70000];
  const int n = snprintf(line, 64, "PUB t a %zu\r\n", size);
  memcpy(line + n, message, size);
  memcpy(line + n + size, "\r\n", 2);
  put(line, (size_t)n + size + 2);
}

static long nats_acks(void) {
  size_t whole, size;
  long acks = 0;
  while (in_used > 0 && nats_message(&whole, &size) != NULL) {
    acks += size > 0;
    take(whole);
  }
  return acks;
}

static const uint8_t *nats_hear(size_t *whole) {
  size_t size;
  const uint8_t *found;
  while ((found = nats_message(whole, &size)) == NULL) read_more();
  return size > 0 ? found : NULL;
}

// ---- Both -----------------------------------------------------------------------------------------------------------
static void hear(bool mqtt, int port, long count, int ready) {
  if (mqtt) {
    connect_tcp(port);
    connect_tls();
    mqtt_connect("hear");
    mqtt_subscribe();
  } else {
    nats_connect(port);
    nats_request(
        "$JS.API.STREAM.CREATE.S",
        "{\"name\":\"S\",\"subjects\":[\"t\"],\"storage\":\"file\",\"retention\":\"limits\",\"num_replicas\":1}");
    put("SUB d 1\r\n", 9);
    nats_request("$JS.API.CONSUMER.CREATE.S",
                 "{\"stream_name\":\"S\",\"config\":{\"deliver_subject\":\"d\",\"ack_policy\":\"none\",\"deliver_"
                 "policy\":\"new\"}}");
  }
  must(write(ready, "r", 1) == 1, "pipe");
  samples s = {0};
  int64_t first = 0, last = 0;
  for (long i = 0; i < count;) {
    size_t whole;
    const uint8_t *message = mqtt ? mqtt_hear(&whole) : nats_hear(&whole);
    if (message != NULL) {
      int64_t said;
      memcpy(&said, message, sizeof said);
      last = now_ns();
      if (first == 0) first = said;
      samples_add(&s, (double)(last - said) * 1e-3);
      i++;
    }
    take(whole);
  }
  printf("{\"records_s\":%.0f,", (double)count * 1e9 / (double)(last - first));
  samples_print("latency", &s);
  printf("}\n");
  fflush(stdout);
}

static void say(bool mqtt, int port, size_t size, double rate, long count) {
  static uint8_t message[65536];
  long acks = 0;
  prctl(PR_SET_TIMERSLACK, 1000UL);
  if (mqtt) {
    connect_tcp(port);
    connect_tls();
    mqtt_connect("say");
  } else {
    nats_connect(port);
    put("SUB a 2\r\n", 9);
  }
  const int64_t start = now_ns();
  for (long i = 0; i < count; i++) {
    if (rate > 0) {
      const int64_t due = start + (int64_t)((double)i * 1e9 / rate);
      const struct timespec at = {due / 1000000000, due % 1000000000};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    }
    const int64_t now = now_ns();
    memcpy(message, &now, sizeof now);
    if (mqtt)
      mqtt_say(message, size);
    else
      nats_say(message, size);
    while (readable(0) || (rate <= 0 && i - acks > 4096)) {  // a window, when it goes as fast as it can
      read_more();
      acks += mqtt ? mqtt_acks() : nats_acks();
    }
  }
  while (acks < count && readable(5000)) {
    read_more();
    acks += mqtt ? mqtt_acks() : nats_acks();
  }
}

int main(int argc, char **argv) {
  must(argc == 6, "usage: peer_client mqtt|nats PORT SIZE RATE COUNT");
  const bool mqtt = strcmp(argv[1], "mqtt") == 0;
  const int port = atoi(argv[2]);
  const size_t size = (size_t)atol(argv[3]);
  const long count = atol(argv[5]);
  int ready[2];
  char byte;
  must(size >= 8 && size < 65536 && pipe(ready) == 0, "size");
  const pid_t child = fork();
  if (child == 0) {
    hear(mqtt, port, count, ready[1]);
    _exit(0);
  }
  close(ready[1]);
  must(read(ready[0], &byte, 1) == 1, "the hearer is not ready");
  say(mqtt, port, size, atof(argv[4]), count);
  int status;
  waitpid(child, &status, 0);
  return status == 0 ? 0 : 1;
}
