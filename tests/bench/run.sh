#!/usr/bin/env bash
# Measures Quartermaster beside the limit and beside PostgreSQL, and prints a table in Markdown. --json FILE writes the rows;
# --quick runs everything once and small; names of sections (submissions bulk slopes reads …) run those alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${QM_BUILD_DIR:-}" ]; then
  deploy/install-packages.sh >&2
  cmake --preset release >&2
  cmake --build --preset release --target qm qm-server load_generator yardstick_server postgres_load store_scan statistics_memory slower_syncs >&2
fi
exec /usr/bin/python3 -B tests/bench/benchmark.py "$@"
