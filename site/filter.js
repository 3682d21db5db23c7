// Filters a list of documents. What is chosen stands behind `#`, so that it can be shared.
const form = document.querySelector("[data-filter]");
const count = form.querySelector("[data-count]");
const sections = [...document.querySelectorAll("section[data-year]")];
const rows = sections.flatMap((section) =>
  [...section.querySelectorAll(".rows > li")].map((row) => ({
    row,
    section,
    text: row.textContent.toLowerCase(),
    year: section.dataset.year,
    kind: row.dataset.kind,
    severity: row.dataset.severity,
    product: row.dataset.products.split(" "),
    series: row.dataset.series.split(" "),
  })),
);
const fields = [...form.querySelectorAll("[name]")];

function fits(entry) {
  return fields.every(({ name, value }) => {
    if (!value.trim()) return true;
    if (name === "text") {
      return value.toLowerCase().trim().split(/\s+/).every((word) => entry.text.includes(word));
    }
    return Array.isArray(entry[name]) ? entry[name].includes(value) : entry[name] === value;
  });
}

function apply() {
  let shown = 0;
  for (const entry of rows) {
    entry.row.hidden = !fits(entry);
    if (!entry.row.hidden) shown += 1;
  }
  for (const section of sections) {
    section.hidden = !section.querySelector(".rows > li:not([hidden])");
  }
  count.textContent = shown === rows.length ? `${shown} shown` : `${shown} of ${rows.length} shown`;
}

function remember() {
  const chosen = fields.filter(({ value }) => value.trim()).map(({ name, value }) => [name, value.trim()]);
  const hash = new URLSearchParams(chosen).toString();
  history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
}

function recall() {
  const chosen = new URLSearchParams(location.hash.slice(1));
  for (const field of fields) field.value = chosen.get(field.name) ?? "";
  // A choice that this list does not offer leaves a select without a value.
  for (const field of fields) if (field.selectedIndex === -1) field.selectedIndex = 0;
  apply();
}

form.addEventListener("input", () => {
  apply();
  remember();
});
form.querySelector("button").addEventListener("click", () => {
  for (const field of fields) field.value = "";
  apply();
  remember();
});
addEventListener("hashchange", recall);
recall();
