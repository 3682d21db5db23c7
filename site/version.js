// Versions and the order of their release, by the rules of src/version/mod.rs.

// Numbers are BigInt: a double does not hold a date with a time exactly.
const LARGEST = 2n ** 64n - 1n;

// Without the flag `u`, with which `i` takes the long s for an s.
const FORM = new RegExp(
  "^v?(?:(?<epoch>\\d+)!)?(?<release>\\d+(?:\\.\\d+)*)" +
    "(?:[-_.]?(?<word>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?<pre>\\d*))?" +
    "(?:(?:-(?=\\d)|[-_.]?(?:post|rev|r)[-_.]?)(?<post>\\d*))?" +
    "(?:[-_.]?dev[-_.]?(?<dev>\\d*))?" +
    "(?:\\+(?<local>[a-z\\d]+(?:[-_.][a-z\\d]+)*))?$",
  "i",
);

const [DEV, ALPHA, BETA, CANDIDATE, FINAL, POST] = [1, 2, 3, 4, 5, 6];

/** Removes what Rust takes for white space; trim() of JavaScript differs. */
export function trim(text) {
  return text.replace(/^\p{White_Space}+|(?<!\p{White_Space})\p{White_Space}+$/gu, "");
}

/** Reads a version as PEP 440 does; null when it is none. */
export function parse(written) {
  const text = trim(written);
  const parts = FORM.exec(text)?.groups;
  if (!parts) return null;
  const [epoch, pre, post, dev] = [parts.epoch ?? "0", parts.pre, parts.post, parts.dev].map(number);
  const release = parts.release.split(".").map(number);
  if ([epoch, pre, post, dev, ...release].includes(undefined)) return null;
  const early = { a: ALPHA, b: BETA }[parts.word?.[0].toLowerCase()] ?? CANDIDATE;
  const late = post !== null ? POST : dev !== null ? DEV : FINAL;
  const local = parts.local?.split(/[-_.]/).flatMap(localPart) ?? [];
  return { text, early: false, epoch, release, kind: parts.word ? early : late, pre, post, dev, local };
}

/** Null without digits, 0 for a part without its number, undefined beyond 64 bits. */
function number(digits) {
  if (digits === undefined) return null;
  const significant = digits.replace(/^0+/, "");
  // Browsers cannot read very long ones.
  if (significant.length > 20 || BigInt(significant) > LARGEST) return undefined;
  return BigInt(significant);
}

/** Words come before numbers. */
function localPart(part) {
  const value = /^\d+$/.test(part) ? number(part) : undefined;
  return value === undefined ? [1, part.toLowerCase()] : [2, value];
}

/** Marks a version from before its product numbered by year. */
export const beforeYears = (version) => ({ ...version, early: true });

export function base({ epoch, release, early }) {
  const text = (epoch > 0n ? `${epoch}!` : "") + release.join(".");
  return { ...parse(text), early };
}

export const components = ({ release }) => release;
export const isDevelopment = ({ dev }) => dev !== null;
export const isPost = ({ post }) => post !== null;
export const isPrerelease = ({ kind, dev }) => kind < FINAL || dev !== null;
export const hasBuildParts = ({ dev, post, local }) => dev !== null || post !== null || local.length > 0;

/** Negative, zero or positive: the order of release. `1.0` equals `1.0.0`. */
export function compare(a, b) {
  return (
    compareLists([a.epoch, era(a)], [b.epoch, era(b)]) ||
    compareLists(a.release, b.release, 0n) ||
    compareLists(suffix(a), suffix(b)) ||
    compareLists(a.local, b.local, 0)
  );
}

function compareLists(a, b, filler) {
  for (let at = 0; at < a.length || at < b.length; at += 1) {
    const [one, other] = [a[at] ?? filler, b[at] ?? filler];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** 0 before years were used, 1 for versions numbered by year, 2 for all others. */
function era({ early, release: [first] }) {
  if (early) return 0;
  return first >= 2010n && first <= 2999n ? 1 : 2;
}

/** No post-release comes before the first, no development version after the last. */
const suffix = ({ kind, pre, post, dev }) => [kind, pre ?? 0n, post ?? -1n, dev ?? LARGEST];
