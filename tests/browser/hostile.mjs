// A site built from hostile documents, opened page by page in a real browser: nothing executes, no dialog opens,
// no other host is asked, no form can be sent, nothing is refused by the policy because nothing is there to refuse.
// Feeds are read as readers do that trust them: their HTML is put into a page without any policy.
// usage: node hostile.mjs SITE   (tests/it/hostile.rs keeps one where VMT_HOSTILE_SITE names a folder)
import fs from "node:fs";
import path from "node:path";
import { launch, open, serve } from "./site.mjs";

const folder = path.resolve(process.argv[2]);
const site = await serve(folder);
const browser = await launch();
const problems = [];

// alert() is what the payloads call; a page that was broken into may also leave by itself.
const TRAP = () => {
  for (const name of ["alert", "confirm", "prompt", "msgbox"]) {
    globalThis[name] = () => {
      globalThis.broken = name;
    };
  }
};

const files = fs.readdirSync(folder, { recursive: true }).map(String);
const pages = files.filter((name) => name.endsWith(".html")).sort();
const { page, context, faults } = await open(browser, site.address);
await page.addInitScript(TRAP);
page.on("dialog", (dialog) => {
  problems.push(`${page.url()}: a dialog: ${dialog.message()}`);
  void dialog.dismiss();
});
for (const name of pages) {
  faults.length = 0;
  const address = site.address + name.split(path.sep).map(encodeURIComponent).join("/");
  await page.goto(address, { waitUntil: "load" });
  // What waits for a pointer, for the focus or for a frame has its chance.
  await page.evaluate(() => {
    for (const element of document.querySelectorAll("main *")) {
      for (const kind of ["mouseover", "focus", "click"]) {
        if (kind !== "click" || !element.closest("a, button, summary")) {
          element.dispatchEvent(new Event(kind, { bubbles: true }));
        }
      }
    }
  });
  const found = await page.evaluate(() => ({
    broken: globalThis.broken,
    here: location.href,
    handlers: [...document.querySelectorAll("*")].flatMap((element) =>
      element.getAttributeNames().filter((attribute) => attribute.startsWith("on")),
    ),
    strange: [...document.querySelectorAll("iframe, object, embed, base, form[action], meta[http-equiv=refresh]")].map(
      (element) => element.outerHTML,
    ),
    links: [...document.querySelectorAll("a[href], area[href]")]
      .map((element) => element.protocol)
      .filter((protocol) => !["http:", "https:", "mailto:"].includes(protocol)),
  }));
  if (found.broken) problems.push(`${name}: ${found.broken} was called`);
  if (found.here.split("#")[0] !== page.url().split("#")[0]) problems.push(`${name}: it left for ${found.here}`);
  for (const kind of ["handlers", "strange", "links"]) {
    problems.push(...found[kind].map((one) => `${name}: ${kind}: ${one}`));
  }
  problems.push(...faults.map((fault) => `${name}: ${fault}`));
}
await context.close();

// A feed reader without a policy of its own.
const reader = await browser.newContext();
const view = await reader.newPage();
await view.addInitScript(TRAP);
let entries = 0;
const asked = [];
await view.route("**/*", (route) => {
  asked.push(route.request().url());
  return route.fulfill({ contentType: "text/html", body: "<!DOCTYPE html><title>reader</title>" });
});
view.on("dialog", (dialog) => void dialog.dismiss());
const read = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
const isFeed = (name) => name.endsWith(".json") && read(name).version?.startsWith("https://jsonfeed.org/");
// A trap that never snaps proves nothing.
await view.goto("http://reader.example.org/");
await view.setContent("<img src=x onerror=alert(1)>", { waitUntil: "load" });
if ((await view.evaluate(() => globalThis.broken)) !== "alert") problems.push("the trap does not snap");
for (const name of files.filter(isFeed)) {
  for (const item of read(name).items) {
    await view.goto("http://reader.example.org/");
    asked.length = 0;
    await view.setContent(`<!DOCTYPE html><title>reader</title><main>${item.content_html}</main>`, { waitUntil: "load" });
    if (await view.evaluate(() => globalThis.broken)) problems.push(`${name}: ${item.id}: its HTML ran`);
    if (asked.length > 0) problems.push(`${name}: ${item.id}: its HTML asked for ${asked.join(", ")}`);
    entries += 1;
  }
}
await browser.close();
site.close();

console.log(`${pages.length} pages and ${entries} entries of feeds; ${problems.length} problems`);
for (const problem of problems.slice(0, 40)) console.log(problem);
const isEmpty = pages.length < 90 || entries < 50;
if (isEmpty) console.log("too few pages or entries: is this the site of hostile documents?");
process.exit(problems.length > 0 || isEmpty ? 1 : 0);
