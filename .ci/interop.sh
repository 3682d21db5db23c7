#!/usr/bin/env bash
# Holds what vmt writes against programs that we did not write: the Nu checker and html-validate, axe-core
# in Chromium, SARIF validators, a JSON Schema validator. Needs VMT_SHARED (real data and validators).
set -euo pipefail
cd "$(dirname "$0")/.."
shared="${VMT_SHARED:-$PWD/../shared}"
export VMT_VALIDATORS="${VMT_VALIDATORS:-$HOME/.cache/vmt-validators}"
validators="$shared/validators"
vmt="$PWD/target/release/vmt"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
passed=0
pass() { passed=$((passed + 1)); echo "ok: $1"; }

[ -x "$vmt" ] || cargo build --locked --release
bash "$validators/setup.sh"
# html-validate needs node 22, which Debian has not; npm has it.
node22="$VMT_VALIDATORS/node22"
if [ ! -x "$node22/node_modules/.bin/node" ]; then
  mkdir -p "$node22"
  (cd "$node22" && { [ -f package.json ] || npm init -y >/dev/null; } && npm install --no-audit --no-fund --silent node@22)
fi
with_node22() { PATH="$node22/node_modules/.bin:$PATH" "$@"; }
python="$VMT_VALIDATORS/venv/bin/python"

# A workspace with the real corpus.
"$vmt" -q init "$work/real"
cp "$shared"/corpus/ossa/*.yaml "$work/real/advisories/"
cp "$shared"/corpus/ossn-yaml/*.yaml "$work/real/notes/"
"$vmt" -q -C "$work/real" build
"$vmt" -q build --out "$work/own"

with_node22 bash "$validators/html.sh" "$work/own" && pass "HTML of our own documents"
with_node22 bash "$validators/html.sh" "$work/real/public" && pass "HTML of the real corpus"

bash "$validators/a11y.sh" "$work"/own/{index,ossalist,ossnlist,404}.html \
  "$work"/own/ossa/OSSA-2026-008.html "$work"/own/ossn/OSSN-0092.html && pass "accessibility"

"$vmt" -C "$work/real" check --format sarif > "$work/real.sarif" || [ $? = 1 ]
bash "$validators/sarif.sh" "$work/real.sarif" && pass "SARIF"

for kind in advisory note config; do "$vmt" schema "$kind" > "$work/$kind.json"; done
"$python" .ci/validate_schema.py "$work/advisory.json" advisories/*.yaml "$work"/real/advisories/*.yaml
"$python" .ci/validate_schema.py "$work/note.json" notes/*.yaml "$work"/real/notes/*.yaml
"$python" .ci/validate_schema.py "$work/config.json" vmt.toml
pass "documents and vmt.toml against the JSON Schemas"

echo "$passed passed, 0 failed"
