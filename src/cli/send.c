// watchfire send: datagrams of a capture again, with their timing.
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "io/pcap.h"
#include "whole_file.h"

#define CAPTURE_MOST (UINT64_C(1) << 40)

static const char HELP[] =
    "Usage: watchfire send --to ADDRESS:PORT [OPTION…] CAPTURE\n"
    "\n"
    "Sends the UDP datagrams of a pcap or pcapng file again, as far apart in time as they were.\n"
    "\n"
    "  --to ADDRESS:PORT   where to; may be a multicast group\n"
    "  --interface ADDR    of which interface a group is sent (127.0.0.1: this machine only)\n"
    "  --speed N           so many times as fast (1)\n"
    "  --start TIME        when the first one goes, RFC 3339; at once otherwise\n"
    "\n"
    "Example:\n"
    "  watchfire send --to 239.192.0.1:7801 --interface 127.0.0.1 recording.pcap\n";

typedef struct sending {
  struct sockaddr_in to;
  struct in_addr interface;
  double speed;
  wf_time start;
} sending;

static bool address_of(const char *text, struct sockaddr_in *out) {
  char host[64];
  const char *colon = strrchr(text, ':');
  char *end = NULL;
  const unsigned long port = colon != NULL ? strtoul(colon + 1, &end, 10) : 0;
  if (colon == NULL || (size_t)(colon - text) >= sizeof host || port == 0 || port > 65535 || *end != '\0') return false;
  memcpy(host, text, (size_t)(colon - text));
  host[colon - text] = '\0';
  *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  return inet_pton(AF_INET, host, &out->sin_addr) == 1;
}

static void wait_until(int64_t utc_ns) {
  const struct timespec t = {utc_ns / WF_NS_PER_S, utc_ns % WF_NS_PER_S};
  while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL) == EINTR) continue;
}

static int send_all(const sending *s, wf_bytes file, const char *path) {
  wf_pcap pcap;
  wf_packet packet;
  char reason[WF_IO_REASON_SIZE] = "";
  unsigned long sent = 0, failed = 0;
  int64_t first_ns = 0, begin_ns = s->start.ns;
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (s->interface.s_addr != 0) setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &s->interface, sizeof s->interface);
  wf_status status = wf_pcap_open(&pcap, file, reason);
  while (status == WF_OK && (status = wf_pcap_next(&pcap, &packet, reason)) == WF_OK) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (sent + failed == 0) first_ns = packet.time.ns;
    if (begin_ns == 0) begin_ns = (int64_t)now.tv_sec * WF_NS_PER_S + now.tv_nsec;
    wait_until(begin_ns + (int64_t)((double)(packet.time.ns - first_ns) / s->speed));
    const ssize_t n =
        sendto(fd, packet.payload.data, packet.payload.size, 0, (const struct sockaddr *)&s->to, sizeof s->to);
    if (n >= 0)
      sent++;
    else if (failed++ == 0)
      fprintf(stderr, "send: %s\n", strerror(errno));
  }
  close(fd);
  if (status == WF_EFORMAT) fprintf(stderr, "send: %s: %s\n", path, reason);
  printf("{\"sent\":%lu,\"failed\":%lu,\"not_udp\":%llu}\n", sent, failed, (unsigned long long)pcap.skipped);
  return status == WF_EFORMAT || failed > 0 ? WF_CLI_BAD_INPUT : WF_CLI_OK;
}

int wf_cli_send(int argc, char **argv) {
  static const struct option LONG[] = {{"to", 1, NULL, 't'},    {"interface", 1, NULL, 'i'}, {"speed", 1, NULL, 's'},
                                       {"start", 1, NULL, 'a'}, {"help", 0, NULL, 'h'},      {NULL, 0, NULL, 0}};
  sending s = {.speed = 1};
  bool has_address = false;
  for (int letter; (letter = getopt_long(argc, argv, "h", LONG, NULL)) != -1;) switch (letter) {
      case 'h':
        fputs(HELP, stdout);
        return WF_CLI_OK;
      case 't':
        has_address = address_of(optarg, &s.to);
        if (!has_address) return wf_cli_usage_error("send", "'%s' is not ADDRESS:PORT (IPv4)", optarg);
        break;
      case 'i':
        if (inet_pton(AF_INET, optarg, &s.interface) != 1)
          return wf_cli_usage_error("send", "'%s' is not an IPv4 address", optarg);
        break;
      case 's':
        s.speed = strtod(optarg, NULL);
        if (!(s.speed > 0 && s.speed <= 1e6)) return wf_cli_usage_error("send", "a speed above 0 is needed");
        break;
      case 'a':
        if (wf_time_parse(optarg, &s.start) != WF_OK)
          return wf_cli_usage_error("send", "'%s' is not a time like 2026-03-01T21:58:00Z", optarg);
        break;
      default:
        return wf_cli_usage_error("send", "see above");
    }
  if (!has_address || optind + 1 != argc) return wf_cli_usage_error("send", "--to and one CAPTURE are needed");
  size_t size;
  uint8_t *bytes = wf_cli_whole_file(argv[optind], CAPTURE_MOST, &size);
  if (bytes == NULL) {
    fprintf(stderr, "send: %s: %s\n", argv[optind], strerror(errno));
    return WF_CLI_USAGE;
  }
  const int status = send_all(&s, (wf_bytes){bytes, size}, argv[optind]);
  free(bytes);
  return status;
}
