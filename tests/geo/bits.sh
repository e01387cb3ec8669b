#!/bin/sh
# The bits of base and geo: every program given, under every libm variant that the C library can be told to pick, prints
# the value below. It changes only when an algorithm is changed on purpose: then say so in the commit that changes it.
want=237040b0d67ef631
status=0
for program in "$@"; do
  for tunables in '' glibc.cpu.hwcaps=-FMA,-FMA4 glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-FMA,-FMA_Usable \
    glibc.cpu.hwcaps=-SSE4_1,-AVX,-AVX2,-AVX512F,-FMA,-FMA4,-ERMS; do
    got=$(GLIBC_TUNABLES=$tunables "$program") || got=failed
    if [ "$got" = "$want" ]; then
      echo "same: ${program##*/} ${tunables:-(default)}"
    else
      echo "differs: ${program##*/} ${tunables:-(default)}: $got, not $want"
      status=1
    fi
  done
done
exit $status
