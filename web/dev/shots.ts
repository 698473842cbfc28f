// SPDX-License-Identifier: Apache-2.0
// Renders each page in each state, light and dark, at 360 and 1280 px, in each language, for looking at.
//   node run.mjs shots PAGES OUT [FILTER...]    FILTER: a part of a picture's name, or several with commas
//   between them, of which one is enough; all filters must match
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { SHOWN } from "./explorer";
import { TERMS, sentOf } from "./fixtures";
import { type Shows, energyShows, sampleShows, sharingShows } from "./market-shots";
import { STATES, type State, startMock } from "./mock";

const SIZES = [
  { name: "360", width: 360, height: 640 },
  { name: "1280", width: 1280, height: 800 },
];
const THEMES = ["light", "dark"] as const;
const LANGUAGES = [
  { name: "en", locale: "en-GB" },
  { name: "zh", locale: "zh-CN" },
] as const;

async function showHome(page: Page, url: string, state: State): Promise<void> {
  await page.goto(`${url}/#/`);
  const settled = state === "empty" ? ".notice" : state === "failed" || state === "refused" ? ".is-failed" : ".rows .row";
  await page.locator(settled).first().waitFor({ state: "attached" });
}

async function showCapture(page: Page, url: string, state: State): Promise<void> {
  await page.goto(`${url}/#/capture`);
  await page.locator(".sample").first().waitFor();
  if (state === "keyless") return page.locator(".key").waitFor();
  if (state === "empty") return;
  const sample = { one: 0, thousand: 1 }[state as string] ?? 2;
  await page.locator(".sample").nth(sample).click();
  await page.waitForFunction(() => document.querySelector("textarea")?.value !== "");
  if (state === "one" || state === "stale") return;
  if (state === "refused") {
    const area = page.locator("textarea");
    const text = await area.inputValue();
    await area.fill(text.replace(/"eventTime": ".*"/, '"eventTime": "yesterday"').replace("commissioning", "teleporting"));
  }
  await page.locator(".button.main-action").click();
  const settled = { thousand: ".is-job-final", loading: ".is-job-pending" }[state as string] ?? ".notice.is-failed";
  await page.locator(settled).waitFor();
}

async function showEvent(page: Page, url: string, state: State): Promise<void> {
  const index = { one: 0, thousand: 1, stale: 5 }[state as string] ?? 2;
  await page.goto(`${url}/#/event/${1204 - index}-0-0`);
  const proof = state === "refused" ? ".verdict .is-failed" : ".verdict .is-final";
  const settled = { empty: ".notice", failed: ".is-failed", loading: ".ghost-page" }[state as string] ?? proof;
  await page.locator(settled).first().waitFor({ state: "attached" });
}

// A wallet that has sent what `sentOf` makes up.
async function makeWallet(page: Page, url: string, count: number): Promise<void> {
  await page.goto(`${url}/#/wallet`);
  await page.locator("button.main-action").click();
  await page.locator(".warned").waitFor();
  await page.evaluate(async (sent) => {
    const open = indexedDB.open("lmm-wallet");
    await new Promise((resolve) => (open.onsuccess = resolve));
    const put = open.result.transaction("kept", "readwrite").objectStore("kept").put(sent, "sent");
    await new Promise((resolve) => (put.onsuccess = resolve));
  }, sentOf(count));
  await page.reload();
  await page.locator(".activity").waitFor();
}

async function showWallet(page: Page, url: string, state: State): Promise<void> {
  if (state === "empty") {
    await page.goto(`${url}/#/wallet`);
    return page.locator("button.main-action").waitFor();
  }
  await makeWallet(page, url, { one: 1, thousand: 40 }[state as string] ?? 4);
  const settled = { loading: ".balance-ghost", failed: ".notice.is-failed" }[state as string] ?? ".balance .amount";
  await page.locator(settled).first().waitFor();
  if (state === "thousand") await page.locator("details summary").click();
  if (state === "one") await page.locator(".actions button").first().click();
}

