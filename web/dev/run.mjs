// SPDX-License-Identifier: Apache-2.0
// Bundles one TypeScript program of this folder and runs it; playwright-core stays outside.
//   node run.mjs PROGRAM ARGUMENT...     NODE_PATH: where the packages lie
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FOR_NODE, bundle } from "../bundler.mjs";

const [program, ...rest] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
process.env["srcdir"] ??= join(here, "../.."); // what web/test/support.ts reads lies there
const folder = mkdtempSync(join(tmpdir(), "lmm-web-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const outfile = join(folder, `${program}.mjs`);
await bundle({
  ...FOR_NODE,
  entryPoints: [join(here, `${program}.ts`)],
  outfile,
  external: ["playwright-core"],
});
const { main } = await import(pathToFileURL(outfile).href);
await main(rest);
