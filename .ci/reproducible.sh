#!/usr/bin/env bash
# Two builds of one commit in two folders are the same program, byte for byte; and both make the same site in two
# folders. Usage: .ci/reproducible.sh PROGRAM   (a release build of what is checked out here)
# What has to be equal for it: the commit, the toolchain, the target, and the folder in which cargo keeps the sources
# of crates, whose name is in messages of panics.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/other place"
# With its repository, which says what commit it is.
tar -c --exclude=./target --exclude=./fuzz/target --exclude=./public --exclude=./.vmt-cache --exclude=node_modules . | tar -x -C "$work/other place"
(cd "$work/other place" && CARGO_TARGET_DIR="$work/target" cargo build --quiet --locked --release)
cmp "$program" "$work/target/release/vmt" || { echo "the programs differ"; exit 1; }
echo "the same program: $(sha256sum <"$program" | cut -c1-16), $(stat -c %s "$program") bytes"
cp -r "$work/other place" "$work/third"
for place in "other place" third; do
  # Another time zone, language and number of threads must not show.
  "$program" -q -C "$work/$place" build
  export TZ=Pacific/Kiritimati LANG=C LC_ALL=C RAYON_NUM_THREADS=1
done
diff -r "$work/other place/public" "$work/third/public" || { echo "the sites differ"; exit 1; }
echo "the same site: $(find "$work/third/public" -type f | wc -l) files"
