// SPDX-License-Identifier: Apache-2.0
// The pages against a real devnet, in Chromium: an owner lists a thing, a newcomer finds and books it,
// uses it and says that it is over; the time to contest passes, and the deposit comes back by itself.
// Last lines: COUNTED, then a JSON object.
import assert from "node:assert/strict";
import { PHONE, checkPage, finish, lowTargets, openProfile, test, testPages, url } from "../../../tests/e2e/browser.mjs";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const link = (page, name) => page.getByRole("link", { name, exact: true });
const read = async (path) => (await fetch(`${url}${path}`)).json();
const warp = (seconds) =>
  fetch(`${url}/v1/devnet/warp`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ seconds }) });
const yes = (page) => button(page, "Yes, do it").click();
const two = (n) => String(n).padStart(2, "0");
const local = (time) =>
  `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}T${two(time.getHours())}:${two(time.getMinutes())}`;

async function fill(page, fields) {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}
async function openWallet(page) {
  await button(page, "Create a wallet").click();
  await button(page, "Get 100 play LMM").click();
}
async function list(page, fields) {
  await page.goto(`${url}/#/list`);
  await fill(page, fields);
  if (await button(page, "Create a wallet").isVisible()) await openWallet(page);
  await button(page, "List it").click();
  await yes(page);
  await page.locator("a.offer", { hasText: fields.Title }).waitFor();
}

const owner = await openProfile();
const renter = await openProfile({ viewport: { width: 360, height: 640 } });
const DRILL = { Title: "Drill, with bits", "Where it is": "Effingerstrasse 41, Bern", "Price, LMM": "0.6", "Deposit, LMM": "10", "More about it": "For concrete and brick." };

await test("an empty market says so, and leads to the form", async (page) => {
  await page.goto(`${url}/`);
  await page.getByRole("heading", { name: "Nothing is on offer yet" }).waitFor();
  await link(page, "List a thing").click();
  await page.getByRole("heading", { name: "List a thing" }).waitFor();
});

await test("an owner lists a thing, sees first how it will look, and is told what is missing", async () => {
  const { page } = owner;
  await page.goto(`${url}/#/list`);
  await openWallet(page);
  await fill(page, { "Price, LMM": "0.5" });
  await button(page, "List it").click();
  await page.getByText("Something is missing").waitFor();
  await page.getByText("It needs a title").waitFor();
  await page.getByText("must be sixty times").waitFor();
  await fill(page, DRILL);
  await page.getByLabel("How it will look").getByText("0.6 LMM an hour").waitFor();
  await button(page, "List it").click();
  await yes(page);
  await page.locator("a.offer", { hasText: DRILL.Title }).waitFor();
  const { items } = await read("/v1/assets");
  assert.deepEqual(items.map(({ title, price_per_minute, deposit }) => [title, price_per_minute, deposit]), [[DRILL.Title, "0.01", "10"]]);
});

let taps = 0;
const tap = async (where) => {
  await where.click();
  taps++;
};
const begun = Date.now();
let booking;

await test("a newcomer rents it in at most seven taps, wallet and money included, at the price that was shown", async () => {
  const { page } = renter;
  await page.goto(`${url}/`);
  await tap(page.locator("a.offer"));
  await page.locator(".price-total").waitFor();
  await checkPage(page, "a thing");
  await tap(button(page, "Create a wallet"));
  await tap(button(page, "Get 100 play LMM"));
  // By keyboard it goes on from here, and a key pressed once too often buys nothing.
  await page.locator("p:focus", { hasText: "In your wallet: 100 LMM" }).waitFor();
  await tap(button(page, "Book"));
  const total = await page.locator(".price-total dd").textContent();
  await button(page, "Yes, do it").waitFor();
  assert.ok((await page.locator(".deed").textContent()).includes(total.replace(" LMM", "")));
  await tap(button(page, "Yes, do it"));
  await page.locator(".timeline").waitFor();
  booking = (await read("/v1/bookings")).items[0];
  assert.deepEqual([booking.rent, booking.deposit, booking.state], ["0.6", "10", "booked"]);
  await tap(button(page, "Start the rent"));
  await tap(button(page, "Yes, do it"));
  await page.getByText("In use", { exact: true }).waitFor();
  assert.ok(taps <= 7, `${taps} taps`);
  await page.locator("#proof .state").getByText("Proven", { exact: true }).waitFor();
  await checkPage(page, "a booking");
});

