#!/usr/bin/env bash
# From a fresh Debian 12 machine to a served national table: installs, builds, starts a server with a store of its own under
# build/quickstart, loads a synthetic sample, and shows what a data team sees. Everything in the sample is made up.
#
# QM_BINARY_DIR names a folder with qm and qm-server that are built already.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${QM_BINARY_DIR:-}" ]; then
  deploy/install-packages.sh
  cmake --preset release
  cmake --build --preset release --target qm qm-server
  QM_BINARY_DIR=$PWD/build/release/bin
fi
work=${QM_QUICKSTART_DIR:-$PWD/build/quickstart}
if [ -e "$work" ] && [ ! -e "$work/.quickstart" ]; then
  echo "$work was not made by the quickstart; name another folder with QM_QUICKSTART_DIR." >&2
  exit 1
fi
rm -rf "$work"
mkdir -p "$work"
touch "$work/.quickstart"

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
show() { printf '$ qm'; printf ' %q' "$@"; echo; qm "$@"; }
qm() { "$QM_BINARY_DIR/qm" "$@"; }

say "A synthetic sample: made-up participants, populations and returns"
python3 deploy/sample/generate.py --out "$work/sample"

say "The server, on a port that the kernel picks"
mkfifo "$work/said"
"$QM_BINARY_DIR/qm-server" --data-dir "$work/data" --listen 127.0.0.1:0 >"$work/said" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT
read -r line <"$work/said"
echo "$line"
export QM_SERVER=${line#listening on } QM_TOKEN_FILE=$work/data/operator.token

say "Who submits, whom they serve, and eight quarters of returns (synthetic)"
show participant import "$work/sample/participants.csv"
show population import "$work/sample/populations.csv"
# The sample's periods have closed, so the steward takes their returns once more.
show window reopen --collection mhlda --period 2024-04 --to 2026-03 --days 14 --reason "A first look."
show window reopen --collection mhlda --period 2024-25-Q1 --to 2025-26-Q4 --days 14 --reason "A first look."
for file in "$work"/sample/returns/*.csv; do
  service=$(basename "$file" .csv)
  service=${service%-*}
  printf '%-45s ' "$(basename "$file")"
  qm submit "$file" --collection mhlda --service "$service" | tail -n 1
done

say "A return with mistakes is refused: every finding at once, each at its cell"
show submit "$work/sample/returns-with-mistakes.csv" --collection mhlda --service adult-inpatient || echo "(exit code $?: rejected, nothing stored)"

say "Corrected, it is accepted, and the reply carries the new national means"
show submit "$work/sample/returns-corrected.csv" --collection mhlda --service adult-inpatient

say "The national table of a quarter (synthetic)"
show national --collection mhlda --period "Q4 2025/26" --service adult-inpatient

say "One participant's position (synthetic)"
show position --participant SYNTH02 --collection mhlda --period "Q4 2025/26" --service adult-inpatient

say "Stopping"
kill "$server"
wait "$server"
trap - EXIT
echo "The sample is in $work/sample, the store in $work/data. Start again with:"
echo "  $QM_BINARY_DIR/qm-server --data-dir $work/data"
