// SPDX-License-Identifier: Apache-2.0
// What the tests in Chromium share: the browser, a case in a profile of its own, and what every page is
// held to.
//   LMM_URL=http://… NODE_PATH=… node PROGRAM.mjs
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const url = process.env.LMM_URL?.replace(/\/$/, "");
const require = createRequire(join(resolve(process.env.NODE_PATH ?? "."), "x.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 60_000);
// LATE_MS=1000: each answer of the API comes up to so much later, so that they overtake each other and the
// person who types.
const LATE_MS = Number(process.env.LATE_MS ?? 0);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The whole browser draws its own windows too, though nobody sees them: more work than the pages are.
const SHELL = "/usr/bin/chromium-headless-shell";

export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? (existsSync(SHELL) ? SHELL : "/usr/bin/chromium"),
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--host-resolver-rules=MAP shop.test 127.0.0.1", // a name without HTTPS
  ],
});
const counts = { passed: 0, failed: 0 };

// A profile of its own: a page, and what goes wrong on it without being seen.
export async function openProfile(options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    ...options,
  });
  if (LATE_MS > 0)
    await context.route(/\/(v1|capture|queries|epcs|eventTypes|bizSteps|dispositions|readPoints|bizLocations)\b/, async (route) => {
      await pause(Math.random() * LATE_MS);
      await route.continue().catch(() => undefined); // the page may be gone
    });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    const isPolicy = message.type() === "error" && /Content Security Policy/.test(message.text());
    if (isPolicy) faults.push(message.text());
  });
  return { context, page, faults };
}

export async function test(sentence, run, options = {}) {
  const { context, page, faults } = await openProfile(options);
  try {
    await run(page);
    assert.deepEqual(faults, []);
    counts.passed++;
  } catch (error) {
    counts.failed++;
    console.log(`FAILED ${sentence}: ${error.message}`);
    for (const fault of faults) console.log(`  the page itself: ${fault}`);
  } finally {
    await context.close();
  }
}

// No sideways scrolling, and no accessibility violation.
export async function checkPage(page, name) {
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(sideways <= 0, `${name}: ${sideways} px too wide`);
  // A colour on its way to another is neither.
  await page.evaluate(() => {
    for (const one of document.getAnimations())
      if (Number.isFinite(one.effect.getComputedTiming().endTime)) one.finish();
  });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const told = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(" ")}`);
  assert.deepEqual(told, [], name);
}

export const VIEWS = ["light", "dark"].flatMap((colorScheme) =>
  [320, 1280].map((width) => ({ viewport: { width, height: 640 }, colorScheme })),
);
const titleOf = ({ viewport, colorScheme }) => `${colorScheme}, ${viewport.width} px,`;

// A case for each theme and width, in a profile of its own.
export async function testPage(name, open) {
  for (const view of VIEWS) {
    const run = async (page) => {
      await open(page);
      await checkPage(page, name);
    };
    await test(`the ${name} page, ${titleOf(view)} is accessible and fits`, run, view);
  }
}
// One for each theme and width, in which all pages are gone to.
export async function testPages(pages) {
  for (const view of VIEWS) {
    const run = async (page) => {
      for (const [name, open] of Object.entries(pages)) {
        await open(page);
        await checkPage(page, name);
      }
    };
    await test(`${Object.keys(pages).join(", ")}: ${titleOf(view)} are accessible and fit`, run, view);
  }
}

// What is pressed, and is lower than 44 px though nothing else tells it apart.
export const lowTargets = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("button, input:not([type=file]), select, summary, .nav a, a.row, a.button, label.button, .check")]
      .filter((one) => one.offsetParent !== null && !one.closest("p, .violations") && !one.matches(".unseen, .check input"))
      .map((one) => [one.getBoundingClientRect().height, one.className || one.tagName])
      .filter(([height]) => height > 0 && height < 44),
  );
export const PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };

// To make a key of a passphrase is slow by design, how slow is the machine's affair: only for what hangs.
export const STRETCHING_MS = 300_000;

// Notes how far the page says that it is, by the frames that it draws: as long as it is stuck it draws none.
export const watchWork = (page, word) =>
  page.evaluate((word) => {
    window.workSeen = new Set();
    const look = () => {
      const part = new RegExp(`${word}, (\\d+) %`).exec(document.body.textContent)?.[1];
      if (part) window.workSeen.add(part);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, word);
export async function checkWorked(page) {
  const seen = await page.evaluate(() => [...window.workSeen]);
  assert.ok(seen.length >= 3, `drawn while it worked: ${seen.join()} %`);
}

export async function finish() {
  await browser.close();
  console.log(`COUNTED ${counts.passed} passed, ${counts.failed} failed`);
  console.log(JSON.stringify(counts));
  process.exit(counts.failed === 0 ? 0 : 1);
}