await test("it is kept an hour longer, for the rent of an hour", async () => {
  const { page } = renter;
  await page.locator("summary", { hasText: "Keep it longer" }).click();
  await button(page, "Keep it longer").click();
  await page.getByText("Pay 0.6 LMM more").waitFor();
  await yes(page);
  await page.locator(".timeline").getByText("1.2 LMM rent").waitFor();
  const { until } = await read(`/v1/bookings/${booking.number}`);
  assert.equal(new Date(until) - new Date(booking.until), 3_600_000);
});

await test("who comes second is told that it is taken, before anything is signed", async (page) => {
  await page.goto(`${url}/#/thing/${booking.asset}`);
  await page.getByText("It is taken in that time.").waitFor();
  await page.getByText("Next free:").waitFor();
  await button(page, "Earlier").click();
  await page.locator(".month .unseen", { hasText: /: over$/ }).first().waitFor();
  assert.equal(await page.locator(".month .unseen", { hasText: /: free$/ }).count(), await page.locator(".month-day:not(.is-over)").count());
  await openWallet(page);
  await button(page, "Book").waitFor();
  assert.ok(await button(page, "Book").isDisabled());
  await button(page, "Take that time").click();
  await page.getByText("It is taken in that time.").waitFor({ state: "detached" });
  const later = new Date(Date.now() + 26 * 3_600_000);
  await page.getByLabel("Until").fill(local(new Date(later.getTime() + 3_600_000)));
  await page.getByLabel("From").fill(local(later));
  await page.locator(".price-total").waitFor();
  await page.locator("button:not([disabled])", { hasText: /^Book$/ }).waitFor();
});

await test("a time that cannot be booked is refused in the contract's words, and in Chinese in ours", async (page) => {
  const past = new Date(Date.now() - 48 * 3_600_000);
  const query = new URLSearchParams({ from: local(past), until: local(new Date(past.getTime() + 3_600_000)) });
  await page.goto(`${url}/#/thing/${booking.asset}?${query}`);
  await page.getByText("that time is over").waitFor();
  await page.getByRole("button", { name: "换成中文" }).click();
  await page.getByRole("heading", { name: "时间和费用" }).waitFor();
  await page.reload();
  await page.getByText("该时间已过").waitFor();
});

await test("the owner sees the booking in the calendar and keeps another time; nobody books that", async () => {
  const { page } = owner;
  await page.goto(`${url}/#/mine/things`);
  await page.locator("a.row", { hasText: "In use" }).waitFor();
  await page.locator("a.offer").click();
  await button(page, "By week").click();
  await page.locator(".week a").first().waitFor();
  await page.getByText("Keep a time for yourself").click();
  const from = new Date(Date.now() + 72 * 3_600_000);
  await page.getByLabel("From").fill(local(from));
  await page.getByLabel("Until").fill(local(new Date(from.getTime() + 3_600_000)));
  await button(page, "Keep it").click();
  await yes(page);
  await button(page, "Give it free").waitFor();
  const { items } = await read(`/v1/assets/${booking.asset}/calendar`);
  assert.equal(items.filter((slot) => slot.booking === null).length, 1);
  await checkPage(page, "my thing");
  await button(page, "Give it free").click();
  await yes(page);
  await button(page, "Give it free").waitFor({ state: "detached" });
});

await test("its end waits for the owner, who may contest; nobody does, and the deposit comes back by itself", async () => {
  const { page } = renter;
  await button(page, "Say that the rent is over").click();
  await yes(page);
  await page.getByText("Said to be over").waitFor();
  await owner.page.goto(`${url}/#/booking/${booking.number}`);
  await button(owner.page, "Contest that it is over").waitFor();
  await warp(13 * 3600);
  await page.locator(".timeline").getByText("came back to the renter").waitFor({ timeout: 30_000 });
  const settled = await read(`/v1/bookings/${booking.number}`);
  // What was used, however slow this machine is, and not the owner's hours.
  const most = 2 + (Date.now() - begun) / 60_000;
  assert.deepEqual([settled.state, settled.outcome, settled.minutes <= most], ["settled", "ended", true]);
  await page.locator("#proof .state").getByText("Proven", { exact: true }).waitFor();
});

