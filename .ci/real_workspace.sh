#!/usr/bin/env bash
# Makes a workspace of the real corpus: the advisories, the notes in YAML, the legacy notes imported with
# their days, and releases.lock from the skeletons of the real histories.
# The book is published with it, so that its pages are held to the same.
# usage: real_workspace.sh SHARED FOLDER VMT
set -euo pipefail
shared=$(realpath "$1") folder=$2 vmt=$(realpath "$3")
"$vmt" -q init "$folder"
cp -r "$(dirname "$0")/../docs" "$folder/docs"
sed -i 's/^\[site\]$/&\ndocs = "docs"/' "$folder/vmt.toml"
rm -f "$folder"/advisories/*.yaml "$folder"/notes/*.yaml
cp "$shared"/corpus/ossa/*.yaml "$folder/advisories/"
while read -r id first _; do
  if [ -f "$shared/corpus/ossn/$id" ]; then
    "$vmt" -q -C "$folder" import ossn --date "$first" "$shared/corpus/ossn/$id"
  fi
done <"$shared/corpus/ossn-dates.txt"
for note in "$shared"/corpus/ossn-yaml/OSSN-*.yaml; do
  cp -n "$note" "$folder/notes/"
done
for history in "$shared"/histories/*.fi.zst; do
  clone="$folder/.clones/$(basename "$history" .fi.zst).git"
  git init -q --bare "$clone"
  zstd -dcq --long=27 "$history" | git -C "$clone" fast-import --done --quiet
done
"$vmt" -q -C "$folder" releases resolve --clones "$folder/.clones"
rm -rf "$folder/.clones"
