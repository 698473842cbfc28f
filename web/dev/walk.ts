// SPDX-License-Identifier: Apache-2.0
// A market's pages on the stand-in, held to what each owes to everybody: at 320 px, in both themes, no
// sideways scrolling and no violation that axe finds; by the Tab key alone everything that can be
// pressed is come to, in the order in which it stands, is to be seen then, and tells that it has the focus.
//   node run.mjs walk PAGES [FILTER...]    FILTER: parts of a page's name and state, all must match
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { type State, startMock } from "./mock";
import { LAUNCH, MARKETS } from "./shots";

const NARROWEST = 320;
const AT_ONCE = 3; // pages
const STATES_WALKED: State[] = ["one", "refused", "thousand", "empty", "keyless"];
const STATES_A_PAGE = 2; // the first ones of these that the page has; a thousand rows say no more than one, and last minutes
const STEPS_MAX = 60; // of a page's elements, so many are come to: a list's later rows are like its first
const PATIENCE_MS = Number(process.env["PATIENCE_MS"] ?? 30_000);
const PARTS_MAX = 12; // of one element that the Tab key stops at: a date has day, month, year …

interface Violation {
  id: string;
  nodes: { target: string[]; failureSummary?: string }[];
}
declare const axe: { run: () => Promise<{ violations: Violation[] }> };

async function findViolations(page: Page, theme: "light" | "dark"): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await page.waitForFunction((name) => document.documentElement.dataset["theme"] === name, theme);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  const found = await page.evaluate(async () =>
    (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`),
  );
  if (width > NARROWEST) found.push(`is ${width} px wide`);
  return found.map((one) => `${theme}: ${one}`);
}

// Marks what the Tab key has to come to, and counts it.
const markTargets = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const chosenIn = (name: string): Element | null => document.querySelector(`input[type=radio][name="${name}"]:checked`);
    const isTarget = (one: HTMLElement): boolean => {
      if (one.tabIndex < 0 || one.matches(":disabled") || !one.checkVisibility({ visibilityProperty: true })) return false;
      if (one instanceof HTMLInputElement && one.type === "radio") return (chosenIn(one.name) ?? one) === one; // a group is one stop
      return true;
    };
    const all = [...document.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, summary, [tabindex]")].filter(isTarget);
    all.forEach((one, i) => (one.dataset["walk"] = String(i)));
    const start = document.createElement("span"); // gone, it leaves the place from where the Tab key goes on
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
    return all.length;
  });

interface Stop {
  index: number | null; // null: nothing that was marked
  fault: string | null;
}
// Where the focus is, and what is wrong with how it is shown.
const readStop = (page: Page): Promise<Stop> =>
  page.evaluate(() => {
    const one = document.activeElement as HTMLElement | null;
    const mark = one?.dataset["walk"];
    if (!one || mark === undefined) return { index: null, fault: null };
    const label = (one as HTMLInputElement).labels?.[0] ?? null;
    const drawn = one.getBoundingClientRect().width > 2 ? one : (label ?? one); // an input that stands behind its label
    const hasRing = [one, drawn].some((part) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(part);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
    });
    const { left, top, width, height } = drawn.getClientRects()[0] ?? drawn.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const seen = document.elementFromPoint(x, y);
    const isSeen = seen !== null && (drawn.contains(seen) || seen.contains(drawn) || label?.contains(seen) === true);
    const name = `${one.tagName.toLowerCase()} "${(one.getAttribute("aria-label") ?? one.textContent ?? "").trim().slice(0, 40)}"`;
    const fault = !hasRing ? `${name} does not tell that it has the focus` : !isSeen ? `${name} has the focus and is not to be seen` : null;
    return { index: Number(mark), fault };
  });

async function walkByTab(page: Page): Promise<string[]> {
  const count = Math.min(await markTargets(page), STEPS_MAX);
  const faults: string[] = [];
  let last = -1;
  for (let parts = 0; last < count - 1; ) {
    await page.keyboard.press("Tab");
    const { index, fault } = await readStop(page);
    if (index === last || index === null) {
      if (++parts > PARTS_MAX) return [...faults, `the Tab key does not get beyond target ${last + 1} of ${count}`];
      continue;
    }
    if (fault) faults.push(fault);
    if (index !== last + 1) return [...faults, `the Tab key goes from target ${last + 1} to ${index + 1} of ${count}`];
    [last, parts] = [index, 0];
  }
  return faults;
}

interface Walk {
  name: string;
  state: State;
  show: (page: Page, url: string, state: State) => Promise<void>;
}
async function walk(browser: Browser, url: string, axeSource: string, { show, state }: Walk): Promise<string[]> {
  const context = await browser.newContext({ viewport: { width: NARROWEST, height: 640 }, colorScheme: "light", reducedMotion: "reduce", locale: "en-GB" });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  try {
    await show(page, url, state);
    const stops = await walkByTab(page);
    await page.evaluate(axeSource);
    return [...stops, ...(await findViolations(page, "light")), ...(await findViolations(page, "dark")), ...errors];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    await context.close();
  }
}

function walksOf(market: string, filters: string[]): Walk[] {
  return Object.entries(MARKETS[market] ?? {})
    .flatMap(([page, { show, states }]) => {
      const walked = STATES_WALKED.filter((state) => states.includes(state)).slice(0, STATES_A_PAGE);
      return walked.map((state) => ({ name: `${page}-${state}`, state, show }));
    })
    .filter(({ name }) => filters.every((part) => name.includes(part)));
}

export async function main([pages = ".", ...filters]: string[]): Promise<void> {
  const require = createRequire(join(resolve(process.env["NODE_PATH"] ?? "."), "x.js"));
  const { chromium } = require("playwright-core") as typeof import("playwright-core");
  const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const market = basename(resolve(pages));
  const walks = walksOf(market, filters);
  let failed = walks.length === 0 ? 1 : 0; // that there is nothing to walk is no pass
  const browser = await chromium.launch(LAUNCH);
  const servers = new Map<State, Awaited<ReturnType<typeof startMock>>>();
  for (const { state } of walks) if (!servers.has(state)) servers.set(state, await startMock(pages, state));
  const left = [...walks];
  const takeThem = async (): Promise<void> => {
    for (let one = left.shift(); one; one = left.shift()) {
      const faults = await walk(browser, servers.get(one.state)!.url, axeSource, one);
      if (faults.length > 0) failed++;
      for (const fault of faults) console.log(`FAILED ${market}, ${one.name}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, takeThem));
  await browser.close();
  for (const { server } of servers.values()) (server.closeAllConnections(), server.close());
  console.log(`COUNTED ${Math.max(0, walks.length - failed)} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
