// Captured packets (pcap with either byte order and µs or ns; pcapng) → datagrams. Works on bytes in memory, keeps
// pointers into them.
#ifndef WF_IO_PCAP_H
#define WF_IO_PCAP_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/time.h"
#include "io/reason.h"

typedef struct wf_packet {
  wf_time time;
  wf_bytes payload;  // of UDP
  size_t offset;     // of the payload in the file
  uint16_t source_port, port;
  char to[48];  // address it was sent to
} wf_packet;

typedef struct wf_pcap {
  wf_bytes data;
  size_t at;
  bool swapped, ng;
  int64_t tick_ns;         // of a time stamp; 0: a power of two below a second, in `shift`
  uint32_t link_type[16];  // by interface (pcapng)
  int64_t interface_tick_ns[16];
  uint32_t interfaces;
  uint64_t packets, skipped;  // seen; without UDP, fragments, cut short
} wf_pcap;

bool wf_pcap_is(wf_bytes data);
wf_status wf_pcap_open(wf_pcap *pcap, wf_bytes data, char reason[WF_IO_REASON_SIZE]);
// The next UDP datagram; packets without one are counted in `skipped`. WF_EAGAIN at the end, WF_EFORMAT when the file
// breaks off or lies about a length: then there is no next.
wf_status wf_pcap_next(wf_pcap *pcap, wf_packet *out, char reason[WF_IO_REASON_SIZE]);

#endif
