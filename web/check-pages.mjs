// SPDX-License-Identifier: Apache-2.0
// Texts that people read have one home, the catalogues (NAME.en.ts and NAME.zh.ts). Refuses a text
// that is not in both languages, one with other {names} in it, one that a page asks for and nobody
// has, words that stand in a page's own source, and a refusal of a market's contract or a problem of a
// server without Chinese. And each page's source opens with who is here, what they decide, and what they
// see at 360×640 without scrolling.
//   node check-pages.mjs TOP
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

const top = process.argv[2] ?? ".";
const TEXT = /^ {2}"([\w.-]+)":\s*"((?:[^"\\]|\\.)*)",$/gm;
const OPENING = ["Who is here: ", "What they decide: ", "Visible at 360×640 unscrolled: "];
const NAMES = new Set(["LMM"]); // that no language translates
const faults = [];

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ["node_modules", "test", "dev"].includes(entry.name) ? [] : filesBelow(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}
const read = (file) => readFileSync(file, "utf8");
const namesIn = (text) => [...new Set(text.match(/\{\w+\}/g))].sort().join(" ");

// Those of a folder, in each language.
function textsOf(files) {
  const texts = { en: new Map(), zh: new Map() };
  for (const file of files) {
    const language = /\.(en|zh)\.ts$/.exec(file)?.[1];
    if (!language) continue;
    for (const [, key, text] of read(file).matchAll(TEXT)) {
      if (texts[language].has(key)) faults.push(`${relative(top, file)}: "${key}" is there twice`);
      texts[language].set(key, text);
    }
  }
  return texts;
}

function compare(name, { en, zh }) {
  for (const [key, text] of en) {
    const other = zh.get(key);
    if (other === undefined) faults.push(`${name}: "${key}" has no Chinese text`);
    else if (!namesIn(text).includes(namesIn(other))) faults.push(`${name}: "${key}" has other {names} in Chinese`);
    if (text === "" || other === "") faults.push(`${name}: "${key}" is empty`);
  }
  for (const key of zh.keys()) if (!en.has(key)) faults.push(`${name}: "${key}" has no English text`);
}

function checkSource(file, known) {
  const name = relative(top, file);
  const source = read(file);
  for (const [, key] of source.matchAll(/\bt\("([\w.]+)"/g))
    if (!known.has(key)) faults.push(`${name}: no catalogue has "${key}"`);
  if (!name.endsWith(".tsx")) return;
  // Between a tag's end and the next tag, or in what readers and tips say.
  for (const [, words] of source.matchAll(/<[A-Za-z][^<>{}=]*(?:=(?:"[^"]*"|\{[^{}]*\})[^<>{}=]*)*>\s*([A-Za-z][^<>{}]*?)\s*[<{]/g))
    if (!NAMES.has(words.trim())) faults.push(`${name}: words that no catalogue has: ${words}`);
  for (const [whole] of source.matchAll(/\b(?:aria-label|title|placeholder|alt)="[^"]*"/g))
    faults.push(`${name}: words that no catalogue has: ${whole}`);
  // A page is what its market or its folder knows as one, and what begins with a heading of its own.
  if (!/^export function (?:(?:Page|Home)\(|\w+\(.*\n {2}useHeadingFocus\(\))/m.test(source)) return;
  const opening = source.split("\nimport ")[0];
  for (const part of OPENING) if (!opening.includes(`// ${part}`)) faults.push(`${name}: does not open with "${part}"`);
}

// What a contract says comes with its answers in English; each market has it in Chinese by its numbers.
function checkRefusals(market) {
  const name = `apps/${market}/web/refusals-zh.ts`;
  const { errors } = JSON.parse(read(join(top, "apps", market, "contract/abi.json")));
  const translated = [...read(join(top, name)).matchAll(/^ {2}"(\d+)":\s*".+",$/gm)].map(([, number]) => number);
  for (const number of Object.keys(errors))
    if (!translated.includes(number)) faults.push(`${name}: refusal ${number} has no Chinese sentence`);
  for (const number of translated) if (!(number in errors)) faults.push(`${name}: the contract has no refusal ${number}`);
  if (!read(join(top, "apps", market, "web/zh.ts")).includes("...refusalTextsZh")) faults.push(`apps/${market}/web/zh.ts: leaves out the refusals`);
}

// So do servers' problems and what transactions end with, whose codes the documents list.
const PROBLEMS = "web/lib/i18n/problems-zh.ts";
const KIT = "web/lib/i18n/kit.zh.ts";
const codesIn = (cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code);
function codesOf(document) {
  const lines = read(join(top, "docs", document)).split("\n");
  return lines.flatMap((line) => {
    const outcome = /^\| [1-9]\d* \| `([A-Z_]+)` \| (?!‖)/.exec(line); // the other such table is of the state
    const ofKit = /^\| [45]\d\d \|.*\|(.*)\|$/.exec(line)?.[1] ?? "";
    const ofRoute = line.match(/[45]\d\d (?:`\w+`(?:, )?)+/g) ?? [];
    return [...(outcome ? [outcome[1]] : []), ...[ofKit, ...ofRoute].flatMap(codesIn)];
  });
}
function checkProblems(texts) {
  const documents = readdirSync(join(top, "docs")).filter((name) => /^(api.*|protocol)\.md$/.test(name));
  const translated = new Set([...read(join(top, PROBLEMS)).matchAll(/^ {2}"(\w+)":\s*".+",$/gm)].map(([, code]) => code));
  for (const code of new Set(documents.flatMap(codesOf))) {
    const isText = texts.zh.has(`error.${code}`);
    if (!isText && !translated.has(code)) faults.push(`${PROBLEMS}: "${code}" has no Chinese sentence`);
    if (isText && translated.has(code)) faults.push(`${PROBLEMS}: "${code}" is a text of the catalogues`);
  }
  if (!read(join(top, KIT)).includes("...problemTextsZh")) faults.push(`${KIT}: leaves out the problems`);
}

const shared = filesBelow(join(top, "web"));
const sharedTexts = textsOf(shared);
compare("web", sharedTexts);
checkProblems(sharedTexts);
for (const file of shared) checkSource(file, new Set([...sharedTexts.en.keys(), "market.name"]));
for (const market of readdirSync(join(top, "apps"))) {
  const folder = join(top, "apps", market, "web");
  if (!existsSync(folder)) continue;
  const files = filesBelow(folder);
  const texts = textsOf(files);
  compare(`apps/${market}/web`, texts);
  const known = new Set([...sharedTexts.en.keys(), ...texts.en.keys()]);
  if (!texts.en.has("market.name")) faults.push(`apps/${market}/web: no catalogue has "market.name"`);
  for (const file of files) checkSource(file, known);
  checkRefusals(market);
}
for (const fault of faults) console.log(fault);
console.log(`COUNTED ${faults.length ? 0 : 1} passed, ${faults.length} failed`);
process.exit(faults.length ? 1 : 0);
