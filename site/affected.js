// The form of "Am I affected?". What is asked stands behind `#`, so an answer can be shared and
// no server sees it.
import { AFFECTED, Catalogue, UNKNOWN, ask, count, readRequirements } from "./exposure.js";

const root = document.documentElement.dataset.root;
const form = document.querySelector("[data-affected]");
const product = form.querySelector("#affected-product");
const version = form.querySelector("#affected-version");
const list = form.querySelector("#affected-list");
const answers = document.querySelector("#answers");

const cache = new Map();
const load = (name) => {
  if (!cache.has(name)) {
    const answer = fetch(`${root}data/affected/${name}.json`).then((response) => {
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      return response.json();
    });
    answer.catch(() => cache.delete(name));
    cache.set(name, answer);
  }
  return cache.get(name);
};

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const named = (release) => `${release.version.text} (${release.line}, ${release.day})`;
const documents = (number) => (number === 1 ? "1 document" : `${number} documents`);

function verdict(answer) {
  const { report, remark } = answer;
  if (!report) return { kind: "doubt", text: `Cannot say: ${remark}.` };
  const affected = count(report, AFFECTED);
  const unknown = count(report, UNKNOWN);
  if (affected > 0) {
    const open = unknown > 0 ? `, unclear for ${unknown}` : "";
    return { kind: "bad", text: `Affected by ${documents(affected)}${open}.` };
  }
  if (unknown > 0) return { kind: "doubt", text: `Unclear for ${documents(unknown)}.` };
  return { kind: "good", text: "Not affected by any published document." };
}

function whereTo(report) {
  const { sameLine, newest } = report;
  const one = sameLine ?? newest;
  if (!one) return "No release is known to be free of all of them.";
  const open = count(report, UNKNOWN) > 0 ? " What is unclear here may be unclear there as well." : "";
  if (sameLine && newest && sameLine.version.text !== newest.version.text) {
    return `Upgrade to ${named(sameLine)}, or to the newest, ${named(newest)}.${open}`;
  }
  return `Upgrade to ${named(one)}.${open}`;
}

function row(answer) {
  const { sameLine, newest, remark } = answer;
  const to = sameLine
    ? `fixed in ${sameLine.version.text}`
    : newest
      ? `not fixed on this line, but in ${newest.version.text}`
      : "";
  const link = element(
    "a",
    { href: root + answer.path },
    element("span", { className: "id", textContent: answer.id }),
    ` ${answer.title}`,
  );
  const said = [answer.status, to, remark ?? answer.basis].filter(Boolean).join(" · ");
  return element("li", {}, link, element("span", { className: "meta", textContent: said }));
}

function shown(answer, titles) {
  const { report, remark } = answer;
  const { kind, text } = verdict(answer);
  const section = element("section", { className: "answer" });
  const title = titles.get(answer.product) ?? answer.product;
  section.append(
    element("h2", { textContent: report ? `${title} ${report.version.text}` : answer.asked }),
    element("p", { className: `verdict ${kind}` }, element("strong", { textContent: text })),
  );
  if (!report) return section;
  const where = report.release
    ? `${report.release.line}, released on ${report.release.day}`
    : "No release that the tags know";
  section.append(element("p", { className: "meta", textContent: remark ? `${where}. ${remark}.` : `${where}.` }));
  if (kind !== "good") section.append(element("p", { textContent: whereTo(report) }));
  const open = report.answers.filter(
    (one) => one.status === AFFECTED || (one.status === UNKNOWN && one.stated),
  );
  if (open.length > 0) section.append(element("ul", { className: "rows" }, ...open.map(row)));
  return section;
}

const order = { bad: 0, doubt: 1, good: 2 };

async function answer(text) {
  const found = readRequirements(text);
  answers.replaceChildren(element("p", { textContent: "Looking it up…" }));
  let catalogue;
  let all;
  try {
    catalogue = new Catalogue(await load("index"));
    all = await Promise.all(found.map((component) => ask(component, catalogue, load)));
  } catch {
    answers.replaceChildren(
      element("p", { className: "notice", textContent: "The data cannot be loaded. Try again." }),
    );
    return;
  }
  const ours = all.filter(Boolean);
  ours.sort((a, b) => order[verdict(a).kind] - order[verdict(b).kind]);
  const others = all.length - ours.length;
  const parts = ours.map((one) => shown(one, catalogue.titles));
  if (others > 0) {
    const entries = others === 1 ? "1 entry is no product" : `${others} entries are no products`;
    parts.push(element("p", { className: "meta", textContent: `${entries} of this site.` }));
  }
  if (all.length === 0) {
    parts.push(element("p", { className: "notice", textContent: "There is no version in it. Write lines like nova==29.0.1." }));
  }
  parts.push(
    element("p", {
      className: "meta",
      textContent:
        "Judged by upstream releases. A distribution may have patched its package: its own security tracker knows.",
    }),
  );
  answers.replaceChildren(...parts);
  return ours;
}

const asLines = (hash) => decodeURIComponent(hash).split(",").join("\n");

async function fromAddress() {
  const hash = location.hash.slice(1);
  if (!hash) return answers.replaceChildren();
  if (hash.startsWith("product=")) {
    product.value = hash.slice("product=".length);
    if (product.selectedIndex === -1) product.selectedIndex = 0;
    suggest();
    return version.focus();
  }
  let lines;
  try {
    lines = asLines(hash);
  } catch {
    // An address that was cut or typed wrongly.
    return answers.replaceChildren();
  }
  const ours = await answer(lines);
  if (ours?.length === 1 && !lines.includes("\n")) {
    product.value = ours[0].product;
    version.value = lines.split("==")[1] ?? "";
    suggest();
  } else {
    list.value = lines;
  }
}

async function suggest() {
  const data = await load(product.value).catch(() => null);
  const versions = data?.releases.map(([text]) => text).reverse() ?? [];
  const options = versions.map((value) => element("option", { value }));
  form.querySelector("datalist").replaceChildren(...options);
}

product.addEventListener("focus", suggest, { once: true });
product.addEventListener("change", suggest);
version.addEventListener("focus", suggest, { once: true });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const typed = list.value.trim();
  const one = `${product.value}==${version.value.trim()}`;
  if (!typed && !version.value.trim()) return version.focus();
  const asked = typed || one;
  // Only what is ours goes into the address: the rest of a list is nobody's business.
  const catalogue = new Catalogue(await load("index"));
  const ours = readRequirements(asked).filter((component) => catalogue.productOf(component));
  const hash = ours.map(({ name, version }) => (version ? `${name}==${version}` : name)).join(",");
  history.pushState(null, "", `#${encodeURIComponent(hash)}`);
  await answer(asked);
  answers.scrollIntoView();
});
addEventListener("popstate", fromAddress);
fromAddress();
