#!/usr/bin/env node
// How long a saved document takes to reach the browser under `vmt serve`.
// Usage: bench/serve.mjs WORKSPACE [ROUNDS]
// Works on a copy. Needs a release build of vmt, or another binary named by VMT. Measures from the moment
// before the write to the event that names the page, and to the last byte of the page asked for then.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [workspace, rounds = "40"] = process.argv.slice(2);
if (!workspace) {
  console.error("usage: bench/serve.mjs WORKSPACE [ROUNDS]");
  process.exit(2);
}
const program = process.env.VMT ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "release/vmt");

const work = mkdtempSync(join(tmpdir(), "vmt-bench-serve-"));
const skipped = new Set(["public", ".git", "target", ".vmt-clones"]);
cpSync(workspace, work, { recursive: true, filter: (path) => !skipped.has(basename(path)) });

const server = spawn(program, ["-C", work, "serve", "--addr", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
process.on("exit", () => {
  server.kill();
  rmSync(work, { recursive: true, force: true });
});
const url = await new Promise((resolve, reject) => {
  server.stdout.once("data", (data) => resolve(String(data).trim()));
  server.once("exit", (code) => reject(new Error(`vmt serve ended with ${code}`)));
});

let wanted = null;
const follow = async () => {
  const answer = await fetch(`${url}.vmt/events`);
  let text = "";
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const messages = text.split("\n\n");
    text = messages.pop();
    for (const message of messages) {
      const data = message.split("\n").find((line) => line.startsWith("data: "));
      if (!data) continue;
      const { whole, files } = JSON.parse(data.slice(6));
      if (!whole && wanted && files[wanted.page]) wanted.resolve(performance.now());
    }
  }
};
follow().catch(() => {});

// A document in the middle of the list, neither the newest nor the oldest.
const names = readdirSync(join(work, "advisories")).filter((name) => /^OSSA-.*\.yaml$/.test(name));
const name = names.sort()[Math.floor(names.length / 2)];
const path = join(work, "advisories", name);
const page = `ossa/${name.replace(".yaml", ".html")}`;
const text = readFileSync(path, "utf8");

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
const measure = async (save) => {
  const times = [];
  for (let round = 0; round < Number(rounds); round += 1) {
    // Until everything that follows the pages is done, and the machine is quiet.
    await pause(700);
    const event = new Promise((resolve) => (wanted = { page, resolve }));
    const start = performance.now();
    save(text.replace(/^title: /m, `title: Round ${round} `));
    const arrived = (await event) - start;
    wanted = null;
    await (await fetch(url + page)).text();
    times.push([arrived, performance.now() - start]);
  }
  return times;
};

const report = (what, times) => {
  for (const [at, label] of [
    [0, "event"],
    [1, "page read"],
  ]) {
    const sorted = times.map((time) => time[at]).sort((a, b) => a - b);
    const rank = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(0);
    console.log(`${what}, ${label}: median ${rank(0.5)} ms, 95 % ${rank(0.95)} ms, slowest ${rank(1)} ms`);
  }
};

console.log(`${names.length} advisories in ${workspace}; ${rounds} rounds of ${name}`);
report("written in place", await measure((changed) => writeFileSync(path, changed)));
const moved = (changed) => {
  writeFileSync(`${path}.new`, changed);
  renameSync(`${path}.new`, path);
};
report("written beside and moved", await measure(moved));
process.exit(0);