async function showSend(page: Page, url: string, state: State): Promise<void> {
  await makeWallet(page, url, 1);
  await page.goto(`${url}/#/wallet/send`);
  await page.locator("#to").waitFor();
  if (state === "empty") return;
  await page.locator("#to").fill(TERMS.payer);
  await page.locator("#amount").fill(state === "refused" ? "1.5x" : "1.5");
  if (state === "one") return;
  await page.locator("form .main-action").click();
  await page.locator("[role=alert]").first().waitFor();
}

async function showBackup(page: Page, url: string, state: State): Promise<void> {
  await makeWallet(page, url, 1);
  await page.goto(`${url}/#/wallet/backup`);
  const button = page.locator(".way").first().locator("button").first();
  await button.click();
  if (state === "empty") return page.locator(".words").waitFor();
  const words = await page.locator(".words li").allTextContents();
  await button.click();
  for (const field of await page.locator(".triple input").all()) {
    const at = Number((await field.getAttribute("name"))!.replace("word", ""));
    await field.fill(state === "refused" ? "abandon" : words[at]!);
  }
  await page.locator(".triple ~ .actions button").first().click();
  await page.locator(state === "refused" ? "[role=alert]" : ".way .is-final").first().waitFor();
}

async function showRestore(page: Page, url: string, state: State): Promise<void> {
  await page.goto(`${url}/#/wallet/restore`);
  await page.locator("#words").waitFor();
  if (state === "empty") return;
  await page.locator("#words").fill("abandon ".repeat(12));
  await page.locator("form .main-action").first().click();
  await page.locator("[role=alert]").first().waitFor();
}

// What there is to look at: the page itself, what is asked for in vain, or the word that it is not there.
async function settle(page: Page, state: State, there: string): Promise<void> {
  const settled = { loading: ".ghosts", failed: ".notice.is-failed" }[state as string] ?? there;
  await page.locator(settled).first().waitFor({ state: "attached" });
}
const explorer =
  (path: string, there: string, absent = ".notice") =>
  async (page: Page, url: string, state: State): Promise<void> => {
    await page.goto(`${url}/#/explorer${path}`);
    await settle(page, state, state === "empty" ? absent : there);
  };

// Every view asked, or every method open.
async function showContract(page: Page, url: string, state: State): Promise<void> {
  await explorer(`/contracts/${SHOWN.contract}`, ".methods")(page, url, state);
  if (!["one", "thousand", "refused"].includes(state)) return;
  for (const summary of await page.locator(".methods").first().locator("summary").all()) await summary.click();
  const forms = page.locator(".methods").first().locator("form");
  await forms.nth(1).locator("input").fill(state === "one" ? "-1" : "7");
  for (const button of await forms.locator(".actions .button").all()) await button.click();
  await page.locator(state === "one" ? ".method [role=alert]" : state === "refused" ? ".method .notice" : ".result").first().waitFor();
}

async function showCall(page: Page, url: string, state: State): Promise<void> {
  if (state !== "keyless") await makeWallet(page, url, 1);
  await page.goto(`${url}/#/explorer/contracts/${SHOWN.contract}`);
  const pay = page.locator(".methods").nth(1).locator("li").nth(state === "thousand" ? 0 : 1);
  await pay.locator("summary").click();
  if (state === "keyless") return pay.locator(".notice").waitFor();
  if (state === "thousand") {
    await pay.locator(".check").first().click();
    for (let i = 0; i < 2; i++) await pay.locator(".nest > .button").click();
    return;
  }
  await pay.locator("input").nth(0).fill("7");
  if (state !== "one") await pay.locator("input").nth(1).fill("ab".repeat(32));
  await pay.locator(".actions .button").first().click();
  await pay.locator(state === "one" ? "[role=alert]" : ".result").first().waitFor();
}

// With the first operation open, or what people ask answered.
async function showDocs(page: Page, url: string, state: State): Promise<void> {
  await page.goto(`${url}/#/docs${{ one: "/get_v1_chain", thousand: "/post_v1_keys", refused: "/nothing" }[state as string] ?? ""}`);
  const settled = { loading: ".docs-ghosts", failed: ".notice.is-failed", empty: ".notice" }[state as string];
  await page.locator(settled ?? ".docs-operation").first().waitFor();
  if (state === "refused") await page.locator("#docs-filter").fill("nothing has these words");
  if (state !== "one") return;
  await page.locator(".docs-ask button").first().click();
  await page.locator(".docs-answer").waitFor();
}

