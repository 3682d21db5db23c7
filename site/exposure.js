// What `vmt affected` answers, by the rules of src/inventory.rs, src/exposure.rs, src/cli/affected.rs.

import {
  base, beforeYears, compare, components, hasBuildParts, isDevelopment, isPost, isPrerelease, parse, trim,
} from "./version.js";

export const [AFFECTED, FIXED, NOT_AFFECTED, UNKNOWN] = ["affected", "fixed", "not affected", "cannot say"];
export const [TAGS, DECLARED] = ["resolved from git tags", "declared by the document"];

/** Reads a pip requirements file or `pip freeze`; what is no requirement is left out. */
export function readRequirements(text) {
  // A backslash at the end continues the line, where one follows.
  const joined = text.replace(/^\uFEFF+/, "").replace(/\\\r?\n(?=[^])/g, " ");
  const lines = joined.split(/\r?\n/).map((line) => line.replace(/\\$/, ""));
  return lines.map(requirement).filter(Boolean);
}

function requirement(written) {
  const line = trim(written.split(" #")[0]);
  const [, name, after] = /^(?!-)([\w.-]+)(?![\w.:/-])(.*)$/s.exec(line) ?? [];
  if (!name || /^\[[^\]]*$/.test(trim(after))) return null;
  // Without extras (`nova[s3]==1`), markers and options.
  const [rest] = trim(after).replace(/^\[[^\]]*\]/, "").split(";")[0].split(" --");
  const [, mark, tail] = /^(===?)?(.*)$/s.exec(trim(rest).replace(/^\(+|(?<!\))\)+$/g, ""));
  const version = mark ? trim(tail) : tail;
  // `name version` with a blank is how `pip list` writes it.
  const isPinned = (mark ? /^[^,* ]+$/ : /^\d[^ ]*$/).test(version);
  return { name, version: isPinned ? version : null, distribution: null };
}

/** From data/affected/index.json. */
export class Catalogue {
  constructor({ names, parts, prefixes, products }) {
    this.names = new Map(Object.entries(names));
    this.parts = new Set(parts);
    this.prefixes = prefixes;
    this.titles = new Map(Object.entries(products));
  }

  productOf({ name, distribution }) {
    const wanted = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/[_.]/g, "-");
    const known = this.names.get(wanted);
    if (known || !distribution) return known ?? null;
    // `nova-api-os-compute` is a part of nova, `neutron-lib` is something else.
    const prefix = this.prefixes.find((prefix) => wanted.startsWith(prefix)) ?? "";
    const words = wanted.slice(prefix.length).split("-");
    while (!this.names.has(words.join("-"))) {
      if (words.length === 1 || !this.parts.has(words.pop())) return null;
    }
    return this.names.get(words.join("-"));
  }
}

/** Reduces `2:29.0.1-0ubuntu1.2` to the upstream version, with a remark. */
export function reduce(text) {
  const written = trim(text);
  const rest = written.replace(/^\d*:/, "").replace(/^v/, "");
  // An epoch of PEP 440 (`1!`) is one that no tag has.
  if (rest.includes("!")) return null;
  const judged = ({ text }) => `\`${written}\` is judged as ${text}`;
  const before = (version) =>
    `\`${written}\` comes before ${base(version).text}: judged by the last release that it surely holds`;

  const whole = prerelease(rest);
  const early = whole && !isPost(whole) ? whole : rpmCandidate(rest);
  const [upstream] = rest.split(/[-+]/, 1);
  const candidate = upstream.replace("~", "");
  // A tilde sorts before everything: `30.0.0~rc1` is the candidate, `30.0.0~git2024` unknown.
  const isSnapshot = candidate !== upstream && !prerelease(candidate);
  const version = early ?? parse(isSnapshot ? upstream.replace(/~.*/s, ".dev0") : candidate);
  if (!version) return null;
  if (isDevelopment(version) && (early || !isPost(version))) return { version, remark: before(version) };
  if (early) return { version, remark: early.text === written ? null : judged(early) };
  const packaged = `${judged(base(version))}; whoever packaged it may have patched it`;
  if (!hasBuildParts(version)) return { version, remark: candidate === written ? null : packaged };
  return { version: base(version), remark: isSnapshot ? before(version) : packaged };
}

function prerelease(text) {
  const version = parse(text);
  return version && isPrerelease(version) ? version : null;
}

/** A candidate as RPM writes one: `29.1.0-0.1.0rc1.el9`. */
function rpmCandidate(text) {
  const [, upstream, tail] = /^([^-]*)-0\.(.*)$/s.exec(text) ?? [];
  const find = (mark) => new RegExp(`(?<![A-Za-z])${mark}\\d[^.+-]*`).exec(tail ?? "");
  const named = find("rc") ?? find("b") ?? find("a");
  return named && prerelease(upstream + named[0]);
}

/** Whether runs (lower end, is it included, upper end, is it included) hold a version. */
export function contains(runs, version) {
  return runs.some(([lower, hasLower, upper, hasUpper]) => {
    const isAbove = lower === null || compare(parse(lower), version) < Number(hasLower);
    return isAbove && (upper === null || compare(version, parse(upper)) < Number(hasUpper));
  });
}

const isBefore = (a, b) => compare(a, b) < 0;

const cache = new WeakMap();

function prepare(data) {
  if (cache.has(data)) return cache.get(data);
  const releases = data.releases.map(([text, day, place, early = 0]) => {
    return { version: { ...parse(text), early: early > 0 }, day, place, line: data.lines[place] };
  });
  const concerns = data.documents.map((document) => {
    // `a67F3`: a state and for how many releases it holds; a capital where the tags tell.
    const letters = document.states.replace(/(\D)(\d+)/g, (_, letter, times) => letter.repeat(times));
    return { document, on: new Map(releases.map((release, at) => [release, state(letters[at])])) };
  });
  return cache.set(data, { releases, concerns }).get(data);
}

