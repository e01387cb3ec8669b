// Any bytes as a capture: datagrams within the input, or a reason; it always ends.
#include <stdlib.h>

#include "io/pcap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  wf_pcap pcap;
  wf_packet packet;
  char reason[WF_IO_REASON_SIZE] = "";
  if (wf_pcap_open(&pcap, (wf_bytes){data, size}, reason) != WF_OK) return 0;
  wf_status status;
  size_t last = 0;
  while ((status = wf_pcap_next(&pcap, &packet, reason)) == WF_OK) {
    if (packet.offset + packet.payload.size > size || packet.offset <= last) abort();
    last = packet.offset;
  }
  if (status == WF_EFORMAT && reason[0] == '\0') abort();
  return 0;
}