// Signed in, with the forms open where there is one of everything.
async function showFirm(page: Page, url: string, state: State): Promise<void> {
  if (state === "keyless") {
    await page.goto(`${url}/#/firm`);
    return page.locator(".notice").waitFor();
  }
  await makeWallet(page, url, 0);
  await page.goto(`${url}/#/firm`);
  await page.locator("button.main-action").click();
  const settled = { loading: ".firm-ghost", failed: ".notice.is-failed", refused: ".firm-qr", empty: ".firm-part .notice" }[state as string];
  await page.locator(settled ?? ".firm-row").first().waitFor();
  if (state !== "one") return;
  for (const summary of await page.locator(".firm-part summary").all()) await summary.click();
  await page.locator(".firm-part form").last().locator("#key-name").fill("till");
  await page.locator(".firm-part form").last().locator(".check").first().click();
  await page.locator(".firm-part form").last().locator(".main-action").click();
  await page.locator(".firm-secret").waitFor();
  await page.locator(".firm-part form").first().locator(".main-action").click();
  await page.locator("[role=alert]").first().waitFor();
}

// Offers with what is pressed refused, and without anybody who could act.
async function showCustody(page: Page, url: string, state: State): Promise<void> {
  await page.goto(`${url}/#/custody`);
  if (state === "keyless") return page.locator(".lead .step button").waitFor();
  const settled = { empty: ".offers .notice", loading: ".ghost-page", failed: ".notice.is-failed" }[state as string];
  await page.locator(settled ?? ".offer .main-action").first().waitFor({ state: "attached" });
  if (state !== "refused") return;
  await page.locator(".offer .main-action").first().click();
  await page.locator(".sure .button").first().click();
  await page.locator(".offer .notice.is-failed").waitFor();
}

async function showShipment(page: Page, url: string, state: State): Promise<void> {
  await page.goto(`${url}/#/custody/40`);
  const settled = { empty: ".notice", one: ".chain", loading: ".waiting-head", failed: ".notice.is-failed" }[state as string];
  await page.locator(settled ?? ".plot-box canvas").first().waitFor({ state: "attached" });
  if (state !== "refused") return;
  await page.locator(".hand-on input").first().fill("nobody");
  await page.locator(".hand-on .main-action").click();
  await page.locator(".hand-on [role=alert]").waitFor();
}

async function showTrace(page: Page, url: string, state: State): Promise<void> {
  await page.goto(`${url}/#/trace?epc=urn:epc:class:lgtin:9521321.012345.COD-0412`);
  const settled = { loading: ".waiting-head", failed: ".notice.is-failed", refused: ".notice.is-failed", empty: ".trace-way, .notice" }[state as string];
  await page.locator(settled ?? ".traced").first().waitFor({ state: "attached" });
}

// With a choice made and asked, or refused by the chain, which no contract is asked about.
async function showVote(page: Page, url: string, state: State): Promise<void> {
  await makeWallet(page, url, 1);
  const outcome = { code: "NOT_A_CANDIDATE", message: "the account is not a candidate", gas_used: 1000, fee: "0.00001", events: [] };
  if (state === "refused") await page.route("**/v1/simulate", (route) => route.fulfill({ json: outcome }));
  await page.goto(`${url}/#/wallet/vote`);
  const settled = { empty: ".notice", loading: ".choice-ghost", failed: ".notice.is-failed" }[state as string];
  await page.locator(settled ?? ".choice").first().waitFor();
  if (state !== "one" && state !== "refused") return;
  await page.locator(".choice input").first().click();
  await page.locator(".vote-bar .main-action").click();
  await page.locator(state === "refused" ? ".vote-bar .notice.is-failed" : ".act-end .main-action").waitFor();
}

