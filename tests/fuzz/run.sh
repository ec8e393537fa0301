#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a while: run.sh [seconds a target, 10 unless given] [target...]
# New inputs go to build/fuzz/finds/TARGET, what broke a promise to build/fuzz/broken/TARGET. Fails if any target does, or if
# the canary does not. Exits with 77, for "skipped", where there is no Clang.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-10}
[ $# -gt 0 ] && shift
corpus=tests/fuzz/corpus
at_once=2          # Fuzzers beside each other; ctest is told so.
memory_mb=1024     # Of one input. The largest return of a shipped collection takes a tenth.
input_seconds=60   # Of one input. The slowest seed takes a tenth of one, but others may build beside it.
canary_seconds=60  # It is found in one.

probe='extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
if ! clang++ -fsanitize=fuzzer,address -x c++ - -o /dev/null <<<"$probe" 2>/dev/null; then
  echo "skipped: no Clang with libFuzzer and its sanitizers here; install clang and libclang-rt-14-dev"
  exit 77
fi

# The largest input that is tried, in bytes: room for what the target reads, and no more, since small inputs run fast.
largest_input() {
  case $1 in
    descriptor_set) echo 32768 ;;
    return_payload) echo 16384 ;;
    period | number) echo 128 ;;
    expression) echo 4400 ;;  # The longest source, and values behind it.
    *) echo 4096 ;;
  esac
}

run_target() {
  local target=$1 log=build/fuzz/logs/$1.log status=0 dictionary=()
  mkdir -p "build/fuzz/finds/$target" "build/fuzz/broken/$target" build/fuzz/logs
  [ -f "tests/fuzz/dictionaries/$target.txt" ] && dictionary=("-dict=tests/fuzz/dictionaries/$target.txt")
  "build/fuzz/bin/fuzz_$target" "build/fuzz/finds/$target" "$corpus/$target" -max_total_time="$seconds" \
    -rss_limit_mb=$memory_mb -timeout=$input_seconds -max_len="$(largest_input "$target")" "${dictionary[@]}" \
    -artifact_prefix="build/fuzz/broken/$target/" -print_final_stats=1 >"$log" 2>&1 || status=$?
  local runs edges took
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
  took=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) .*/\1/p' "$log")
  printf '%-15s %9s executions  %6s edges  %4s s  %s\n' "$target" "${runs:-?}" "${edges:-?}" "${took:-?}" \
    "$([ $status -eq 0 ] && echo ok || echo "FAILED, see $log and build/fuzz/broken/$target")"
  return $status
}

# The fault must be found, by the address sanitizer, where it is.
run_canary() {
  local log=build/fuzz/logs/canary.log
  mkdir -p build/fuzz/logs build/fuzz/broken/canary
  if build/fuzz/bin/fuzz_canary -max_total_time=$canary_seconds -artifact_prefix=build/fuzz/broken/canary/ >"$log" 2>&1; then
    echo "canary          FAILED: its fault was not found, so neither are others"
    return 1
  fi
  grep -q 'AddressSanitizer: stack-buffer-overflow' "$log" ||
    { echo "canary          FAILED: another fault than its own, see $log"; return 1; }
  echo "canary          its fault was found, as it must be"
}

export seconds corpus memory_mb input_seconds
export -f run_target largest_input
mkdir -p build
cmake --preset fuzz >build/fuzz-configure.log 2>&1 || { cat build/fuzz-configure.log; exit 1; }
cmake --build --preset fuzz >build/fuzz-build.log 2>&1 || { tail -40 build/fuzz-build.log; exit 1; }
failed=0
run_canary || failed=1
if [ $# -gt 0 ]; then targets=("$@"); else mapfile -t targets < <(ls "$corpus"); fi
printf '%s\n' "${targets[@]}" | xargs -P $at_once -I{} bash -c 'run_target {}' || failed=1
exit $failed
