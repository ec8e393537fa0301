#!/usr/bin/env bash
# Counts the instructions of one submission and prints a table in Markdown. --submissions N: other than 2,000.
# Ends with 77 where Valgrind is not installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v callgrind_control > /dev/null; then
  echo "instructions.sh needs callgrind: apt-get install valgrind" >&2
  exit 77
fi
if [ -z "${QM_BUILD_DIR:-}" ]; then
  cmake --preset release >&2
  cmake --build --preset release --target qm qm-server load_generator >&2
fi
exec /usr/bin/python3 -B tests/bench/instructions.py "$@"