async function showStake(page: Page, url: string, state: State): Promise<void> {
  await makeWallet(page, url, 1);
  await page.goto(`${url}/#/wallet/stake`);
  const settled = { loading: ".balance-ghost", failed: ".notice.is-failed" }[state as string];
  await page.locator(settled ?? "#lock_stake").first().waitFor();
  if (state !== "refused") return;
  await page.locator("#lock_stake").fill("5000000");
  await page.locator("form .button").first().click();
  await page.locator("[role=alert]").first().waitFor();
}

const FORMS: State[] = ["empty", "one", "refused"]; // what has nothing to load
const SUPPLYCHAIN: Shows = {
  home: { show: showHome, states: STATES },
  capture: { show: showCapture, states: [...STATES, "keyless"] },
  event: { show: showEvent, states: STATES },
  custody: { show: showCustody, states: [...STATES, "keyless"] },
  trace: { show: showTrace, states: STATES },
  shipment: { show: showShipment, states: STATES },
  wallet: { show: showWallet, states: STATES },
  explorer: { show: explorer("", ".rows .tx"), states: STATES },
  find: { show: explorer("/search?q=42", ".finds, .is-failed"), states: ["empty", "thousand", "loading", "refused", "failed"] },
  block: { show: explorer(`/blocks/${SHOWN.height}`, ".entries"), states: ["empty", "thousand", "loading", "stale", "failed"] },
  transaction: { show: explorer(`/transactions/${SHOWN.tx}`, ".cards", ".is-pending"), states: ["empty", "one", "loading", "stale", "refused", "failed"] },
  account: { show: explorer(`/accounts/${SHOWN.account}`, ".tx", ".notice"), states: ["empty", "one", "thousand", "loading", "stale", "failed"] },
  contracts: { show: explorer("/contracts", ".hit"), states: ["empty", "one", "thousand", "loading", "stale", "failed"] },
  contract: { show: showContract, states: STATES },
  call: { show: showCall, states: ["one", "thousand", "stale", "refused", "keyless"] },
  witnesses: { show: explorer("/witnesses", ".witness"), states: ["empty", "one", "thousand", "loading", "stale", "failed"] },
  decisions: { show: explorer("/decisions", ".decision"), states: ["empty", "one", "thousand", "loading", "stale", "failed"] },
  candidates: { show: explorer("/candidates", ".candidate"), states: ["empty", "one", "thousand", "loading", "stale", "failed"] },
  epochs: { show: explorer("/epochs", ".epoch"), states: ["empty", "one", "thousand", "loading", "stale", "failed"] },
  epoch: { show: explorer(`/epochs/${SHOWN.epoch}`, ".members-list"), states: ["empty", "one", "thousand", "loading", "stale", "failed"] },
  network: { show: explorer("/network", ".pulse"), states: ["empty", "one", "thousand", "loading", "stale", "refused", "failed"] },
  vote: { show: showVote, states: STATES },
  stake: { show: showStake, states: ["one", "thousand", "loading", "stale", "refused", "failed"] },
  docs: { show: showDocs, states: STATES },
  firm: { show: showFirm, states: [...STATES, "keyless"] },
  send: { show: showSend, states: FORMS },
  backup: { show: showBackup, states: FORMS },
  restore: { show: showRestore, states: ["empty", "refused"] },
};

// What all markets have is taken with the supply chain's.
export const MARKETS: Record<string, Shows> = {
  supplychain: SUPPLYCHAIN,
  sharing: sharingShows(makeWallet),
  energy: energyShows(makeWallet),
  sample: sampleShows,
};
// The whole browser draws its own windows too, though nobody sees them: more work than the pages are.
const SHELL = "/usr/bin/chromium-headless-shell";
export const LAUNCH = {
  executablePath: process.env["CHROMIUM"] ?? (existsSync(SHELL) ? SHELL : "/usr/bin/chromium"),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"],
};

interface Picture {
  name: string; // of the page, the state, the theme, the width and the language
  theme: (typeof THEMES)[number];
  size: (typeof SIZES)[number];
}
// Loaded once: a page that is there follows its window's width and the system's theme.
interface Loaded {
  show: Shows[string]["show"];
  state: State;
  locale: string;
  pictures: Picture[];
}

