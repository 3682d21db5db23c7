#!/usr/bin/env bash
# Speed and memory of vmt on made-up and real documents, and beside other generators, in one run.
# Usage: bench/compare.sh [--sphinx PYTHON] [--real WORKSPACE] [COUNT...]
#   COUNT      sizes of the made-up corpora (default: 200 1000 10000)
#   WORKSPACE  one such as .ci/real_workspace.sh makes
#   PYTHON     a Python that has sphinx and pyyaml
# Needs hyperfine, python3 and a release build of vmt; hugo where it is installed. Every cold build goes into
# a folder that is not there yet: some file systems are slow where files were deleted a moment ago. TMPDIR says
# where they all lie.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
vmt=${VMT:-$root/target/release/vmt}
python='' real=''
while [ $# -gt 0 ]; do
  case $1 in
    --sphinx) python=$2; shift 2 ;;
    --real) real=$(realpath "$2"); shift 2 ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || set -- 200 1000 10000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export vmt
time_of() { /usr/bin/time -f "%e s elapsed, %U user + %S system, %M KB peak" "$@" 2>&1 >/dev/null | tail -1; }
# Names a new folder for each run beforehand, in the file `out`, so that only the program itself is measured.
new_folder='mktemp -u -p $work >$work/out'
measure() { hyperfine --warmup 1 --runs "${runs:-10}" --style basic "$@" 2>/dev/null | grep -E 'Benchmark|Time|times faster|± .* faster'; }

# One word more in one document; the folder of the build is that of the last one.
edit_of() {
  cat >"$1/edit.sh" <<EDIT
file=\$(find "$1/advisories" -name '*.yaml' | sort | sed -n 3p)
sed -i '0,/description: |/s//description: |\n  Word '\$RANDOM' more./' "\$file"
EDIT
}

for count in "$@"; do
  corpus=$work/$count
  "$root/bench/corpus.py" "$count" "$corpus"
  echo "== $count documents, $(cat "$corpus"/*/*.yaml | wc -c) bytes"
  echo "check:           $(time_of "$vmt" -q -C "$corpus" check)"
  echo "export osv:      $(time_of "$vmt" -q -C "$corpus" export osv --out "$corpus/osv")"
  echo "cold build:      $(time_of "$vmt" -q -C "$corpus" build)"
  echo "copy of it:      $(time_of cp -r "$corpus/public" "$corpus/copy")"
  edit_of "$corpus"
  for round in 1 2 3; do
    bash "$corpus/edit.sh"
    echo "after an edit $round: $(time_of "$vmt" -q -C "$corpus" build)"
  done
  "$vmt" -q -C "$corpus" build --fresh --out "$corpus/again/site"
  diff -rq "$corpus/public" "$corpus/again/site" && echo "the same as a build from nothing"
  echo "files: $(find "$corpus/public" -type f | wc -l), bytes: $(du -sb "$corpus/public" | cut -f1)," \
    "search index: $(cat "$corpus"/public/search/*.json | wc -c)"
  rm -rf "$corpus/again" "$corpus/copy"
done

sphinx_project() {
  cp -r "$root/bench/sphinx" "$2"
  mkdir "$2/documents"
  cp "$1"/advisories/*.yaml "$1"/notes/*.yaml "$2/documents/"
}

beside_others() {
  local corpus=$1 name=$2
  echo "== beside others: $name"
  export corpus work
  local commands=(--prepare "$new_folder" --command-name 'vmt build, cold' 'read -r out <$work/out; $vmt -q -C $corpus build --out $out/site')
  if command -v hugo >/dev/null; then
    cp -r "$root/bench/hugo" "$work/hugo-$name"
    mkdir "$work/documents-$name"
    cp "$corpus"/advisories/*.yaml "$corpus"/notes/*.yaml "$work/documents-$name/"
    "${python:-python3}" "$root/bench/hugo/content.py" "$work/documents-$name" "$work/hugo-$name/content"
    commands+=(--command-name 'hugo' "read -r out <$work/out; hugo --quiet -s $work/hugo-$name -d \$out")
  fi
  if [ -n "$python" ]; then
    sphinx_project "$corpus" "$work/sphinx-$name"
    commands+=(--command-name 'sphinx' "read -r out <$work/out; $python -m sphinx -q -E -j auto -b html $work/sphinx-$name \$out 2>/dev/null")
  fi
  runs=${runs_beside:-3} measure "${commands[@]}"
}

if [ -n "$real" ]; then
  cp -r "$real" "$work/real"
  rm -rf "$work/real/public" "$work/real/.vmt-cache"
  cd "$work"
  corpus=$work/real
  export corpus work
  echo "== the real documents"
  "$vmt" -q -C real build --out "$work/reference/site"
  measure --prepare "$new_folder" --command-name 'vmt build, cold' 'read -r out <$work/out; $vmt -q -C $corpus build --out $out/site' \
    --command-name 'cp -r of the same' 'read -r out <$work/out; cp -r $work/reference/site $out'
  edit_of "$work/real"
  "$vmt" -q -C real build
  measure --prepare "bash $work/real/edit.sh" --command-name 'vmt build after an edit' "$vmt -q -C real build"
  beside_others "$work/real" real
  # Other generators make no pages of releases: without releases.lock the pages are nearer to theirs.
  rm "$work/real/releases.lock"
  beside_others "$work/real" without-releases
fi
for count in "$@"; do
  if [ "$count" -le 1000 ]; then beside_others "$work/$count" "$count"; fi
done
