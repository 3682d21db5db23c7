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
# Release builds name their commit, and each would be built anew.
export VMT_COMMIT="${VMT_COMMIT:-0000000}"
cargo build --release --quiet --target "$host"
# A run keeps its program, whatever is built meanwhile.
programs="$(mktemp -d)"
trap 'rm -rf "$programs"' EXIT
for target in "${targets[@]}"; do cp "target/$host/release/$target" "$programs/"; done

# A key ring of its own for the target that runs gpg.
export GNUPGHOME="$programs/gnupg"
mkdir -m 700 "$GNUPGHOME"
# gpg stops reading where it has seen enough. Rust ignores the signal for that, but only in programs with a main of its own.
trap '' PIPE

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

# The processor time of a process and of the programs that it ran, in whole seconds of user time.
spent() {
  local fields
  fields="$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null)" || return 1
  # Behind the name of the program, utime and cutime are the 12th and the 14th (proc_pid_stat(5)).
  # shellcheck disable=SC2086
  set -- $fields
  echo $(((${12} + ${14}) / $(getconf CLK_TCK)))
}

status=0
for target in "${targets[@]}"; do
  mkdir -p "found/$target" "artifacts/$target" "corpus/$target"
  log="found/$target.log"
  options=(-max_len="$(longest "$target")" -timeout="${TIMEOUT:-25}" -rss_limit_mb=2048 -report_slow_units=2
    -print_final_stats=1 -artifact_prefix="artifacts/$target/")
  [ ! -f "dictionaries/$target.dict" ] || options+=(-dict="dictionaries/$target.dict")
  # shellcheck disable=SC2046
  folders=("corpus/$target" $(seeds "$target"))
  if [ "$seconds" = 0 ]; then
    options+=(-runs=0)
  else
    folders=("found/$target" "${folders[@]}")
  fi
  "$programs/$target" "${options[@]}" "${folders[@]}" >"$log" 2>&1 &
  process=$!
  used=0
  while now="$(spent "$process")"; do
    used="$now"
    # It ends by itself when it is asked to with this signal.
    [ "$seconds" = 0 ] || [ "$used" -lt "$seconds" ] || kill -USR1 "$process" 2>/dev/null || true
    sleep 1
  done
  result=ok
  wait "$process" || { result=crashed; status=1; }
  runs="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)"
  edges="$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)"
  printf '%-20s %10s runs  %6s edges  %5s s  %s\n' "$target" "${runs:-0}" "${edges:-0}" "$used" "$result"
done
exit "$status"
