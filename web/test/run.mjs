// SPDX-License-Identifier: Apache-2.0
// Bundles the page tests (web/test and each market's test, *.test.ts) into OUT and runs them with
// node --test; its last
// line is the COUNTED line that ./check adds up.
//   node run.mjs TOP OUT      NODE_PATH: where the packages lie
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FOR_NODE, bundle } from "../bundler.mjs";

const [top, out] = process.argv.slice(2);

const own = readdirSync(join(top, "apps")).map((market) => join(top, "apps", market, "test"));
const tests = [join(top, "web/test"), ...own.filter((folder) => existsSync(folder))].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, name)),
);
const nameOf = (file) => file.slice(top.length).replace(/[^\w]+/g, "-").replace(/^-|-ts$/g, "");
await bundle({
  ...FOR_NODE,
  entryPoints: Object.fromEntries(tests.map((file) => [nameOf(file), file])),
  outdir: out,
  outExtension: { ".js": ".mjs" },
  sourcemap: "inline",
});
const files = tests.map((file) => join(out, `${nameOf(file)}.mjs`));
const run = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test", "--test-reporter=tap", ...files],
  { encoding: "utf8", maxBuffer: 1 << 28 },
);
const count = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(run.stdout)?.[1] ?? 0);
const [passed, failed, skipped] = [count("pass"), count("fail") + count("cancelled"), count("skipped")];
if (failed > 0 || run.status !== 0) {
  process.stdout.write(run.stdout + run.stderr);
  // What ./check shows of a log: which tests, and what they met.
  const told = /^ *not ok \d+ - (.*)\n(?:.*\n){0,12}? *error: ((?:(?! *code:).*\n){1,5})/gm;
  for (const [, title, error] of run.stdout.matchAll(told))
    console.log(`FAILED ${title}: ${error.replace(/\|-|\s+/g, " ").trim()}`);
}
for (const line of run.stdout.match(/^ *ok .* # SKIP.*$/gm) ?? [])
  console.log(`SKIPPED ${line.replace(/^ *ok \d+ - /, "")}`);
// Those that skipped themselves count as passed and are taken off again, as with Check.
console.log(`COUNTED ${passed + skipped} passed, ${failed} failed`);
process.exit(run.status === 0 && failed === 0 && passed > 0 ? 0 : 1);
