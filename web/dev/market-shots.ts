// SPDX-License-Identifier: Apache-2.0
// How to come to each state of the pages of sharing, energy and the guest book.
import type { Page } from "playwright-core";
import { makeKnownWallet } from "./known";
import { STATES, type State } from "./mock";
import { LOCKED, UNLOCKING } from "./sharing";

type Show = (page: Page, url: string, state: State) => Promise<void>;
export type Shows = Record<string, { show: Show; states: readonly State[] }>;
type MakeWallet = (page: Page, url: string, count: number) => Promise<void>;

const FAILED = "main .notice.is-failed";

function lists(path: string, settled: Partial<Record<State, string>>, there: string, makeWallet?: MakeWallet): Show {
  return async (page, url, state) => {
    await makeWallet?.(page, url, 0);
    await page.goto(`${url}/#/${path}`);
    await page.locator(settled[state] ?? (state === "failed" ? FAILED : there)).first().waitFor({ state: "attached" });
  };
}
// With the form filled in, and what comes of that.
const typed =
  (show: Show, form: string, fields: [string, string][], settled: string): Show =>
  async (page, url, state) => {
    await show(page, url, state);
    for (const [name, value] of fields) await page.locator(`${form} ${name}`).first().fill(value);
    await page.locator(`${form} ${settled}`).waitFor();
    await page.locator(form).scrollIntoViewIfNeeded();
  };
// With what is wrong in the form said.
const filled =
  (show: Show, form: string, button: string, fields: [string, string][]): Show =>
  async (page, url, state) => {
    await show(page, url, state);
    if (state !== "refused") return;
    for (const [name, value] of fields) await page.locator(`${form} ${name}`).first().fill(value);
    await page.locator(`${form} ${button}`).last().click();
    await page.locator(`${form} [role=alert], ${form} .is-failed`).first().waitFor();
  };

// As the one who rented a thing, in the browser that booked it and so has the key to its lock.
const asRenter =
  (show: Show): Show =>
  async (page, url, state) => {
    await makeKnownWallet(page, url);
    await page.evaluate(async (name) => {
      const open = indexedDB.open("lmm-wallet");
      await new Promise((resolve) => (open.onsuccess = resolve));
      const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
      const key = { publicKey: new Uint8Array(32), signing: pair.privateKey, sealer: pair.privateKey };
      const put = open.result.transaction("kept", "readwrite").objectStore("kept").put(key, name);
      await new Promise((resolve) => (put.onsuccess = resolve));
    }, `sharing-key-${UNLOCKING}`);
    await show(page, url, state);
  };

export const sharingShows = (makeWallet: MakeWallet): Shows => {
  const waits = { loading: ".ghost-page" };
  return {
    things: { show: lists("", { ...waits, empty: "main .notice" }, "a.offer"), states: STATES },
    thing: { show: lists("thing/3", { loading: "main h1", empty: "main h1", refused: ".book [role=alert]" }, ".price-total, .book .is-failed"), states: STATES },
    mine: { show: lists("mine", { ...waits, empty: "main .notice" }, "a.row", makeWallet), states: STATES },
    "mine-things": { show: lists("mine/things", { ...waits, empty: "main .notice" }, "a.offer", makeWallet), states: STATES },
    "mine-thing": { show: lists("mine/things/3", { ...waits }, ".calendar, [class*=month]", makeWallet), states: ["thousand"] },
    list: { show: lists("list", {}, "form", makeWallet), states: ["empty"] },
    booking: { show: asRenter(lists("booking/900", { loading: "main h1", empty: "main h1" }, ".timeline")), states: STATES },
    lock: { show: asRenter(lists(`booking/${LOCKED}`, {}, ".lock-icon")), states: ["one", "stale"] },
    "no-wallet": { show: lists("mine", {}, "main .notice"), states: ["keyless"] },
  };
};

export const energyShows = (makeWallet: MakeWallet): Shows => {
  const market = lists("", { loading: ".ghost-page", empty: "main .notice" }, ".rung", makeWallet);
  const ordering: [string, string][] = [["input[inputmode]", "1.5"], [".field + .field input", "0.05"]];
  return {
    market: { show: filled(market, ".order", ".main-action", ordering), states: STATES },
    preview: { show: typed(market, ".order", ordering, ".preview"), states: ["thousand"] },
    quarters: { show: lists("mine", { loading: ".ghost-page", empty: "main .two" }, ".mine-row", makeWallet), states: STATES },
    meters: { show: lists("meters", { loading: ".ghost-page", empty: "main .two" }, ".meter", makeWallet), states: STATES.filter((state) => state !== "refused") },
    order: { show: lists(`order/1-${Math.floor(Date.now() / 900_000) + 3}-50`, { loading: "main h1", empty: "main .notice", refused: ".verdict .is-failed" }, ".verdict .is-final"), states: STATES },
    "no-wallet": { show: lists("mine", {}, "main .notice"), states: ["keyless"] },
  };
};

const signing: Show = async (page, url, state) => {
  if (state !== "keyless") await makeKnownWallet(page, url);
  await page.goto(`${url}/#/sign`);
  await page.locator(state === "keyless" ? "main .notice" : "#text").waitFor();
  if (state !== "refused") return;
  await page.locator("form .main-action").click();
  await page.locator("form [role=alert]").waitFor();
};
const entry: Show = async (page, url, state) => {
  await makeKnownWallet(page, url);
  await lists(`entry/${state === "thousand" ? 4 : 1}`, { loading: "main h1", empty: "main .notice", refused: ".verdict .is-failed" }, ".verdict .is-final")(page, url, state);
};
export const sampleShows: Shows = {
  book: { show: lists("", { loading: "main .ghost", empty: "main .notice", refused: "a.row" }, "a.row"), states: STATES },
  entry: { show: entry, states: STATES },
  sign: { show: signing, states: ["empty", "refused", "keyless"] },
};
