#!/bin/sh
# Every program given, under every libm variant that the C library can be told to pick, has the same pictures: the first
# one's number is everybody's.
want=
status=0
for program in "$@"; do
  for tunables in '' glibc.cpu.hwcaps=-FMA,-FMA4 glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-FMA,-FMA_Usable \
    glibc.cpu.hwcaps=-SSE4_1,-AVX,-AVX2,-AVX512F,-FMA,-FMA4,-ERMS; do
    got=$(GLIBC_TUNABLES=$tunables "$program") || got=failed
    [ -n "$want" ] || want=$got
    if [ "$got" = "$want" ] && [ "$got" != failed ]; then
      echo "same: $got ${program##*/} ${tunables:-(default)}"
    else
      echo "differs: ${program##*/} ${tunables:-(default)}: $got, not $want"
      status=1
    fi
  done
done
exit $status
