// SPDX-License-Identifier: Apache-2.0
// Builds a market's pages: one script for the entry, and one for each part that loads later, all
// under plain names (the server gives them ETags), each with its gzip form beside it. Fails when the
// entry or a proof library grows over its budget.
//   node build.mjs TOP MARKET OUT      NODE_PATH: where the packages lie
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle } from "./bundler.mjs";

const [top, market, out] = process.argv.slice(2);

// Page, style and script before anything is clicked, gzip; a trading page says in its build.json that it
// needs more.
const ENTRY_KIB = 25;
const PROOF_MAX = 15 * 1024;

const pages = join(top, "apps", market, "web");
// {"later": pages that load when they are gone to, "apart": modules that stand for themselves}
const parts = JSON.parse(readFileSync(join(pages, "build.json"), "utf8"));
// What every market has: web/NAME/page.tsx is the page NAME.
const ENTRY_MAX = (parts.entryKiB ?? ENTRY_KIB) * 1024;
const kit = readdirSync(join(top, "web")).filter((name) => existsSync(join(top, "web", name, "page.tsx")));
// The pages share their code as shared.js.
const together = { app: join(pages, "main.tsx") };
for (const name of parts.later) together[name] = join(pages, `${name}.tsx`);
for (const name of kit) together[name] = join(top, "web", name, "page.tsx");
const apart = {
  "theme.js": join(top, "web/theme.ts"),
  "live.js": join(top, "web/lib/live.ts"), // for browsers without shared workers
  "live-worker.js": join(top, "web/live-worker.ts"),
  "zh.js": join(pages, "zh.ts"),
  "vault.js": join(top, "web/wallet/vault.ts"),
  "vault-worker.js": join(top, "web/wallet/vault-worker.ts"),
  "verify.js": join(top, "web/lib/proof.ts"),
};
for (const name of parts.apart) apart[`${name}.js`] = join(pages, `${name}.ts`);
const files = { "index.html": join(pages, "index.html"), "icon.svg": join(top, "web/icon.svg") };

// Others' packages that the scripts carry, by their folder.
const packages = new Set();
async function build(options) {
  const built = await bundle({ ...options, metafile: true });
  for (const input of Object.keys(built.metafile.inputs)) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  return built;
}

// Their licences ask that the notice goes with every copy.
function notices() {
  const texts = [...packages].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    if (!file) throw new Error(`${name} comes without a licence`);
    return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return `These pages carry the following packages.\n\n${texts.join("\n\n")}`;
}

const options = { minify: true, format: "esm", target: ["es2022"], legalComments: "none" };
mkdirSync(out, { recursive: true });
// What pages share gets a name of its own, as esbuild's changes with the content: shared.js is all
// pages', shared-market-… the entry's and those others'; the rest is named after those that share it.
async function buildTogether() {
  const built = await build({ ...options, entryPoints: together, outdir: out, splitting: true, write: false });
  const users = new Map(); // of each chunk
  for (const { entryPoint, imports } of Object.values(built.metafile.outputs))
    for (const { path, kind } of imports)
      if (kind === "import-statement" && entryPoint) {
        const name = Object.entries(together).find(([, source]) => resolve(source) === resolve(entryPoint))[0];
        users.set(basename(path), [...(users.get(basename(path)) ?? []), name].sort());
      }
  const nameOf = (chunk) => {
    const by = users.get(chunk);
    if (by.length === Object.keys(together).length) return "shared.js";
    const rest = by.filter((name) => name !== "app");
    return by.includes("app") ? `shared-market-${rest.join("-")}.js` : `shared-${by.join("-")}.js`;
  };
  const names = [...users.keys()].map((chunk) => [chunk, nameOf(chunk)]);
  if (new Set(names.map(([, name]) => name)).size < names.length) throw new Error("two chunks of one name");
  for (const { path, text } of built.outputFiles) {
    const whole = names.reduce((sum, [chunk, name]) => sum.replaceAll(chunk, name), text);
    const own = names.find(([chunk]) => chunk === basename(path))?.[1] ?? basename(path);
    writeFileSync(join(out, own), whole);
  }
  return names.map(([, name]) => name);
}
const chunks = await buildTogether();
await build({ ...options, entryPoints: [join(top, "web/later.css")], outfile: join(out, "later.css") });
const styles = readdirSync(out).filter((name) => name.endsWith(".css"));
for (const [name, source] of Object.entries(apart))
  await build({
    ...options,
    entryPoints: [source],
    outfile: join(out, name),
    format: name === "theme.js" ? "iife" : "esm",
  });
for (const [name, source] of Object.entries(files)) copyFileSync(source, join(out, name));

writeFileSync(join(out, "licences.txt"), notices());

const scripts = [...Object.keys(together).map((name) => `${name}.js`), ...chunks, ...Object.keys(apart)];
const sizes = {};
for (const name of [...scripts, ...styles, "licences.txt", ...Object.keys(files)]) {
  const packed = gzipSync(readFileSync(join(out, name)), { level: 9 });
  sizes[name] = packed.length;
  writeFileSync(join(out, `${name}.gz`), packed);
}
const atFirst = ["index.html", "theme.js", "app.css", "app.js", "shared.js"];
const isAtFirst = (name) => atFirst.includes(name) || name.startsWith("shared-market-");
const entry = Object.entries(sizes).reduce((sum, [name, size]) => sum + (isAtFirst(name) ? size : 0), 0);
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
for (const [name, size] of Object.entries(sizes)) console.log(`${market}/${name}: ${kib(size)} gzip`);
console.log(`${market}, entry: ${kib(entry)} gzip of ${kib(ENTRY_MAX)}`);
if (entry > ENTRY_MAX || ["proof.js", "verify.js"].some((name) => (sizes[name] ?? 0) > PROOF_MAX)) {
  console.error(`${market}: over its budget`);
  process.exit(1);
}
