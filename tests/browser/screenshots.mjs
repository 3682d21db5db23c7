// Takes a picture of each page type at 1280 and 390 pixels, light and dark, and in print.
// usage: node screenshots.mjs SITE OUT [PAGE...]
import fs from "node:fs";
import path from "node:path";
import { PAGES, fileName, launch, open, serve } from "./site.mjs";

const [folder, out, ...only] = process.argv.slice(2);
fs.mkdirSync(out, { recursive: true });
const site = await serve(path.resolve(folder));
const browser = await launch();
for (const width of [1280, 390]) {
  for (const colorScheme of ["light", "dark"]) {
    const viewport = { width, height: width === 390 ? 844 : 900 };
    const { page, context } = await open(browser, site.address, { viewport, colorScheme });
    for (const name of only.length ? only : PAGES) {
      await page.goto("about:blank");
      await page.goto(site.address + name, { waitUntil: "networkidle" });
      const file = `${fileName(name)}.${width}.${colorScheme}.png`;
      await page.screenshot({ path: path.join(out, file), fullPage: true });
      if (width === 1280 && colorScheme === "light") {
        await page.pdf({ path: path.join(out, `${fileName(name)}.pdf`), format: "A4" });
      }
    }
    await context.close();
  }
}
await browser.close();
site.close();
