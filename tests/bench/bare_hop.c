// What TLS 1.3 with certificates on both sides costs by itself: one process writes a message and another reads it, over
// loopback, nothing else. One way, by the clock both share, from just before the write to after the read.
// usage: bare_hop CERTIFICATE KEY SIZE RATE COUNT [LISTEN CONNECT]      prints one line of JSON
// With ports the writer connects to another one than the reader listens on: a line between them is somebody else's.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "samples.h"

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void must(bool ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "bare_hop: %s\n", what);
  _exit(1);
}

static int accept_any(X509_STORE_CTX *context, void *unused) {
  return 1;  // who the other is was settled when it was forked
}

static SSL *open_ssl(const char *certificate, const char *key, int fd, bool server) {
  SSL_CTX *c = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION);
  SSL_CTX_set_num_tickets(c, 0);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback(c, accept_any, NULL);
  must(SSL_CTX_use_certificate_file(c, certificate, SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_use_PrivateKey_file(c, key, SSL_FILETYPE_PEM) == 1,
       "certificate and key");
  SSL *ssl = SSL_new(c);
  SSL_set_fd(ssl, fd);
  must((server ? SSL_accept(ssl) : SSL_connect(ssl)) == 1, "handshake");
  return ssl;
}

static void write_all(SSL *ssl, int size, double rate, long count) {
  uint8_t message[16384] = {0};
  prctl(PR_SET_TIMERSLACK, 1000UL);
  const int64_t start = now_ns();
  for (long i = 0; i < count; i++) {
    const int64_t due = start + (int64_t)((double)i * 1e9 / rate);
    const struct timespec at = {due / 1000000000, due % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    const int64_t now = now_ns();
    memcpy(message, &now, sizeof now);
    must(SSL_write(ssl, message, size) == size, "write");
  }
}

static void read_all(SSL *ssl, int size, long count) {
  uint8_t message[16384];
  samples s = {0};
  for (long i = 0; i < count; i++) {
    int64_t said;
    int got = 0;
    for (int n; got < size; got += n) must((n = SSL_read(ssl, message + got, size - got)) > 0, "read");
    memcpy(&said, message, sizeof said);
    samples_add(&s, (double)(now_ns() - said) * 1e-3);
  }
  putchar('{');
  samples_print("latency", &s);
  printf("}\n");
}

int main(int argc, char **argv) {
  must(argc == 6 || argc == 8, "usage: bare_hop CERTIFICATE KEY SIZE RATE COUNT [LISTEN CONNECT]");
  const int size = atoi(argv[3]), listener = socket(AF_INET, SOCK_STREAM, 0);
  const long count = atol(argv[5]);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof a;
  if (argc == 8) a.sin_port = htons((uint16_t)atoi(argv[6]));
  must(size >= 8 && size <= 16384 && bind(listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(listener, 1) == 0 &&
           getsockname(listener, (struct sockaddr *)&a, &length) == 0,
       "listen");
  if (argc == 8) a.sin_port = htons((uint16_t)atoi(argv[7]));
  const pid_t child = fork();
  if (child == 0) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "connect");
    SSL *ssl = open_ssl(argv[1], argv[2], fd, false);
    write_all(ssl, size, atof(argv[4]), count);
    char end;
    SSL_read(ssl, &end, 1);  // the reader ends first
    _exit(0);
  }
  const int in = accept(listener, NULL, NULL);
  read_all(open_ssl(argv[1], argv[2], in, true), size, count);
  fflush(stdout);
  close(in);
  waitpid(child, NULL, 0);
  return 0;
}
