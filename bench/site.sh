#!/usr/bin/env bash
# A cold build of the site against copying what it made, side by side in one run; and what a browser loads.
# Usage: bench/site.sh WORKSPACE   (such as .ci/real_workspace.sh makes)
# Needs hyperfine and a release build of vmt. Every build goes into a folder that is not there yet: some file
# systems are slow where files were deleted a moment ago.
set -euo pipefail
workspace=$(realpath "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
vmt=$root/target/release/vmt
work=$(mktemp -d -p "$workspace")
trap 'rm -rf "$work"' EXIT
cd "$work"
"$vmt" -q -C "$workspace" build --out "$work/site"
echo "$(find site -type f | wc -l) files, $(du -sb site | cut -f1) bytes"
export vmt workspace
hyperfine --warmup 1 --runs 10 --style basic \
  --command-name 'vmt build, cold' 'bash -c "\$vmt -q -C \$workspace build --out $(mktemp -u -p .)"' \
  --command-name 'cp -r of the same' 'bash -c "cp -r site $(mktemp -u -p .)"'
echo "search index: $(find site/search -type f | wc -l) files, $(cat site/search/*.json | wc -c) bytes, \
$(for file in site/search/*.json; do gzip -9c "$file" | wc -c; done | paste -sd+ | bc) compressed"
echo "largest piece: $(for file in site/search/*.json; do echo "$(gzip -9c "$file" | wc -c) $(basename "$file")"; done | sort -rn | head -1)"
