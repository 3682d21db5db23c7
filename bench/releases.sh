#!/usr/bin/env bash
# Release resolution against the git program, side by side in one run.
# Usage: bench/releases.sh CLONES ADVISORIES
#   CLONES      folder of bare clones, PRODUCT.git each
#   ADVISORIES  folder of advisories
# Needs hyperfine and a release build of vmt.
set -euo pipefail
clones=$(realpath "$1")
advisories=$(realpath "$2")
root=$(cd "$(dirname "$0")/.." && pwd)
vmt=$root/target/release/vmt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$root/vmt.toml" "$work/"
cp -r "$advisories" "$work/advisories"
cd "$work"

echo "== one product: the whole resolution of nova, and git reading the same messages"
hyperfine --warmup 1 --runs 7 --style basic \
  --command-name 'vmt releases resolve nova' "$vmt -q releases resolve --all --clones $clones nova" \
  --command-name 'git log of nova' "git -C $clones/nova.git log --branches --tags --format=%B"

echo "== one git tag --contains for each fix commit of nova (all of them, once)"
"$vmt" -q releases resolve --clones "$clones" >/dev/null
python3 - >commits <<'PY'
import json
lock = json.load(open("releases.lock"))
seen = set()
for entries in lock["documents"].values():
    for line in entries.get("nova", {}).get("lines", []):
        seen.update(line.get("commits", []))
print("\n".join(sorted(seen)))
PY
echo "$(wc -l <commits) commits"
time (while read -r commit; do git -C "$clones/nova.git" tag --contains "$commit" >/dev/null; done <commits)

echo "== all products, cold, and again with nothing changed"
rm releases.lock
/usr/bin/time -f '%U user + %S system seconds, %M KB peak, %e s elapsed' "$vmt" -q releases resolve --clones "$clones"
hyperfine --warmup 1 --runs 10 --style basic "$vmt -q releases resolve --clones $clones"

echo "== 400 lines of constraints"
for at in $(seq 1 80); do
  printf 'nova==%d.0.0\nkeystone==%d.0.0\nglance==%d.0.0\nrequests==2.%d.0\nurllib3==1.%d.0\n' \
    $((at % 20 + 12)) $((at % 18 + 8)) $((at % 18 + 11)) "$at" "$at"
done >constraints.txt
hyperfine --warmup 1 --runs 10 --style basic "$vmt -q affected --requirements constraints.txt"
