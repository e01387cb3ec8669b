#include "io/pcap.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

// Formats: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng; link types: tcpdump.org/linktypes.html.
enum {
  LINK_NULL = 0,
  LINK_ETHERNET = 1,
  LINK_RAW = 101,
  LINK_SLL = 113,
  LINK_IPV4 = 228,
  LINK_IPV6 = 229,
  LINK_SLL2 = 276
};
#define MAGIC_US 0xa1b2c3d4u
#define MAGIC_NS 0xa1b23c4du
#define NG_SECTION 0x0a0d0d0au
#define NG_ORDER 0x1a2b3c4du
enum { NG_INTERFACE = 1, NG_SIMPLE = 3, NG_PACKET = 6 };

static uint32_t u32(const wf_pcap *p, size_t at) {
  uint32_t v;
  memcpy(&v, p->data.data + at, sizeof v);
  return p->swapped ? __builtin_bswap32(v) : v;
}
static uint16_t be16(const uint8_t *b) {
  return (uint16_t)(b[0] << 8 | b[1]);
}

bool wf_pcap_is(wf_bytes data) {
  uint32_t v;
  if (data.size < 24) return false;
  memcpy(&v, data.data, sizeof v);
  const uint32_t s = __builtin_bswap32(v);
  return v == MAGIC_US || v == MAGIC_NS || s == MAGIC_US || s == MAGIC_NS || v == NG_SECTION;
}

wf_status wf_pcap_open(wf_pcap *p, wf_bytes data, char reason[WF_IO_REASON_SIZE]) {
  *p = (wf_pcap){.data = data};
  if (!wf_pcap_is(data)) {
    snprintf(reason, WF_IO_REASON_SIZE, "is no pcap or pcapng file");
    return WF_EFORMAT;
  }
  const uint32_t magic = u32(p, 0);
  p->ng = magic == NG_SECTION;
  if (p->ng) return WF_OK;
  p->swapped = magic != MAGIC_US && magic != MAGIC_NS;
  p->tick_ns = u32(p, 0) == MAGIC_NS ? 1 : 1000;
  p->link_type[0] = u32(p, 20) & 0x0fffffffu;
  p->at = 24;
  return WF_OK;
}

// ---- Layers -------------------------------------------------------------------------------------------------------
static bool udp_of(wf_bytes b, wf_packet *out) {
  if (b.size < 8) return false;
  const size_t length = be16(b.data + 4);
  if (length < 8 || length > b.size) return false;
  out->source_port = be16(b.data);
  out->port = be16(b.data + 2);
  out->payload = (wf_bytes){b.data + 8, length - 8};
  return true;
}

static bool ipv4_of(wf_bytes b, wf_packet *out) {
  if (b.size < 20 || b.data[0] >> 4 != 4) return false;
  const size_t head = 4u * (b.data[0] & 15), total = be16(b.data + 2);
  const bool fragment = (be16(b.data + 6) & 0x3fff) != 0;
  if (head < 20 || total < head || total > b.size || b.data[9] != 17 || fragment) return false;
  inet_ntop(AF_INET, b.data + 16, out->to, sizeof out->to);
  return udp_of((wf_bytes){b.data + head, total - head}, out);
}

static bool ipv6_of(wf_bytes b, wf_packet *out) {
  if (b.size < 40 || b.data[0] >> 4 != 6 || b.data[6] != 17) return false;  // extension headers: not UDP to us
  const size_t length = be16(b.data + 4);
  if (length > b.size - 40) return false;
  inet_ntop(AF_INET6, b.data + 24, out->to, sizeof out->to);
  return udp_of((wf_bytes){b.data + 40, length}, out);
}

static bool ip_of(wf_bytes b, wf_packet *out) {
  if (b.size == 0) return false;
  return b.data[0] >> 4 == 6 ? ipv6_of(b, out) : ipv4_of(b, out);
}

static bool typed(wf_bytes b, size_t type_at, size_t head, wf_packet *out) {
  if (b.size < head) return false;
  uint16_t type = be16(b.data + type_at);
  while ((type == 0x8100 || type == 0x88a8) && b.size >= head + 4) {  // VLAN tags
    type = be16(b.data + head + 2);
    head += 4;
  }
  return (type == 0x0800 || type == 0x86dd) && ip_of((wf_bytes){b.data + head, b.size - head}, out);
}

static bool datagram_of(uint32_t link, wf_bytes b, wf_packet *out) {
  switch (link) {
    case LINK_ETHERNET:
      return typed(b, 12, 14, out);
    case LINK_SLL:
      return typed(b, 14, 16, out);
    case LINK_SLL2:
      return typed(b, 0, 20, out);
    case LINK_NULL:
      return b.size > 4 && ip_of((wf_bytes){b.data + 4, b.size - 4}, out);
    case LINK_RAW:
    case LINK_IPV4:
    case LINK_IPV6:
      return ip_of(b, out);
    default:
      return false;
  }
}

