// SPDX-License-Identifier: Apache-2.0
// Bundles the page tests (web/test/*.test.ts) into OUT and runs them with node --test; its last
// line is the COUNTED line that ./check adds up.
//   node run.mjs SOURCE OUT      NODE_PATH: where the packages lie
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { FOR_NODE, bundle } from "../bundler.mjs";

const [source, out] = process.argv.slice(2);

const tests = readdirSync(source).filter((name) => name.endsWith(".test.ts"));
await bundle({
  ...FOR_NODE,
  entryPoints: tests.map((name) => join(source, name)),
  outdir: out,
  outExtension: { ".js": ".mjs" },
  sourcemap: "inline",
});
const files = tests.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
const run = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test", "--test-reporter=tap", ...files],
  { encoding: "utf8", maxBuffer: 1 << 28 },
);
const count = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(run.stdout)?.[1] ?? 0);
const [passed, failed, skipped] = [count("pass"), count("fail") + count("cancelled"), count("skipped")];
if (failed > 0 || run.status !== 0) process.stdout.write(run.stdout + run.stderr);
for (const line of run.stdout.match(/^ *ok .* # SKIP.*$/gm) ?? [])
  console.log(`SKIPPED ${line.replace(/^ *ok \d+ - /, "")}`);
// Those that skipped themselves count as passed and are taken off again, as with Check.
console.log(`COUNTED ${passed + skipped} passed, ${failed} failed`);
process.exit(run.status === 0 && failed === 0 && passed > 0 ? 0 : 1);
