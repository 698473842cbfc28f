// SPDX-License-Identifier: Apache-2.0
// How to come to each state of the pages of sharing and energy.
import type { Page } from "playwright-core";
import { STATES, type State } from "./mock";

type Show = (page: Page, url: string, state: State) => Promise<void>;
export type Shows = Record<string, { show: Show; states: readonly State[] }>;
type MakeWallet = (page: Page, url: string, count: number) => Promise<void>;

const isStale = (page: Page): Promise<void> => page.locator(".live.is-stale").waitFor({ timeout: 20_000 });
const FAILED = "main .notice.is-failed";

function lists(path: string, settled: Partial<Record<State, string>>, there: string, makeWallet?: MakeWallet): Show {
  return async (page, url, state) => {
    await makeWallet?.(page, url, 0);
    await page.goto(`${url}/#/${path}`);
    await page.locator(settled[state] ?? (state === "failed" ? FAILED : there)).first().waitFor({ state: "attached" });
    if (state === "stale") await isStale(page);
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

export const sharingShows = (makeWallet: MakeWallet): Shows => {
  const waits = { loading: "main .soft" };
  return {
    things: { show: lists("", { ...waits, empty: "main .notice" }, "a.offer"), states: STATES },
    thing: { show: lists("thing/3", { loading: "main h1", empty: "main h1", refused: ".book [role=alert]" }, ".price-total, .book .is-failed"), states: STATES },
    mine: { show: lists("mine", { ...waits, empty: "main .notice" }, "a.row", makeWallet), states: STATES },
    "mine-things": { show: lists("mine/things", { ...waits, empty: "main .notice" }, "a.offer", makeWallet), states: STATES },
    "mine-thing": { show: lists("mine/things/3", { ...waits }, ".calendar, [class*=month]", makeWallet), states: ["thousand"] },
    list: { show: lists("list", {}, "form", makeWallet), states: ["empty"] },
    booking: { show: lists("booking/900", { loading: "main h1", empty: "main h1" }, ".timeline"), states: STATES },
    "no-wallet": { show: lists("mine", {}, "main .notice"), states: ["keyless"] },
  };
};

export const energyShows = (makeWallet: MakeWallet): Shows => {
  const market = lists("", { loading: "main .soft", empty: "main .notice" }, ".rung", makeWallet);
  const ordering: [string, string][] = [["input[inputmode]", "1.5"], [".field + .field input", "0.05"]];
  return {
    market: { show: filled(market, ".order", ".main-action", ordering), states: STATES },
    preview: { show: typed(market, ".order", ordering, ".preview"), states: ["thousand"] },
    quarters: { show: lists("mine", { loading: "main .soft", empty: "main .two" }, ".mine-row", makeWallet), states: STATES },
    meters: { show: lists("meters", { loading: "main .soft", empty: "main .two" }, ".meter", makeWallet), states: STATES.filter((state) => state !== "refused") },
    order: { show: lists(`order/1-${Math.floor(Date.now() / 900_000) + 3}-50`, { loading: "main h1", empty: "main .notice", refused: ".verdict .is-failed" }, ".verdict .is-final"), states: STATES },
    "no-wallet": { show: lists("mine", {}, "main .notice"), states: ["keyless"] },
  };
};