// ---- Files --------------------------------------------------------------------------------------------------------
typedef struct frame {
  uint32_t link;
  wf_bytes bytes;
  wf_time time;
} frame;

static wf_status broken(const wf_pcap *p, const char *what, char reason[WF_IO_REASON_SIZE]) {
  snprintf(reason, WF_IO_REASON_SIZE, "%s at offset %zu", what, p->at);
  return WF_EFORMAT;
}

static wf_status next_classic(wf_pcap *p, frame *out, char reason[WF_IO_REASON_SIZE]) {
  const size_t left = p->data.size - p->at;
  if (left == 0) return WF_EAGAIN;
  if (left < 16) return broken(p, "the file ends within a packet's head", reason);
  const uint32_t kept = u32(p, p->at + 8);
  if (kept > left - 16) return broken(p, "the file ends within a packet", reason);
  out->link = p->link_type[0];
  out->time.ns = (int64_t)u32(p, p->at) * WF_NS_PER_S + (int64_t)u32(p, p->at + 4) * p->tick_ns;
  out->bytes = (wf_bytes){p->data.data + p->at + 16, kept};
  p->at += 16 + (size_t)kept;
  return WF_OK;
}

// if_tsresol: a power of ten, or of two when the highest bit is set. Only what divides a second into whole ns is known.
static int64_t tick_of(const wf_pcap *p, size_t options, size_t end) {
  while (end - options >= 4) {
    const uint32_t word = u32(p, options);
    const uint16_t code = p->swapped ? (uint16_t)(word >> 16) : (uint16_t)word;
    const uint16_t size = p->swapped ? (uint16_t)word : (uint16_t)(word >> 16);
    const size_t padded = 4 + ((size_t)size + 3) / 4 * 4;
    if (code == 0 || padded > end - options) break;
    if (code == 9 && size == 1) {
      int64_t tick = WF_NS_PER_S;
      for (uint8_t i = p->data.data[options + 4]; i > 0 && tick > 1; i--) tick /= 10;
      return tick;
    }
    options += padded;
  }
  return 1000;
}

static void ng_interface(wf_pcap *p, size_t size) {
  if (p->interfaces == 16 || size < 20) return;
  const uint32_t word = u32(p, p->at + 8);
  p->link_type[p->interfaces] = p->swapped ? word >> 16 : word & 0xffff;
  p->interface_tick_ns[p->interfaces] = tick_of(p, p->at + 16, p->at + size - 4);
  p->interfaces++;
}

static bool ng_packet(wf_pcap *p, size_t size, frame *out) {
  if (size < 32) return false;
  const uint32_t interface = u32(p, p->at + 8), kept = u32(p, p->at + 20);
  if (interface >= p->interfaces || kept > size - 32) return false;
  const uint64_t ticks = (uint64_t)u32(p, p->at + 12) << 32 | u32(p, p->at + 16);
  const uint64_t tick = (uint64_t)p->interface_tick_ns[interface];
  if (ticks > (uint64_t)INT64_MAX / tick) return false;
  *out = (frame){p->link_type[interface], {p->data.data + p->at + 28, kept}, {(int64_t)(ticks * tick)}};
  return true;
}

static wf_status next_ng(wf_pcap *p, frame *out, char reason[WF_IO_REASON_SIZE]) {
  for (;;) {
    const size_t left = p->data.size - p->at;
    if (left == 0) return WF_EAGAIN;
    if (left < 12) return broken(p, "the file ends within a block's head", reason);
    uint32_t type = u32(p, p->at);
    if (type == NG_SECTION) {
      p->swapped = false;
      p->swapped = u32(p, p->at + 8) != NG_ORDER;
      p->interfaces = 0;
    }
    const size_t size = u32(p, p->at + 4);
    if (size < 12 || size % 4 != 0 || size > left) return broken(p, "a block with an impossible length", reason);
    const bool packet = type == NG_PACKET && ng_packet(p, size, out);
    if (type == NG_INTERFACE) ng_interface(p, size);
    if (type == NG_SIMPLE || (type == NG_PACKET && !packet)) {
      p->packets++;
      p->skipped++;
    }
    p->at += size;
    if (packet) return WF_OK;
  }
}

wf_status wf_pcap_next(wf_pcap *p, wf_packet *out, char reason[WF_IO_REASON_SIZE]) {
  for (frame f;;) {
    const wf_status status = p->ng ? next_ng(p, &f, reason) : next_classic(p, &f, reason);
    if (status == WF_EFORMAT) p->at = p->data.size;
    if (status != WF_OK) return status;
    p->packets++;
    out->time = f.time;
    if (datagram_of(f.link, f.bytes, out)) {
      out->offset = (size_t)(out->payload.data - p->data.data);
      return WF_OK;
    }
    p->skipped++;
  }
}
