// Text from outside that base reads: times and hexadecimal. What is accepted must survive being written and read again.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_time(const char *text) {
  wf_time t, again;
  char shown[WF_TIME_RFC3339_SIZE];
  if (wf_time_parse(text, &t) != WF_OK) return;
  if (wf_time_parse(wf_time_format(t, 9, shown), &again) != WF_OK || again.ns != t.ns) abort();
}

static void check_hex(const char *text, size_t length) {
  uint8_t bytes[64];
  char shown[129];
  const size_t size = length / 2 < sizeof bytes ? length / 2 : sizeof bytes;
  if (!wf_unhex(text, bytes, size)) return;
  if (strlen(text) != 2 * size) abort();
  wf_hex(bytes, size, shown);
  for (size_t i = 0; i < 2 * size; i++)
    if ((shown[i] | 0x20) != (text[i] | 0x20)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);  // exactly as large as needed, so that a sanitizer sees every step past the end
  if (text == NULL) return 0;
  memcpy(text, data, size);
  text[size] = '\0';
  check_time(text);
  check_hex(text, strlen(text));
  free(text);
  return 0;
}
