#!/usr/bin/env bash
# Shows that a backup is worth something: fills a server with a synthetic sample, makes backups while returns keep coming,
# destroys the server with kill -9 and its data folder with rm, restores the last backup into a new folder, verifies it,
# serves it, and checks that the figures are those of before and that every return that was acknowledged before the
# backup is there. Works in a folder of its own, which it removes.
#
#   deploy/restore-drill.sh [--quarters N]
#
# QM_BINARY_DIR names the folder with qm and qm-server; else build/release/bin. --quarters is the size of the sample.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${QM_BINARY_DIR:-$PWD/build/release/bin}
quarters=4
if [ "${1:-}" = "--quarters" ]; then
  quarters=${2:?--quarters needs a number}
elif [ $# -gt 0 ]; then
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  exit 2
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/quartermaster-drill-XXXXXX")
server=
loads=()
finish() {
  local pid
  for pid in "${loads[@]}" $server; do kill -9 "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

say() { printf '\n== %s\n' "$*"; }
fail() {
  printf 'DRILL FAILED: %s\n' "$*" >&2
  exit 1
}
qm() { "$bin/qm" "$@"; }
show() {
  printf '$ qm %s\n' "$*"
  qm "$@"
}

# Serves a data folder, and has QM_SERVER and QM_TOKEN_FILE say so.
serve() {
  rm -f "$work/said"
  mkfifo "$work/said"
  "$bin/qm-server" --data-dir "$1" --backup-dir "$work/backups" --listen 127.0.0.1:0 >"$work/said" &
  server=$!
  local line
  read -r line <"$work/said" || fail "the server did not start"
  export QM_SERVER=${line#listening on } QM_TOKEN_FILE=$1/operator.token
}

# Sends the files again and again, each time as new revisions, and writes down every verdict once qm has it.
load() {
  local file service
  while true; do
    for file in "$work"/sample/returns/*-quarterly.csv; do
      service=$(basename "$file" -quarterly.csv)
      qm --output json submit "$file" --collection mhlda --service "$service" >>"$1" 2>/dev/null || return 0
    done
  done
}

# "service participant period revision" of each accepted return in files of verdicts, one object a line.
acknowledged() {
  cat "$@" | LC_ALL=C awk '
    function text(name, at, rest) {
      at = index($0, "\"" name "\":\"")
      rest = substr($0, at + length(name) + 4, 200)
      return substr(rest, 1, index(rest, "\"") - 1)
    }
    /"accepted":true/ && (at = index($0, "\"receipt\":{")) {
      receipt = substr($0, at, 400)
      match(receipt, /"revision":[0-9]+/)
      print text("service"), text("participant"), text("period"), substr(receipt, RSTART + 11, RLENGTH - 11)
    }'
}

# "service participant period revision" of every revision that the server has.
stored() { qm --output csv returns list --collection mhlda --all-revisions | tail -n +2 | awk -F, '{print $2, $1, $3, $4}'; }

figures() {
  local year
  for year in 2024/25 2025/26; do
    for quarter in Q1 Q2 Q3 Q4; do qm --output csv national --collection mhlda --period "$quarter $year"; done
  done
}

say "A server with a synthetic sample"
python3 deploy/sample/generate.py --out "$work/sample" --quarters "$quarters"
serve "$work/data"
qm participant import "$work/sample/participants.csv" >/dev/null
qm population import "$work/sample/populations.csv" >/dev/null
for periods in "2024-04 2026-03" "2024-25-Q1 2025-26-Q4"; do
  qm window reopen --collection mhlda --period "${periods% *}" --to "${periods#* }" --days 2 --reason "A drill." >/dev/null
done
for file in "$work"/sample/returns/*.csv; do
  service=$(basename "$file" .csv)
  qm submit "$file" --collection mhlda --service "${service%-*}" >/dev/null
done
figures >"$work/figures-before"
echo "$(stored | wc -l) returns, $(wc -l <"$work/figures-before") lines of national figures"

say "Backups while three senders send every quarterly return again and again"
for i in 1 2 3; do
  load "$work/ledger-$i" &
  loads+=($!)
done
while [ "$(cat "$work"/ledger-* 2>/dev/null | wc -l)" -lt 100 ]; do sleep 0.1; done
show admin backup create
# What qm has answered to a sender by now was acknowledged before the next backup begins.
acknowledged "$work"/ledger-* | sort -u >"$work/acknowledged"
show admin backup create
show admin verify
[ -s "$work/acknowledged" ] || fail "nothing was acknowledged under load"

say "The machine is lost: kill -9, and the data folder is gone"
kill -9 "$server"
wait "$server" 2>/dev/null || true
server=
wait "${loads[@]}" 2>/dev/null || true
loads=()
# The operator keeps a copy of what is in no backup.
mv "$work/data/operator.token" "$work/data/receipt.key" "$work/data/receipt-public.pem" "$work/"
rm -rf "$work/data"

say "What there is"
show admin backup list --backup-dir "$work/backups"

say "Restored into a new folder, and verified before it is served"
show admin restore --backup-dir "$work/backups" --to "$work/restored"
cp -p "$work/operator.token" "$work/receipt.key" "$work/receipt-public.pem" "$work/restored/"
show admin verify --data-dir "$work/restored"

say "Served"
serve "$work/restored"
figures >"$work/figures-after"
cmp "$work/figures-before" "$work/figures-after" || fail "the national figures are not those of before"
echo "National figures: $(wc -l <"$work/figures-after") lines, byte for byte those of before"
stored | sort -u >"$work/stored"
lost=$(comm -23 "$work/acknowledged" "$work/stored" | wc -l)
[ "$lost" = 0 ] || fail "$lost returns that were acknowledged before the backup are not there"
echo "Returns: all $(wc -l <"$work/acknowledged") that were acknowledged under load before the backup are there"
show admin verify
qm submit "$work/sample/returns/adult-inpatient-quarterly.csv" --collection mhlda --service adult-inpatient | tail -n 1
show admin backup create

say "Stopping"
kill "$server"
wait "$server"
server=
echo "DRILL PASSED"
