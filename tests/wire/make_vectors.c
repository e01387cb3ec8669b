// Prints the hexadecimal of every sample, one "name message hex" per line; tools/wire-vectors writes the files from it.
#include <sodium.h>
#include <stdio.h>

#include "samples.h"

int main(void) {
  static uint8_t bytes[65536];
  static char hex[2 * sizeof bytes + 1];
  if (sodium_init() < 0) return 2;
  for (size_t i = 0; i < sample_count; i++) {
    size_t length;
    if (samples[i].encode(bytes, sizeof bytes, &length) != WF_OK) return 1;
    wf_hex(bytes, length, hex);
    printf("%s %s %s\n", samples[i].name, samples[i].message, hex);
  }
  return 0;
}
