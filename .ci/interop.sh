#!/usr/bin/env bash
# Holds what vmt writes against programs that we did not write: the Nu checker and html-validate, axe-core
# in Chromium, SARIF validators, a JSON Schema validator, mail servers and mail readers; and against kills
# and full disks. Needs VMT_SHARED (real data and validators).
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

# The real corpus: advisories, notes in YAML, the legacy notes imported, releases from the real histories.
bash .ci/real_workspace.sh "$shared" "$work/real" "$vmt"
"$vmt" -q -C "$work/real" build
"$vmt" -q build --out "$work/own"

# Release pages differ in data only; a sample of them says as much as three thousand.
sample() {
  cp -r "$1" "$2"
  find "$2/release" -name '*.html' 2>/dev/null | sort | awk 'NR % 40 != 1' | xargs -r rm
}
sample "$work/own" "$work/own-sample"
sample "$work/real/public" "$work/real-sample"
with_node22 bash "$validators/html.sh" "$work/own-sample"
pass "HTML of our own documents"
with_node22 bash "$validators/html.sh" "$work/real-sample"
pass "HTML of the real corpus"

# JSON Feed 1.1 lies beside the pages that a feed is of.
bash "$validators/feeds.sh" "$work"/own/{feed,ossa,ossn}.{atom,json} "$work"/real/public/{feed,ossa,ossn}.{atom,json} \
  "$work"/real/public/product/nova.{atom,json} "$work"/real/public/series/epoxy.{atom,json}
pass "feeds"
bash "$validators/securitytxt.sh" "$work/own/.well-known/security.txt"
pass "security.txt"

bash "$validators/osv.sh" "$work"/real/public/osv/x_*.json >"$work/osv.log" || { grep -v '^ok' "$work/osv.log"; exit 1; }
bash "$validators/osv.sh" "$work"/own/osv/x_*.json >/dev/null
pass "OSV records against the schema, the linter's rules and purl"
"$python" .ci/osv_reader.py "$vmt" "$work/real" "$work/real/public"
pass "OSV records read as a scanner does"

mapfile -t csaf < <(find "$work/real/public/.well-known/csaf/white" "$work/own/.well-known/csaf/white" -name 'oss*.json')
bash "$validators/csaf.sh" "${csaf[@]}" >"$work/csaf.log" || { grep -v '^ok' "$work/csaf.log"; exit 1; }
pass "CSAF documents against the schema and all mandatory tests"
# The same as a trusted provider: signed with a key made for this run.
export GNUPGHOME="$work/gnupg"
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-gen-key 'vmt CI <ci@example.org>' ed25519 sign never
fingerprint="$(gpg --with-colons --list-keys | awk -F: '/^fpr/ {print $10; exit}')"
mkdir -p "$work/real/keys"
gpg --armor --export "$fingerprint" >"$work/real/keys/$fingerprint.asc"
cp "$work/real/vmt.toml" "$work/vmt.toml"
awk -v key="$fingerprint" '/^\[osv\]/ {print "[openpgp]\nsign-with = \"" key "\"\n"} {print}' "$work/vmt.toml" >"$work/real/vmt.toml"
"$vmt" -q -C "$work/real" build --out "$work/signed"
bash "$validators/provider.sh" "$work/signed" >"$work/provider.log" 2>&1 || { tail -20 "$work/provider.log"; exit 1; }
python3 .ci/csaf_downloader.py "$work/signed" https://security.openstack.org
cp "$work/vmt.toml" "$work/real/vmt.toml"
unset GNUPGHOME
pass "CSAF trusted provider: metadata, ROLIE, lists, digests, signatures"
bash "$validators/cve.sh" "$work"/real/public/ossa/*.cve.json >"$work/cve.log" 2>&1 || { tail -20 "$work/cve.log"; exit 1; }
pass "CVE containers"
"$python" .ci/validate_schema.py "$work/real/public/advisories.schema.json" "$work/real/public/advisories.json"
pass "advisories.json against its schema"

DEBIAN_FRONTEND=noninteractive apt-get install -y -qq strace faketime >/dev/null
python3 .ci/robust.py "$vmt" "$shared" "$work/real" "${VMT_STOPS:-100}"
pass "runs stopped at random, full disks, refusals, clocks, several at once: the last good output stays whole"

DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postfix neomutt tmux strace openssl >/dev/null
VMT_VALIDATORS="$VMT_VALIDATORS" python3 .ci/mail.py "$vmt" "$shared" "$work/real"
pass "mails through Postfix: GnuPG, sq, notmuch, Python, neomutt; kills; a full disk"

browser="$PWD/tests/browser"
(cd "$browser" && npm ci --no-audit --no-fund --silent --ignore-scripts)
node "$browser/journeys.mjs" "$work/real/public"
pass "journeys in a browser"
node "$browser/quality.mjs" "$work/real/public"
pass "accessibility, reflow, weight, policy in a browser"
node "$browser/vectors.mjs" "$work/real/public" "$work/real" "$vmt"
pass "the affected check in a browser"
VMT_HOSTILE_SITE="$work/hostile" cargo test --locked --quiet --test it -- --exact hostile::pages_feeds_and_data_hold_no_tag_address_or_line_of_an_attacker >/dev/null
node "$browser/hostile.mjs" "$work/hostile"
pass "hostile documents in a browser"
with_node22 node "$browser/lighthouse.mjs" "$work/real/public"
pass "Lighthouse"

"$vmt" -C "$work/real" check --format sarif > "$work/real.sarif" || [ $? = 1 ]
bash "$validators/sarif.sh" "$work/real.sarif"
pass "SARIF"

for kind in advisory note config; do "$vmt" schema "$kind" > "$work/$kind.json"; done
"$python" .ci/validate_schema.py "$work/advisory.json" advisories/*.yaml "$work"/real/advisories/*.yaml
"$python" .ci/validate_schema.py "$work/note.json" notes/*.yaml "$work"/real/notes/*.yaml
"$python" .ci/validate_schema.py "$work/config.json" vmt.toml
pass "documents and vmt.toml against the JSON Schemas"

echo "$passed passed, 0 failed"
