// SPDX-License-Identifier: Apache-2.0
// What check-pages.mjs and check-tokens.mjs refuse, on small trees of its own.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { sourceFile } from "./support";

const GOOD: Record<string, string> = {
  "web/lib/shell.en.ts": 'export const a = {\n  "go": "Go to {place}",\n  "error.not_found": "Gone.",\n};\n',
  "web/lib/shell.zh.ts": 'export const a = {\n  "go": "去 {place}",\n  "error.not_found": "没有。",\n};\n',
  "apps/shop/web/texts.en.ts": 'export const a = {\n  "market.name": "Shop",\n  "buy":\n    "Buy",\n};\n',
  "apps/shop/web/texts.zh.ts": 'export const a = {\n  "market.name": "商店",\n  "buy": "买",\n};\n',
  "apps/shop/web/zh.ts": "export const catalogue = { ...refusalTextsZh };\n",
  "apps/shop/web/refusals-zh.ts": 'export const a = {\n  "1": "没有",\n  "2": "太多",\n};\n',
  "apps/shop/contract/abi.json": '{"errors": {"1": "there is none", "2": "that is too much"}}',
  "docs/api.md":
    "| 503 | Busy. | `busy` |\n| `GET /v1/a` | A |  |  | 200 | 400 `not_hex`, `too_long`; 404 `not_found` | `test_codes` |\n",
  "docs/protocol.md": "| 0 | `OK` | done |\n| 5 | `OUT_OF_GAS` | too low |\n| 7 | `STATE_STAKE` | ‖ account id |\n",
  "web/lib/i18n/kit.zh.ts": "export const kitTextsZh = { ...problemTextsZh };\n",
  "web/lib/i18n/problems-zh.ts":
    'export const a = {\n  "busy": "忙",\n  "not_hex": "不",\n  "too_long": "长",\n  "OUT_OF_GAS": "少",\n};\n',
  "apps/shop/web/home.tsx":
    "// Who is here: a.\n// What they decide: b.\n// Visible at 360×640 unscrolled: c.\n" +
    'import { t } from "x";\nexport function Page() {\n  return <p class="soft">{t("buy")} LMM</p>;\n}\n',
};

type Changes = Record<string, string | ((text: string) => string)>;
function verdict(changes: Changes, files = GOOD, script = "check-pages.mjs"): string {
  const top = mkdtempSync(join(tmpdir(), "lmm-pages-"));
  try {
    for (const [name, good] of Object.entries(files)) {
      const change = changes[name] ?? good;
      const path = join(top, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof change === "string" ? change : change(good));
    }
    const run = spawnSync(process.execPath, [sourceFile(`web/${script}`), top], { encoding: "utf8" });
    assert.equal(run.status === 0, /COUNTED 1 passed, 0 failed/.test(run.stdout));
    return run.stdout.split("\n")[0] ?? "";
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

test("pages whose texts are in both languages pass", () => assert.match(verdict({}), /^COUNTED 1 passed/));

const problems = "web/lib/i18n/problems-zh.ts";
const refusals = "apps/shop/web/refusals-zh.ts";
const home = "apps/shop/web/home.tsx";
const REFUSED: [string, Changes, RegExp][] = [
  ["a text without Chinese", { "apps/shop/web/texts.zh.ts": (s) => s.replace(/.*buy.*\n/, "") }, /"buy" has no Chinese/],
  ["a text without English", { "web/lib/shell.en.ts": (s) => s.replace(/.*go.*\n/, "") }, /"go" has no English/],
  ["another name in the Chinese text", { "web/lib/shell.zh.ts": (s) => s.replace("place", "where") }, /other \{names\}/],
  ["an empty text", { "apps/shop/web/texts.zh.ts": (s) => s.replace("买", "") }, /"buy" is empty/],
  ["a text that is there twice", { "web/lib/shell.en.ts": (s) => s.replace(/(.*go.*\n)/, "$1$1") }, /there twice/],
  ["a text that nobody has", { [home]: (s) => s.replace('"buy"', '"sell"') }, /no catalogue has "sell"/],
  ["words in a page's source", { [home]: (s) => s.replace('{t("buy")} LMM', "Buy now") }, /Buy now/],
  ["words in a tip", { [home]: (s) => s.replace('class="soft"', 'title="Buy"') }, /title="Buy"/],
  ["a contract's refusal without Chinese", { [refusals]: (s) => s.replace(/.*"2".*\n/, "") }, /refusal 2 has no Chinese/],
  ["Chinese for a refusal that is gone", { [refusals]: (s) => s.replace('"2"', '"3"').replace('"1"', '"1": "x",\n  "2"') }, /no refusal 3/],
  ["a catalogue without the refusals", { "apps/shop/web/zh.ts": "export const catalogue = {};\n" }, /leaves out the refusals/],
  ["a route's problem without Chinese", { [problems]: (s) => s.replace(/.*too_long.*\n/, "") }, /"too_long" has no Chinese/],
  ["a problem of the kit without Chinese", { [problems]: (s) => s.replace(/.*busy.*\n/, "") }, /"busy" has no Chinese/],
  ["a transaction's end without Chinese", { [problems]: (s) => s.replace(/.*OUT_OF_GAS.*\n/, "") }, /"OUT_OF_GAS" has no Chinese/],
  ["a kit without the problems", { "web/lib/i18n/kit.zh.ts": "export const kitTextsZh = {};\n" }, /leaves out the problems/],
  ["a problem explained in two places", { [problems]: (s) => s.replace('"busy"', '"not_found": "没",\n  "busy"') }, /"not_found" is a text/],
  ["a page that does not say who is here", { [home]: (s) => s.replace("Who is here", "Who") }, /"Who is here: "/],
];
for (const [what, changes, fault] of REFUSED)
  test(`${what} is refused`, () => assert.match(verdict(changes), fault));

const SHEETS: Record<string, string> = {
  "web/tokens.css": ":root { --text-1: 1; --text-2: 2; --text-3: 3; --text-4: 4; --text-5: 5 }\n--ink: #000;\n[data-theme=\"dark\"] --ink: #fff;\n",
  "web/wallet/wallet.css": ".row.sent { gap: 0 }\n.pair { gap: 0 }\n",
  "web/wallet/more.css": ".pair { color: inherit }\n",
  "web/firm/firm.css": ".row.key { gap: 1px }\n.firm .pair { gap: 1px }\n.form { gap: 0 }\n",
  "apps/shop/web/home.css": ".form {\n  gap: 0\n}\n",
  "apps/fair/web/home.css": ".lead { gap: 2px }\n",
  "apps/shop/web/list.css": ".lead { gap: 1px }\n",
};
const layout = (changes: Changes): string => verdict(changes, SHEETS, "check-tokens.mjs");
test("sheets that leave one another's classes alone pass", () => assert.match(layout({}), /^COUNTED 1 passed/));
test("a class that two pages lay out in two ways is refused", () => {
  assert.match(layout({ "web/firm/firm.css": ".pair { gap: 1px }" }), /^\.pair is laid out in two ways: web\/\w+\/, web\/\w+\/$/);
  assert.match(layout({ "apps/shop/web/home.css": "@media (min-width: 720px) {\n  .lead {\n    gap: 0;\n  }\n}\n" }), /^\.lead is .*shop/);
});
