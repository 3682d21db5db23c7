// Loaded on every page; everything larger is loaded when it is used.
const root = document.documentElement.dataset.root;
const box = document.querySelector("[data-search] input");
const load = () => import("./search.js");

if (box) {
  const start = async () => (await load()).attach(box, root);
  box.addEventListener("focus", start, { once: true });
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
}
if (document.querySelector("[data-search-results]")) load().then((search) => search.page(box, root));
if (document.querySelector("[data-filter]")) import("./filter.js");
if (document.querySelector("[data-affected]")) import("./affected.js");

// The question on the front page is answered on the page that can be shared.
const check = document.querySelector("[data-check]");
check?.addEventListener("submit", (event) => {
  event.preventDefault();
  const product = check.querySelector("select").value;
  const version = check.querySelector("input").value.trim();
  location.href = `${root}affected.html#${encodeURIComponent(`${product}==${version}`)}`;
});
