// What deployers do on the site, done in a real browser: searching, filtering, checking versions, with
// the keyboard alone, and without scripts. Every journey also fails on a message in the console, a
// refused resource, or a request to another host.
// usage: node journeys.mjs SITE   (a site made from the real corpus)
import assert from "node:assert/strict";
import path from "node:path";
import { launch, open, serve } from "./site.mjs";

const site = await serve(path.resolve(process.argv[2]));
const browser = await launch();
let [passed, failed] = [0, 0];

async function journey(name, walk, options = {}) {
  const { page, context, faults } = await open(browser, site.address, options);
  page.setDefaultTimeout(10_000);
  site.requests.length = 0;
  try {
    await walk(page, (where = "index.html") => page.goto(site.address + where));
    assert.deepEqual(faults, []);
    passed += 1;
    console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${name}\n${error.stack}`);
  }
  await context.close();
}

const at = (page) => page.url().slice(site.address.length);
const type = async (page, text) => {
  await page.locator("#q").click();
  await page.keyboard.type(text);
  await page.locator("[role=option]").first().waitFor();
};
const ids = (page) => page.locator(".rows > li:not([hidden]) .id").allTextContents();

await journey("a CVE leads to its document as one types", async (page, go) => {
  await go();
  await type(page, "cve-2024-32498");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/ossa/OSSA-2024-001.html");
});

await journey("an id that is not finished finds its document first", async (page, go) => {
  await go("products.html");
  await type(page, "OSSA-2024-00");
  const first = await page.locator("[role=option]").first().textContent();
  assert.match(first, /^OSSA-2024-00/);
});

await journey("a part of a CVE, a bug number and a name of a person find their documents", async (page, go) => {
  for (const [query, id] of [
    ["2024-32498", "OSSA-2024-001"],
    ["2059809", "OSSA-2024-001"],
    ["kaesberger", "OSSA-2024-001"],
  ]) {
    await go("vmt.html");
    await type(page, query);
    const found = await page.locator("[role=option] strong").allTextContents();
    assert(found.includes(id), `${query}: ${found}`);
  }
});

await journey("words lead to results that can be shared", async (page, go) => {
  await go();
  await type(page, "qcow2 external data");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/search.html#q=*");
  await page.locator("[data-search-results] li").first().waitFor();
  assert.equal((await ids(page))[0], "OSSA-2024-001");
  const shared = page.url();
  await page.goto("about:blank");
  await page.goto(shared);
  await page.locator("[data-search-results] li").first().waitFor();
  assert.equal((await ids(page))[0], "OSSA-2024-001");
  assert.match(await page.locator("[data-search-count]").textContent(), /qcow2 external data/);
});

await journey("what nothing holds is said to be nothing", async (page, go) => {
  await go("search.html#q=zzyzx");
  await page.locator("[data-search-count]:not(:empty)").waitFor();
  assert.match(await page.locator("[data-search-count]").textContent(), /^0 documents/);
});

await journey("a query is text, never markup", async (page, go) => {
  await go(`search.html#q=${encodeURIComponent("<img src=x onerror=alert(1)>")}`);
  await page.locator("[data-search-count]:not(:empty)").waitFor();
  assert.equal(await page.locator("main img").count(), 0);
});

await journey("the index is loaded on first use, and only what a query needs", async (page, go) => {
  await go();
  await page.waitForLoadState("networkidle");
  assert(!site.requests.some((name) => name.startsWith("/search/")), "nothing before it is used");
  site.requests.length = 0;
  await type(page, "nova");
  const loaded = site.requests.filter((name) => name.startsWith("/search/"));
  assert(loaded.length > 0 && loaded.length < 12, loaded.join(" "));
});

await journey("documents by product and year, kept in the address", async (page, go) => {
  await go("ossalist.html");
  const all = (await ids(page)).length;
  await page.selectOption("#filter-product", "nova");
  await page.selectOption("#filter-year", "2024");
  const found = await ids(page);
  assert(found.length > 0 && found.length < all && found.includes("OSSA-2024-001"), String(found));
  assert.equal(at(page), "ossalist.html#product=nova&year=2024");
  await page.reload();
  assert.deepEqual(await ids(page), found);
  await page.click("[data-filter] button");
  await page.waitForFunction(() => !location.hash);
  assert.equal((await ids(page)).length, all);
});

await journey("documents by kind, series and words", async (page, go) => {
  await go("documents.html");
  await page.selectOption("#filter-kind", "note");
  assert((await ids(page)).every((id) => id.startsWith("OSSN-")));
  await page.selectOption("#filter-kind", "");
  await page.selectOption("#filter-series", "caracal");
  assert((await ids(page)).includes("OSSA-2024-001"));
  await page.fill("#filter-text", "qcow2 nova");
  assert.deepEqual(await ids(page), ["OSSA-2024-001"]);
});

