#!/bin/bash
# console.sh logic WEB | browser WEB GATEWAY | demo WEB WATCHFIRE: the console's tests, where their tools are there.
set -u
kind=$1
program=$(realpath "${3:-.}")
cd "$2" || exit 1

skip() { echo "skipped: $1"; exit 77; }
command -v node >/dev/null || skip "Node.js is absent"
[ -d node_modules/vitest ] || skip "web/node_modules is absent (npm ci in web/)"

case "$kind" in
  logic)
    exec node node_modules/vitest/vitest.mjs run
    ;;
  browser | demo)
    [ -x "${WF_CHROMIUM:-/usr/bin/chromium}" ] || skip "Chromium is absent"
    [ -f dist/index.html ] || skip "web/dist is absent (npm run build in web/)"
    if [ "$kind" = demo ]; then
      WF_WATCHFIRE=$program exec node --test e2e/demo.test.mjs
    fi
    WF_GATEWAY=$program exec node --test e2e/watch.test.mjs
    ;;
esac