function state(letter) {
  const status = { a: AFFECTED, f: FIXED, n: NOT_AFFECTED, u: UNKNOWN }[letter.toLowerCase()];
  return { status, basis: letter < "a" ? TAGS : DECLARED };
}

const isOpen = (status) => status === AFFECTED || status === UNKNOWN;

export function report(data, asked) {
  const { releases, concerns } = prepare(data);
  // The tags place a version before the years that its number alone does not.
  const version = findRelease(releases, asked)?.version ?? asked;
  const near = neighbours(releases, version);
  const { release, later, newer } = near;
  const answers = concerns.map(({ document, on }) => {
    const { id, title, path, stated, remark, remarks } = document;
    const { status, basis } = on.get(release) ?? unreleased(document, on, near, version);
    const known = releases.length > 0 && !release ? "no tag has this version" : remark;
    const why = status === UNKNOWN ? (remarks?.[release?.place] ?? known) : null;
    const helps = (other) => isOpen(status) && !isOpen(on.get(other).status);
    const [sameLine, newest] = [later.find(helps) ?? null, newer.slice(-1).find(helps) ?? null];
    return { id, title, path, status, basis, stated, remark: why, sameLine, newest };
  });
  const isClean = (other) =>
    concerns.every(({ document, on }, at) => {
      const { status } = on.get(other);
      if (status !== UNKNOWN) return status !== AFFECTED;
      // One old document without an end must not hide where all others are fixed.
      return !document.stated || answers[at].status === UNKNOWN;
    });
  const [sameLine, newest] = [later.find(isClean) ?? null, newer.findLast(isClean) ?? null];
  return { product: data.product, version, release, answers, sameLine, newest };
}

/** How many answers have a status; a document that says nothing of versions gives none. */
export function count({ answers }, status) {
  return answers.filter((one) => one.status === status && (status !== UNKNOWN || one.stated)).length;
}

/** The release of a version: one from before the years where only such a tag exists. */
function findRelease(releases, version) {
  const find = (wanted) => releases.find((other) => compare(other.version, wanted) === 0);
  return find(version) ?? find(beforeYears(version)) ?? null;
}

/** What stands around a version: its release, those before and after it, those of its line. */
function neighbours(releases, version) {
  const [release, whole] = [version, base(version)].map((wanted) => findRelease(releases, wanted));
  const older = releases.filter((other) => isBefore(other.version, version));
  const newer = releases.filter((other) => isBefore(version, other.version));
  const below = older.at(-1);
  const place = (release ?? whole ?? below)?.place;
  const ofLine = (other) => other.place === place;
  // `2.1.1.dev3` follows 2.1.0 on a branch; `2.2.0.dev3` may lie on the development branch, where
  // only the first tag of the line is for certain.
  const onBranch = components(version).slice(2).some((part) => part > 0n);
  const held = onBranch ? older.findLast(ofLine) : older.find(ofLine);
  const before = (other) => !ofLine(other) && isBefore(other.version, whole.version);
  const linePlace = whole && releases.findLast(before)?.place;
  const began = releases.find((other) => other.place === linePlace);
  const later = newer.filter(ofLine);
  return { release, whole, below, place, newer, later, onBranch, held, began };
}

function unreleased({ claim, runs, first_tags: firstTags }, on, near, version) {
  const outside = claim === "unknown" ? UNKNOWN : NOT_AFFECTED;
  const inside = claim === "set" ? AFFECTED : UNKNOWN;
  const said = { status: contains(runs, version) ? inside : outside, basis: DECLARED };
  if (on.size === 0) return said;
  if (!isPrerelease(version)) {
    // Right behind an affected release, nobody can call it safe.
    const isDoubtful = said.status === NOT_AFFECTED && on.get(near.below)?.status === AFFECTED;
    return isDoubtful ? { status: UNKNOWN, basis: TAGS } : said;
  }
  const judged = on.get(near.whole) ?? { status: FIXED, basis: DECLARED };
  // It lacks what its release lacks; that its release is fixed proves nothing for it.
  if (judged.status !== FIXED) return judged;
  const first = parse(firstTags?.[near.place] ?? "");
  if (first && !isBefore(version, first)) return judged;
  const held = on.get(near.held);
  if (held && isDevelopment(version)) {
    return near.onBranch || held.status !== AFFECTED ? held : { ...held, status: UNKNOWN };
  }
  // What began with the line before is in everything that follows it.
  return on.get(near.began)?.status === FIXED ? judged : { ...judged, status: UNKNOWN };
}

/** Answers for a component, or null for what is no product; `load(product)` gives its data. */
export async function ask(component, catalogue, load) {
  const product = catalogue.productOf(component);
  if (!product) return null;
  const { name, version, distribution } = component;
  const found = { asked: version === null ? name : `${name} ${version}`, product, report: null };
  if (version === null) return { ...found, remark: "the list pins no version" };
  const reduced = reduce(version);
  if (!reduced) return { ...found, remark: `\`${version}\` is no version` };
  const packaged = distribution && `a ${distribution} package: whoever packaged it may have patched it`;
  // A product that no document concerns has no file.
  const none = { product, lines: [], releases: [], documents: [] };
  const data = catalogue.titles.has(product) ? await load(product) : none;
  return { ...found, remark: reduced.remark ?? packaged, report: report(data, reduced.version) };
}
