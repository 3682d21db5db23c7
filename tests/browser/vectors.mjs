// The answers of "Am I affected?" in the browser held against those of `vmt affected`: every release of
// every product, and versions that no tag has in the forms that indexes and distributions write.
// usage: node vectors.mjs SITE WORKSPACE VMT   (the site made from the workspace, VMT its program)
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { launch, open, serve } from "./site.mjs";

const [folder, workspace, vmt] = process.argv.slice(2).map((name) => path.resolve(name));
const data = path.join(folder, "data/affected");
const read = (name) => JSON.parse(fs.readFileSync(path.join(data, name), "utf8"));
const products = fs.readdirSync(data).filter((name) => name !== "index.json").map(read);

// The same choice at each run.
let seed = 20260926;
const random = (limit) => {
  seed = (Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
  return ((seed ^ (seed >>> 13)) >>> 0) % limit;
};
const pick = (list) => list[random(list.length)];

// Versions near one that was released, and the ways in which they are written.
function forms(text) {
  const numbers = text.split(".").map(Number);
  const [last, first] = [numbers.at(-1), numbers[0]];
  const near = [
    [...numbers.slice(0, -1), last + 1].join("."),
    [...numbers.slice(0, -1), Math.max(last - 1, 0)].join("."),
    [...numbers, 1].join("."),
    `${first + 1}.0.0`,
  ];
  return [text, ...near].flatMap((version) => [
    version, `${version}.0rc1`, `${version}rc2`, `${version}.0b1`, `${version}a1`, `${version}.dev12`,
    `${version}.post3`, `${version}.post3.dev2`, `${version}rc1.post2.dev1`, `${version}+git1`, `v${version}`,
    `2:${version}-0ubuntu1.2`, `1:${version}~rc1-0ubuntu1`, `3:${version}~git2024-0ubuntu1`, `${version}~b2`,
    `${version}-1.el9`, `${version}-0.1.0rc1.el9`, `${version}-rc1`, `${version}-r3`, `${version}.DEV_8`,
    `1!${version}`, `${version}.*`, `${version}x`, `0${version}`, `${version}.00`, `${version}.`, `${version}~`,
  ]);
}

const lines = [];
for (const { product, releases, documents } of products) {
  const texts = releases.map(([text]) => text);
  for (const text of texts) lines.push(`${product}==${text}`);
  for (const text of texts) for (const tail of [".0rc1", ".dev3", ".post3.dev2"]) lines.push(`${product}==${text}${tail}`);
  const sample = texts.filter((_, at) => at < 2 || at > texts.length - 3 || random(8) === 0);
  for (const form of new Set([...sample, "1.0", "2013.1"].flatMap(forms))) {
    if (random(3) === 0) lines.push(`${product}==${form}`);
  }
  // The ends of what documents declare are where a slip would show.
  for (const [lower, , upper] of documents.flatMap(({ runs }) => runs)) {
    for (const end of [lower, upper].filter(Boolean)) lines.push(`${product}==${end}`, `${product}==${end}.1`, `${product}==${end}.dev1`);
  }
}
for (const { product } of products) {
  const name = pick([product.toUpperCase(), product.replaceAll("-", "_"), product.replaceAll(/[-_]/g, ".")]);
  lines.push(`${name}[extra] == 3.0.0 ; python_version > '3' # why`, `${name} 3.0.0`, `${name}>=3`, `${name}==3.*`);
}
lines.push(
  "", "# nova==1", "-r other.txt", "nova", "nova==", "nova==latest", "nova @ https://example.org/nova.tar.gz",
  "nova==29.0.1 --hash=sha256:00", "nova (==29.0.1)", "requests==2.0", "neutron-lib==1.0", "nova==29.0.1#x",
  `nova==${"9".repeat(400)}`, "nova==1.18446744073709551616", "nova==１.0", "nova==\u00a029.0.1", "nova[x", "./nova",
);
const texts = [
  "nova==29.0.1 \\", "\ufeffnova==29.0.1\r\nkeystone==25.0.0\r\n", "nova==29.0.1 \\\n  --hash=sha256:00\nheat 20.0.0",
  "nova \\\n==29.0.1", "# c \\\nnova==29.0.1", "\n\n",
];
for (let at = 0; at < lines.length; at += 1000) texts.push(lines.slice(at, at + 1000).join("\n"));

const site = await serve(folder);
const browser = await launch();
const { page, faults } = await open(browser, site.address);
await page.goto(`${site.address}affected.html`);

// In the page: the answers in the shape of `vmt affected --format json`.
const answers = (text) =>
  page.evaluate(async (text) => {
    const exposure = await import("/exposure.js");
    globalThis.files ??= new Map();
    const load = async (name) => {
      if (!files.has(name)) files.set(name, await (await fetch(`/data/affected/${name}.json`)).json());
      return files.get(name);
    };
    const catalogue = new exposure.Catalogue(await load("index"));
    const release = (found) => found && { version: found.version.text, date: found.day, line: found.line };
    const components = [];
    const entries = exposure.readRequirements(text);
    for (const entry of entries) {
      const answer = await exposure.ask(entry, catalogue, load);
      if (!answer) continue;
      const { asked, remark, report } = answer;
      const has = (status) => report !== null && exposure.count(report, status) > 0;
      const open = report === null || has(exposure.UNKNOWN);
      components.push({
        asked,
        product: report?.product ?? null,
        version: report?.version.text ?? null,
        release: release(report?.release ?? null),
        remark: remark ?? null,
        status: has(exposure.AFFECTED) ? exposure.AFFECTED : open ? exposure.UNKNOWN : exposure.NOT_AFFECTED,
        go_to: { same_line: release(report?.sameLine ?? null), newest: release(report?.newest ?? null) },
        documents: (report?.answers ?? []).map((one) => ({
          id: one.id,
          title: one.title,
          status: one.status,
          why: one.basis,
          remark: one.remark ?? null,
          versions_stated: one.stated,
          fixed_same_line: release(one.sameLine),
          fixed_newest: release(one.newest),
        })),
      });
    }
    return { components, passed_over: entries.length - components.length };
  }, text);

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "vectors-"));
const list = path.join(scratch, "list.txt");
let [compared, different] = [0, 0];
for (const text of texts) {
  fs.writeFileSync(list, text);
  const told = execFileSync(vmt, ["-C", workspace, "affected", "--requirements", list, "--all", "--format", "json"], {
    maxBuffer: 2 ** 30,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const expected = JSON.parse(told);
  const found = await answers(text);
  if (expected.passed_over !== found.passed_over || expected.components.length !== found.components.length) {
    different += 1;
    console.log(`DIFFERENT number of entries in ${JSON.stringify(text.slice(0, 200))}`);
  }
  expected.components.forEach((wanted, at) => {
    compared += 1;
    if (isDeepStrictEqual(wanted, found.components[at])) return;
    different += 1;
    if (different > 10) return;
    const which = wanted.documents.findIndex((one, place) => !isDeepStrictEqual(one, found.components[at]?.documents[place]));
    const shown = (component) => JSON.stringify({ ...component, documents: component?.documents?.[which] });
    console.log(`DIFFERENT ${wanted.asked}\n  vmt      ${shown(wanted)}\n  browser  ${shown(found.components[at])}`);
  });
}
fs.rmSync(scratch, { recursive: true });
await browser.close();
site.close();
faults.forEach((fault) => console.log(fault));
console.log(`${compared} answers compared, ${different} different`);
process.exit(different || faults.length ? 1 : 0);
