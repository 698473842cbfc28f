// SPDX-License-Identifier: Apache-2.0
// Colours and type sizes have one home, web/tokens.css. Refuses raw ones anywhere else in the pages,
// and a token file without exactly five sizes or with a colour that one theme lacks. A sheet once loaded
// stays, whatever page is gone to: so no class may be laid out for itself by two pages in two ways.
//   node check-tokens.mjs TOP
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

const top = process.argv[2] ?? ".";
const NAMED =
  "aqua|beige|black|blue|brown|coral|crimson|cyan|fuchsia|gold|gr[ae]y|green|indigo|ivory|khaki|lavender|lime|" +
  "magenta|maroon|navy|olive|orange|orchid|pink|plum|purple|red|salmon|silver|tan|teal|tomato|turquoise|violet|" +
  "wheat|white|yellow";
const RULES = [
  ["a raw colour", /#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b/gi],
  ["a raw colour", /\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(/gi],
  ["a named colour", new RegExp(`(?:color|background|border[\\w-]*|stroke|fill|outline|shadow)\\s*[:=]\\s*[^;]*\\b(?:${NAMED})\\b`, "gi")],
  ["a raw type size", /font(?:-size|Size)\s*:(?!\s*(?:var\(--text-[1-5]\)|[\d.]+em))/gi],
];

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ["node_modules", "test", "dev"].includes(entry.name) ? [] : filesBelow(path);
    return /\.(css|tsx?|html|svg)$/.test(entry.name) ? [path] : [];
  });
}

const tokens = readFileSync(join(top, "web/tokens.css"), "utf8");
const faults = [];
const sizes = new Set(tokens.match(/--text-\d+(?=:)/g));
if (sizes.size !== 5) faults.push(`web/tokens.css: ${sizes.size} type sizes, five are meant`);
const [light, dark] = tokens.split('[data-theme="dark"]');
const colours = (text) => new Set([...text.matchAll(/(--[\w-]+): #/g)].map((match) => match[1]));
for (const name of colours(light ?? ""))
  if (!colours(dark ?? "").has(name)) faults.push(`web/tokens.css: ${name} has no dark value`);

const markets = readdirSync(join(top, "apps")).map((name) => join(top, "apps", name, "web"));
const folders = [join(top, "web"), ...markets];
const files = folders.flatMap((folder) => {
  try {
    return filesBelow(folder);
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
});
for (const file of files) {
  const name = relative(top, file);
  if (name === "web/tokens.css") continue;
  readFileSync(file, "utf8")
    .split("\n")
    .forEach((line, i) => {
      for (const [what, pattern] of RULES)
        for (const [found] of line.matchAll(pattern))
          // An icon file has no style sheet: it repeats a token's value.
          if (!(name.endsWith(".svg") && tokens.includes(`: ${found};`)))
            faults.push(`${name}:${i + 1}: ${what}: ${found.trim()}`);
    });
}

// ---- classes that two pages lay out

// What each lone class is given, media apart: [class, declarations].
function* layoutsOf(sheet) {
  const text = sheet.replace(/\/\*.*?\*\//gs, "").replace(/@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}/g, "$1");
  for (const [, selectors, body] of text.matchAll(/([^{}]+)\{([^{}]*)\}/g))
    for (const selector of selectors.split(",")) {
      const alone = /^\s*\.([\w-]+)\s*$/.exec(selector);
      if (alone) yield [alone[1], body.replace(/\s+/g, " ").trim()];
    }
}
// Sheets of one folder of web/ are a page's own.
const pageOf = (name) => name.replace(/^(web\/[^/]+\/).*/, "$1");
const sheets = files.filter((file) => file.endsWith(".css")).map((file) => relative(top, file));
for (const market of markets.map((folder) => relative(top, folder))) {
  const layouts = new Map(); // class → page → all that it is given there
  for (const name of sheets.filter((one) => one.startsWith("web/") || one.startsWith(`${market}/`)))
    for (const [key, body] of layoutsOf(readFileSync(join(top, name), "utf8"))) {
      const pages = layouts.get(key) ?? new Map();
      layouts.set(key, pages.set(pageOf(name), `${pages.get(pageOf(name)) ?? ""}{ ${body} }`));
    }
  for (const [key, pages] of layouts)
    if (new Set(pages.values()).size > 1) faults.push(`.${key} is laid out in two ways: ${[...pages.keys()].join(", ")}`);
}
for (const fault of new Set(faults)) console.log(fault);
console.log(`COUNTED ${faults.length ? 0 : 1} passed, ${faults.length} failed`);
process.exit(faults.length ? 1 : 0);
