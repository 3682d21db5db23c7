#!/usr/bin/env bash
# Builds the fuzz targets on stable Rust and runs each for some seconds of processor time.
#
#   fuzz/run.sh [SECONDS] [TARGET...]     60 seconds, every target
#   fuzz/run.sh 0                         only the committed seeds, each once
#
# Prints a line a target: runs, edges, seconds of processor time, result. Ends with 1 where a target crashed; what
# made it crash is in fuzz/artifacts/TARGET, what was found to be new in fuzz/found/TARGET. Neither is committed.
set -euo pipefail
cd "$(dirname "$0")"
seconds="${1:-60}"
[[ "$seconds" =~ ^[0-9]+$ ]] || { echo "the first argument is a number of seconds" >&2; exit 2; }
shift || true
targets=("$@")
if [ "${#targets[@]}" = 0 ]; then
  for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi
for target in "${targets[@]}"; do
  [ -f "fuzz_targets/$target.rs" ] || { echo "there is no target $target" >&2; exit 2; }
done

# What the compiler of cargo-fuzz asks for, without its sanitizer, which needs nightly.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"
host="$(rustc -vV | sed -n 's/host: //p')"
cargo build --release --quiet --target "$host"
# A run keeps its program, whatever is built meanwhile.
programs="$(mktemp -d)"
trap 'rm -rf "$programs"' EXIT
for target in "${targets[@]}"; do cp "target/$host/release/$target" "$programs/"; done

# Rules and pages are worked on side by side; here one input at a time is enough.
export RAYON_NUM_THREADS=1
# A key ring of its own for the target that runs gpg.
export GNUPGHOME="$programs/gnupg"
mkdir -m 700 "$GNUPGHOME"

# Longest input in bytes: what is long enough for every form that a reader knows.
longest() {
  case "$1" in
    config | document | legacy_note | mail | revise) echo 8192 ;;
    leak) echo 16384 ;;
    host | version_expression | version_set | mailbox) echo 512 ;;
    *) echo 4096 ;;
  esac
}

# Folders of this repository that hold seeds as well.
seeds() {
  case "$1" in
    document | mail) echo ../advisories ../notes ;;
    prose) echo ../docs ;;
    legacy_note) echo ../tests/fixtures/import ;;
  esac
}

# The user time of finished children in whole seconds.
spent() { times | awk 'NR == 2 { split($1, part, /[ms]/); print int(part[1] * 60 + part[2]) }'; }

status=0
for target in "${targets[@]}"; do
  mkdir -p "found/$target" "artifacts/$target" "corpus/$target"
  log="found/$target.log"
  : >"$log"
  options=(-max_len="$(longest "$target")" -timeout=25 -rss_limit_mb=2048 -report_slow_units=2
    -print_final_stats=1 -artifact_prefix="artifacts/$target/")
  [ ! -f "dictionaries/$target.dict" ] || options+=(-dict="dictionaries/$target.dict")
  # shellcheck disable=SC2046
  folders=("corpus/$target" $(seeds "$target"))
  runs=0
  began="$(spent)"
  result=ok
  while :; do
    used=$(($(spent) - began))
    left=$((seconds - used))
    if [ "$seconds" = 0 ]; then
      "$programs/$target" "${options[@]}" -runs=0 "${folders[@]}" >>"$log" 2>&1 || result=crashed
    else
      "$programs/$target" "${options[@]}" -max_total_time=$((left < 5 ? 5 : left)) "found/$target" \
        "${folders[@]}" >>"$log" 2>&1 || result=crashed
    fi
    ran="$(sed -n "s/^stat::number_of_executed_units: *//p" "$log" | tail -1)"
    runs=$((runs + ${ran:-0}))
    # Others may have used the processor meanwhile: on until the target had its time.
    [ "$result" = ok ] && [ $(($(spent) - began)) -lt "$seconds" ] || break
  done
  edges="$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)"
  [ "$result" = ok ] || status=1
  printf '%-20s %10s runs  %6s edges  %5s s  %s\n' "$target" "$runs" "${edges:-0}" "$(($(spent) - began))" "$result"
done
exit "$status"