await journey("nova 29.0.1 from the front page", async (page, go) => {
  await go();
  await page.selectOption("#check-product", "nova");
  await page.fill("#check-version", "29.0.1");
  await page.click("[data-check] button");
  await page.waitForURL("**/affected.html#*");
  await page.locator(".answer").waitFor();
  const answer = await page.locator(".answer").innerText();
  assert.match(answer, /Nova 29\.0\.1/);
  assert.match(answer, /Affected by 3 documents/);
  assert.match(answer, /OSSA-2024-001[\s\S]*fixed in 29\.1\.0/);
  assert.match(answer, /Upgrade to/);
  assert.equal(await page.inputValue("#affected-version"), "29.0.1");
});

await journey("forty lines of pip freeze; nothing is sent", async (page, go) => {
  await go("affected.html");
  const others = Array.from({ length: 36 }, (_, at) => `library-${at}==1.${at}`);
  const ours = ["nova==29.0.1", "keystone==2:25.0.0-0ubuntu1", "glance-store==5.0.0", "Os.Brick==99.0.0"];
  await page.fill("#affected-list", [...ours, ...others].join("\n"));
  await page.click("[data-affected] button");
  await page.locator(".answer").first().waitFor();
  const answers = await page.locator(".answer h2").allTextContents();
  assert.equal(answers.length, 4, String(answers));
  assert.match(await page.locator("#answers").innerText(), /36 entries are no products/);
  assert(!at(page).includes("library-"), "what is not ours stays out of the address");
  assert(!site.requests.some((name) => /library|29\.0\.1/.test(name)), "no request says what was asked");
  const shared = page.url();
  await page.goto("about:blank");
  await page.goto(shared);
  await page.locator(".answer").first().waitFor();
  assert.deepEqual(await page.locator(".answer h2").allTextContents(), answers);
});

await journey("nonsense is answered, not swallowed", async (page, go) => {
  await go("affected.html");
  await page.fill("#affected-version", "latest");
  await page.click("[data-affected] button");
  await page.locator(".answer").waitFor();
  assert.match(await page.locator(".answer").innerText(), /Cannot say/);
  await go("affected.html#%");
  await go("affected.html#product=nothing");
});

await journey("from an advisory to a release and back", async (page, go) => {
  await go("ossa/OSSA-2024-001.html");
  await page.locator("a.fixed", { hasText: "29.1.0" }).first().click();
  await page.waitForURL("**/release/nova/29.1.0.html");
  assert.match(await page.locator("main").innerText(), /First of its line with the fix for[\s\S]*OSSA-2024-001/);
  await page.goBack();
  await page.waitForURL("**/ossa/OSSA-2024-001.html");
  await page.locator("a.fixed", { hasText: "29.1.0" }).first().click();
  await page.locator("main a", { hasText: "OSSA-2024-001" }).click();
  await page.waitForURL("**/ossa/OSSA-2024-001.html");
});

await journey("the keyboard alone", async (page, go) => {
  await go();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  await page.keyboard.type("keystone token");
  await page.locator("[role=option]").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.getAttribute("#q", "aria-activedescendant"), "suggestion-1");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Escape");
  assert.equal(await page.getAttribute("#q", "aria-expanded"), "false");
  // On to the affected check, by tabulator, without a pointer.
  await go("affected.html");
  await page.focus("#affected-product");
  await page.keyboard.type("Nova");
  await page.keyboard.press("Tab");
  await page.keyboard.type("29.0.1");
  await page.keyboard.press("Enter");
  await page.locator(".answer").waitFor();
  assert.match(await page.locator(".answer h2").textContent(), /Nova 29\.0\.1/);
  // Everything that can be reached shows where the focus is.
  await go("ossa/OSSA-2024-001.html");
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, "none", await page.evaluate(() => document.activeElement.outerHTML));
  }
  // A slash in a field is a slash.
  await go("ossalist.html");
  await page.focus("#filter-text");
  await page.keyboard.type("a/b");
  assert.equal(await page.inputValue("#filter-text"), "a/b");
});

await journey(
  "reading without scripts",
  async (page, go) => {
    await go();
    assert.equal(await page.locator("#q").isVisible(), false);
    assert.equal(await page.locator("[data-check]").isVisible(), false);
    await page.locator("nav a", { hasText: "Advisories" }).click();
    await page.waitForURL("**/ossalist.html");
    assert.equal(await page.locator("[data-filter]").isVisible(), false);
    await page.locator("a", { hasText: "OSSA-2024-001" }).click();
    assert.match(await page.locator("main").innerText(), /2024\.1\/caracal[\s\S]*29\.1\.0/);
    await page.locator("nav a", { hasText: "Products" }).click();
    await page.locator("main a", { hasText: /^Nova$/ }).click();
    await page.locator("summary", { hasText: "2024.1/caracal" }).click();
    await page.locator("main a", { hasText: /^29\.0\.1$/ }).click();
    assert.match(await page.locator("main").innerText(), /Affected by 3 documents/);
    await page.locator("nav a", { hasText: "Search" }).click();
    assert.match(await page.locator("main").innerText(), /needs a script/);
  },
  { javaScriptEnabled: false },
);

await journey("an address that leads nowhere, at any depth", async (page, go) => {
  await go("a/b/none.html");
  assert.match(await page.locator("h1").textContent(), /Not found/);
  await type(page, "nova");
  await page.locator("nav a", { hasText: "Products" }).click();
  await page.waitForURL("**/products.html");
});

await browser.close();
site.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
