// SPDX-License-Identifier: Apache-2.0
// Renders each page in each state, light and dark, at 360 and 1280 px, for looking at.
//   node run.mjs shots PAGES OUT [FILTER...]    FILTER: parts of a picture's name, all must match
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { STATES, type State, startMock } from "./mock";

const SIZES = [
  { name: "360", width: 360, height: 640 },
  { name: "1280", width: 1280, height: 800 },
];
const THEMES = ["light", "dark"] as const;

async function showHome(page: Page, url: string, state: State): Promise<void> {
  await page.goto(`${url}/#/`);
  const settled = state === "empty" ? ".notice" : state === "failed" || state === "refused" ? ".is-failed" : ".rows .row";
  await page.locator(settled).first().waitFor({ state: "attached" });
  if (state === "stale") await page.locator(".live.is-stale").waitFor({ timeout: 20_000 });
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

const PAGES = { home: showHome, capture: showCapture, event: showEvent };

async function shoot(browser: Browser, pages: string, out: string, wanted: (name: string) => boolean): Promise<number> {
  let count = 0;
  for (const state of [...STATES, "keyless" as const]) {
    const { url, server } = await startMock(pages, state);
    for (const [name, show] of Object.entries(PAGES)) {
      if (state === "keyless" && name !== "capture") continue;
      for (const theme of THEMES)
        for (const size of SIZES) {
          const picture = `${name}-${state}-${theme}-${size.name}`;
          if (!wanted(picture)) continue;
          const context = await browser.newContext({ viewport: size, colorScheme: theme, locale: "en-GB" });
          const page = await context.newPage();
          page.on("pageerror", (error) => console.error(`${picture}: ${error.message}`));
          await show(page, url, state);
          await page.evaluate(() => document.fonts.ready.then(() => undefined));
          await page.screenshot({ path: join(out, `${picture}.png`), fullPage: size.name === "1280" });
          await context.close();
          count++;
        }
    }
    server.closeAllConnections();
    server.close();
  }
  return count;
}

export async function main([pages = ".", out = "shots", ...filters]: string[]): Promise<void> {
  const require = createRequire(join(resolve(process.env["NODE_PATH"] ?? "."), "x.js"));
  const { chromium } = require("playwright-core") as typeof import("playwright-core");
  mkdirSync(out, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"],
  });
  try {
    const count = await shoot(browser, pages, out, (name) => filters.every((part) => name.includes(part)));
    console.log(`${count} pictures in ${out}`);
  } finally {
    await browser.close();
  }
}
