// What all browser checks share: the built site on loopback, the browser, the page types.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { chromium } from "playwright-core";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".xml": "application/xml",
  ".atom": "application/atom+xml",
};

// The policy that the site asks its host to send, from the file that it makes for it.
function policy(folder) {
  const text = fs.readFileSync(path.join(folder, "_headers"), "utf8");
  return /Content-Security-Policy: (.*)/.exec(text)[1];
}

// Serves a folder on loopback as a static host would, compressed like one where asked to.
export async function serve(folder) {
  const { gzipSync } = await import("node:zlib");
  const csp = policy(folder);
  const requests = [];
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, "http://x").pathname);
    requests.push(name);
    let file = path.join(folder, path.normalize(name));
    if (file.endsWith(path.sep)) file = path.join(file, "index.html");
    let status = 200;
    if (!file.startsWith(folder) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) {
      file = path.join(folder, "404.html");
      status = 404;
    }
    const headers = {
      "Content-Type": TYPES[path.extname(file)] ?? "application/octet-stream",
      "Content-Security-Policy": csp,
      "Cache-Control": "max-age=600",
    };
    let body = fs.readFileSync(file);
    if (/\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) {
      body = gzipSync(body);
      headers["Content-Encoding"] = "gzip";
    }
    response.writeHead(status, headers);
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${server.address().port}/`;
  return { address, requests, close: () => server.close() };
}

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROME ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

// A page that keeps what went wrong in it: messages of the console, refused resources, other hosts.
export async function open(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    // That the missing page is missing is what its journey is about.
    const wanted = message.location().url.endsWith("/none.html");
    if (["error", "warning"].includes(message.type()) && !wanted) {
      faults.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith("data:")) {
      faults.push(`another host: ${request.url()}`);
    }
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.url().endsWith("/none.html")) {
      faults.push(`${response.status()}: ${response.url()}`);
    }
  });
  return { page, context, faults };
}

// One page of each type, of a site made from the real corpus.
export const PAGES = [
  "index.html",
  "ossalist.html",
  "ossnlist.html",
  "documents.html",
  "ossa/OSSA-2024-001.html",
  "ossa/OSSA-2026-008.html",
  "ossa/OSSA-2014-003.html",
  "ossn/OSSN-0108.html",
  "ossn/OSSN-0049.html",
  "products.html",
  "product/nova.html",
  "product/skyline-console.html",
  "release/nova/29.0.1.html",
  "release/nova/33.0.0.html",
  "release/nova/2014.1.html",
  "series.html",
  "series/epoxy.html",
  "series/kilo.html",
  "cve/CVE-2024-32498.html",
  "affected.html",
  "affected.html#nova%3D%3D29.0.1%2Ckeystone%3D%3D2015.1.0",
  "search.html#q=image%20conversion",
  "feeds.html",
  "docs/index.html",
  "docs/tutorial.html",
  "docs/commands.html",
  "docs/configuration.html",
  "vmt.html",
  "vmt-process.html",
  "reporting.html",
  "data.html",
  "404.html",
];

export const fileName = (address) => address.replace(/[^A-Za-z0-9.-]+/g, "_");