function loadedOf(shows: Shows, state: State, isWanted: (name: string) => boolean): Loaded[] {
  const pages = Object.keys(shows).filter((page) => shows[page]!.states.includes(state));
  const all = pages.flatMap((page) =>
    LANGUAGES.map((language) => {
      const pictures = SIZES.flatMap((size) =>
        THEMES.map((theme) => ({ name: [page, state, theme, size.name, language.name].join("-"), theme, size })),
      );
      return { show: shows[page]!.show, state, locale: language.locale, pictures: pictures.filter(({ name }) => isWanted(name)) };
    }),
  );
  return all.filter(({ pictures }) => pictures.length > 0);
}

const NARROWEST = 320; // px that every page has to be read at without scrolling sideways
const TALLEST = 3000; // px of a page that are taken: a thousandth row says no more than the tenth
const AT_ONCE = 3; // pages
const PATIENCE_MS = Number(process.env["PATIENCE_MS"] ?? 30_000);

async function checkWidth(page: Page): Promise<void> {
  await page.setViewportSize({ width: NARROWEST, height: 640 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > NARROWEST) throw new Error(`is ${width} px wide at ${NARROWEST}`);
}

async function takeOne(page: Page, out: string, { name, theme, size }: Picture): Promise<void> {
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: theme });
  await page.waitForFunction((wanted) => document.documentElement.dataset["theme"] === wanted, theme);
  await page.evaluate(() => document.fonts.ready.then(() => scrollTo(0, 0)));
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width: size.width, height: Math.min(height, TALLEST) };
  await page.screenshot({ path: join(out, `${name}.png`), fullPage: true, clip, animations: "disabled" });
}

async function take(browser: Browser, url: string, out: string, { show, state, locale, pictures }: Loaded): Promise<void> {
  const { size, theme } = pictures[0]!;
  const context = await browser.newContext({ viewport: size, colorScheme: theme, locale });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  try {
    await show(page, url, state);
    if (state === "stale") await page.locator(".live.is-stale").waitFor();
    for (const picture of pictures) await takeOne(page, out, picture);
    if (pictures.some(({ size: { name } }) => name === "360")) await checkWidth(page);
    if (errors.length > 0) throw new Error(errors.join("; "));
  } finally {
    await context.close();
  }
}

// What was waited for, without the browser's own log, which is longer than all else.
const toldOf = (error: unknown): string => (error as Error).message.split("\n").slice(0, 3).join(" ");

// The faults found: one picture's is no reason to do without the others.
async function shoot(browser: Browser, pages: string, out: string, wanted: Loaded[]): Promise<string[]> {
  const faults: string[] = [];
  for (const state of [...STATES, "keyless" as const]) {
    const left = wanted.filter((one) => one.state === state);
    if (left.length === 0) continue;
    const { url, server } = await startMock(pages, state);
    const takeThem = async (): Promise<void> => {
      for (let one = left.shift(); one; one = left.shift())
        await take(browser, url, out, one).catch((error) => faults.push(`${one!.pictures[0]!.name} …: ${toldOf(error)}`));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, takeThem));
    server.closeAllConnections();
    server.close();
  }
  return faults;
}

export async function main([pages = ".", out = "shots", ...filters]: string[]): Promise<void> {
  const require = createRequire(join(resolve(process.env["NODE_PATH"] ?? "."), "x.js"));
  const { chromium } = require("playwright-core") as typeof import("playwright-core");
  mkdirSync(out, { recursive: true });
  const isWanted = (name: string): boolean => filters.every((parts) => parts.split(",").some((part) => name.includes(part)));
  const shows = MARKETS[basename(resolve(pages))] ?? {};
  const wanted = [...STATES, "keyless" as const].flatMap((state) => loadedOf(shows, state, isWanted));
  const browser = await chromium.launch(LAUNCH);
  try {
    const faults = await shoot(browser, pages, out, wanted);
    const count = wanted.reduce((sum, { pictures }) => sum + pictures.length, 0);
    console.log(`${count} pictures of ${wanted.length} pages in ${out}, ${faults.length} of these with faults`);
    for (const fault of faults) console.error(fault);
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await browser.close();
  }
}
