// Every page type held to axe-core (WCAG 2.2 AA and best practice), in both colour schemes, at 1280, 390
// and 320 pixels; no sideways scrolling; no message in the console, no refused resource, no other host;
// an advisory with all that it loads below its weight.
// usage: node quality.mjs SITE
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { PAGES, launch, open, serve } from "./site.mjs";

const HEAVIEST = 60 * 1024;
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const folder = path.resolve(process.argv[2]);
const site = await serve(folder);
const browser = await launch();
const problems = [];
let checked = 0;

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390, 320]) {
    const options = { colorScheme, viewport: { width, height: 844 }, bypassCSP: false };
    const { page, context, faults } = await open(browser, site.address, options);
    for (const name of PAGES) {
      const where = `${name} (${colorScheme}, ${width})`;
      faults.length = 0;
      await page.goto("about:blank");
      await page.goto(site.address + name, { waitUntil: "load" });
      // Pages that scripts fill are done when they say something.
      if (name.includes("#")) await page.locator(".answer, [data-search-results] li").first().waitFor();
      problems.push(...faults.map((fault) => `${where}: ${fault}`));
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (overflow > 0) problems.push(`${where}: scrolls sideways by ${overflow} pixels`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() =>
        globalThis.axe.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        }),
      );
      for (const { id, impact, nodes } of violations) {
        problems.push(...nodes.map((node) => `${where}: ${id} (${impact}) ${node.target.join(" ")}`));
      }
      checked += 1;
    }
    await context.close();
  }
}

// Weight: what a browser loads for an advisory before anything is touched, uncompressed.
let heaviest = ["", 0];
const { page, context } = await open(browser, site.address);
const advisories = fs.readdirSync(path.join(folder, "ossa")).filter((name) => name.endsWith(".html"));
const bySize = advisories
  .map((name) => [name, fs.statSync(path.join(folder, "ossa", name)).size])
  .sort((a, b) => b[1] - a[1]);
for (const [name] of bySize.slice(0, 5)) {
  site.requests.length = 0;
  await page.goto("about:blank");
  await page.goto(`${site.address}ossa/${name}`, { waitUntil: "networkidle" });
  const bytes = site.requests
    .map((request) => fs.statSync(path.join(folder, request)).size)
    .reduce((sum, size) => sum + size, 0);
  if (bytes > heaviest[1]) heaviest = [name, bytes];
}
await context.close();
console.log(`heaviest advisory with all that it loads: ${heaviest[0]}, ${heaviest[1]} bytes`);
if (heaviest[1] > HEAVIEST) problems.push(`${heaviest[0]} weighs ${heaviest[1]} bytes`);

await browser.close();
site.close();
problems.forEach((problem) => console.log(problem));
console.log(`${checked} pages checked, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
