// Search over the pieces that src/render/search.rs writes. A query is cut into words as the texts were;
// a document must hold every word, and the last one may be unfinished.
const cache = new Map();
const fetched = (url) => {
  if (!cache.has(url)) {
    const answer = fetch(url).then((response) => {
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      return response.json();
    });
    answer.catch(() => cache.delete(url));
    cache.set(url, answer);
  }
  return cache.get(url);
};

const joins = /[-_.]/;
const edges = /^[-_.]+|[-_.]+$/g;

export function words(text, stop) {
  const found = text.toLowerCase().split(/[^\p{Alphabetic}\p{N}\-_.]+/u);
  return found.map((word) => word.replace(edges, "")).filter((word) => word && !stop.includes(word));
}

// The pieces that may hold words with a beginning: the longest name that the beginning has, and all
// names that go on from it.
export function piecesFor(beginning, names) {
  const within = names.filter((name) => name.startsWith(beginning));
  const above = names.filter((name) => beginning.startsWith(name) && name !== beginning);
  const longest = above.sort((a, b) => b.length - a.length).slice(0, 1);
  return [...new Set([...longest, ...within])];
}

// Documents that hold a word, with a score. A word that only begins so counts less.
async function documentsWith(word, unfinished, index, base) {
  const scores = new Map();
  const names = piecesFor(word, index.pieces);
  // One letter would load everything and find everything.
  if (word.length < 2 && names.length > 6) return null;
  const pieces = await Promise.all(
    names.map((name) => fetched(`${base}w${index.pieces.indexOf(name)}.json`)),
  );
  for (const piece of pieces) {
    for (const [known, postings] of Object.entries(piece)) {
      const exact = known === word;
      if (!exact && !(unfinished && known.startsWith(word))) continue;
      const count = postings.length / 2;
      const rarity = Math.log(1 + index.documents / count);
      let document = 0;
      for (let at = 0; at < postings.length; at += 2) {
        document += postings[at];
        const score = postings[at + 1] * rarity * (exact ? 2 : 1);
        scores.set(document, Math.max(scores.get(document) ?? 0, score));
      }
    }
  }
  return scores;
}

// Both scores, for documents that are in both.
function joined(left, right) {
  if (!left || !right) return left ?? right;
  const found = new Map();
  for (const [document, score] of left) {
    if (right.has(document)) found.set(document, score + right.get(document));
  }
  return found;
}

export async function find(query, root, limit) {
  const base = `${root}search/`;
  const index = await fetched(`${base}index.json`);
  const asked = words(query, index.stop);
  let scores = null;
  for (const [at, word] of asked.entries()) {
    const unfinished = at === asked.length - 1;
    let found = await documentsWith(word, unfinished, index, base);
    if (found?.size === 0 && joins.test(word)) {
      // `2024-32498` stands nowhere as a whole, but its parts do.
      found = null;
      for (const part of word.split(joins).filter(Boolean)) {
        found = joined(found, await documentsWith(part, unfinished, index, base));
      }
    }
    scores = joined(scores, found);
  }
  if (!scores) return { total: 0, rows: [], asked };
  // Documents are numbered newest first, which decides between equals.
  const ranked = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const rows = await Promise.all(
    ranked.slice(0, limit).map(async ([document]) => {
      const block = await fetched(`${base}d${Math.floor(document / index.block)}.json`);
      const [id, title, path, date, products, summary] = block[document % index.block];
      return { id, title, path, date, products, summary };
    }),
  );
  return { total: ranked.length, rows, asked };
}

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const meta = (row) => [row.date, row.products].filter(Boolean).join(" · ");

// The box in the header as a combobox (WAI-ARIA 1.2) with a list of suggestions.
export function attach(box, root) {
  const list = element("ul", { className: "suggestions", id: "suggestions", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Documents");
  const status = element("p", { className: "hidden" });
  status.setAttribute("role", "status");
  box.parentElement.append(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": "suggestions",
    "aria-autocomplete": "list",
  })) {
    box.setAttribute(name, value);
  }
  let rows = [];
  let active = -1;
  let turn = 0;

  const close = () => {
    list.hidden = true;
    active = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const select = (to) => {
    active = to;
    [...list.children].forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === active));
    });
    if (active < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", `suggestion-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  };
  const all = () => {
    location.href = `${root}search.html#q=${encodeURIComponent(box.value.trim())}`;
    close();
  };
  const update = async () => {
    const mine = ++turn;
    if (!box.value.trim()) return close();
    let answer;
    try {
      answer = await find(box.value, root, 8);
    } catch {
      status.textContent = "The search index cannot be loaded.";
      return;
    }
    // A slower answer to an older question is not shown.
    if (mine !== turn) return;
    rows = answer.rows;
    list.replaceChildren(
      ...rows.map((row, at) => {
        const option = element(
          "li",
          { id: `suggestion-${at}` },
          element("strong", { textContent: row.id }),
          ` ${row.title}`,
          element("span", { className: "meta", textContent: meta(row) }),
        );
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        // Before the box loses the focus.
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          location.href = root + row.path;
        });
        return option;
      }),
    );
    active = -1;
    list.hidden = rows.length === 0;
    box.setAttribute("aria-expanded", String(rows.length > 0));
    status.textContent = answer.total === 1 ? "1 document" : `${answer.total} documents`;
  };

  box.addEventListener("input", update);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    const last = rows.length - 1;
    if (event.key === "ArrowDown" && !list.hidden) select(active === last ? -1 : active + 1);
    else if (event.key === "ArrowUp" && !list.hidden) select(active < 0 ? last : active - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) location.href = root + rows[active].path;
    else if (event.key === "Enter" && box.value.trim()) all();
    else return;
    event.preventDefault();
  });
  if (box.value) update();
}

// The page with all results; the question stands behind `#q=`, which no browser sends anywhere.
export function page(box, root) {
  const list = document.querySelector("[data-search-results]");
  const count = document.querySelector("[data-search-count]");
  const show = async () => {
    const query = new URLSearchParams(location.hash.slice(1)).get("q") ?? "";
    box.value = query;
    if (!query.trim()) {
      list.replaceChildren();
      count.textContent = "";
      return;
    }
    let answer;
    try {
      answer = await find(query, root, 50);
    } catch {
      count.textContent = "The search index cannot be loaded.";
      return;
    }
    const { total, rows } = answer;
    const shown = total > rows.length ? `, the first ${rows.length} shown` : "";
    count.textContent = `${total === 1 ? "1 document" : `${total} documents`} for “${query}”${shown}`;
    list.replaceChildren(
      ...rows.map((row) =>
        element(
          "li",
          {},
          element(
            "a",
            { href: root + row.path },
            element("span", { className: "id", textContent: row.id }),
            ` ${row.title}`,
          ),
          element("span", { className: "meta", textContent: meta(row) }),
          element("span", { className: "meta", textContent: row.summary }),
        ),
      ),
    );
  };
  addEventListener("hashchange", show);
  show();
}