await test("times go by the chain, whose clock was moved on", async (page) => {
  await page.goto(`${url}/#/explorer`);
  for (const part of [".pulse time", ".block time"]) assert.match(await page.locator(part).first().textContent(), /^(now|\d+ (sec|min)\.? ago)$/);
});

await test("what is booked ahead is cancelled by a tap, and all of it comes back", async () => {
  const { page } = renter;
  const from = new Date(Date.now() + 96 * 3_600_000);
  const query = new URLSearchParams({ from: local(from), until: local(new Date(from.getTime() + 3_600_000)) });
  await page.goto(`${url}/#/thing/${booking.asset}?${query}`);
  await button(page, "Book").click();
  await yes(page);
  await button(page, "Cancel the booking").click();
  await yes(page);
  await page.getByText("Cancelled", { exact: true }).first().waitFor();
  const [newest] = (await read("/v1/bookings")).items;
  assert.deepEqual([newest.outcome, newest.bill, newest.refund], ["cancelled", "0", "10.6"]);
});

await test("in a second browser a booking is shown without its key, and says so", async () => {
  const { page } = renter;
  await page.goto(`${url}/#/thing/${booking.asset}`);
  await button(page, "Book").click();
  await yes(page);
  await page.locator(".timeline").waitFor();
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open("lmm-wallet");
        request.onsuccess = () => {
          const kept = request.result.transaction("kept", "readwrite").objectStore("kept");
          const keys = kept.getAllKeys();
          keys.onsuccess = () => {
            for (const key of keys.result) if (String(key).startsWith("sharing-key-")) kept.delete(key);
            kept.transaction.oncomplete = resolve;
          };
        };
        request.onerror = () => reject(request.error);
      }),
  );
  await page.reload();
  await page.getByRole("heading", { name: "The key is in another browser" }).waitFor();
  assert.equal(await button(page, "Start the rent").count(), 0);
});

await test("things are found by word, kind, price and dates, and by none that fits not", async (page) => {
  await page.goto(`${url}/`);
  const search = page.getByLabel("What do you need?");
  await search.fill("nothing has this name");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Nothing fits that" }).waitFor();
  await link(page, "Show all").first().click();
  await page.locator("a.offer").waitFor();
  await search.fill("effinger");
  await page.getByText("Dates, price, place, kind").click();
  await page.getByLabel("At most, LMM an hour").fill("0.6");
  await page.getByLabel("Kind").selectOption("Tools");
  const far = new Date(Date.now() + 240 * 3_600_000);
  await page.getByLabel("From").fill(local(far));
  await page.getByLabel("Until").fill(local(new Date(far.getTime() + 3_600_000)));
  await button(page, "Show these").click();
  await page.locator("a.offer", { hasText: "Free then" }).waitFor();
  await page.getByLabel("At most, LMM an hour").fill("0.54");
  await button(page, "Show these").click();
  await page.getByRole("heading", { name: "Nothing fits that" }).waitFor();
});

const shown = (path, what) => async (page) => {
  await page.goto(`${url}/#/${path}`);
  await page.locator(what).first().waitFor();
};
await testPages({
  find: shown("", "a.offer"),
  thing: shown(`thing/${booking.asset}`, ".price-total"),
  booking: shown(`booking/${booking.number}`, ".timeline"),
  mine: shown("mine", "main h1"),
  list: shown("list", "#title"),
});

await test("what is pressed by touch is at least 44 px high", async (page) => {
  for (const path of ["", `thing/${booking.asset}`, `booking/${booking.number}`, "mine", "list"]) {
    await page.goto(`${url}/#/${path}`);
    await page.locator("main h1").waitFor();
    assert.deepEqual(await lowTargets(page), [], path);
  }
}, PHONE);

await test("what somebody listed is taken off the list again", async () => {
  const { page } = owner;
  await list(page, { ...DRILL, Title: "Saw" });
  await page.locator("a.offer", { hasText: "Saw" }).click();
  await button(page, "Take it off the list").click();
  await yes(page);
  await page.getByText("Not on offer any more").waitFor();
  assert.equal((await read("/v1/assets?text=saw")).items.length, 0);
});

assert.deepEqual([...owner.faults, ...renter.faults], []);
await finish();
