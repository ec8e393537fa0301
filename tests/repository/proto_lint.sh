#!/usr/bin/env bash
# The protos pass buf's STANDARD rules.
set -euo pipefail
cd "$(dirname "$0")/../../proto"
buf=../build/buf/node_modules/.bin/buf
if [ ! -x "$buf" ]; then
  echo "skipped: build/buf holds no buf; tests/run.sh installs it where npm works"
  exit 77
fi
"$buf" lint .
