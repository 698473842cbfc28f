// SPDX-License-Identifier: Apache-2.0
// The pages against a real devnet, in Chromium: a household with a roof sells by the API, another one
// buys by its browser's wallet; the quarter closes, the meter reports, money moves. Last lines: COUNTED,
// then a JSON object.
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { PHONE, finish, lowTargets, test, testPages, url } from "../../../tests/e2e/browser.mjs";

const require = createRequire(join(resolve(process.env.NODE_PATH ?? "."), "x.js"));
const { blake2b } = require("@noble/hashes/blake2.js");
const SLOT_MS = 900_000;

const button = (page, name) => page.getByRole("button", { name, exact: true });
const link = (page, name) => page.getByRole("link", { name, exact: true });

// ---- the household with a roof: the server's own account

const { api_key: apiKey, accounts } = await (await fetch(`${url}/v1/devnet`)).json();
const chain = await (await fetch(`${url}/v1/chain`)).json();
const { items: contracts } = await (await fetch(`${url}/v1/contracts`)).json();
let aheadMs = 0;

async function ask(path, body) {
  const headers = { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" };
  const answer = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  const location = answer.headers.get("Location");
  if (!location) return answer.json();
  const { code, contract_message: why } = await (await fetch(`${url}${location}?wait=final`)).json();
  assert.equal(code, "OK", `${path}: ${why}`);
}
const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
function bytesOfAddress(address) {
  const digits = [...address.slice(4, -6)].map((char) => CHARSET.indexOf(char));
  let [bits, count] = [0, 0];
  const bytes = [];
  for (const digit of digits) {
    bits = (bits << 5) | digit;
    count += 5;
    if (count >= 8) bytes.push((bits >> (count -= 8)) & 255);
    bits &= (1 << count) - 1;
  }
  return Buffer.from(bytes);
}
const contract = bytesOfAddress(contracts.find(({ name }) => name === "energy").address);
const owner = bytesOfAddress(accounts.find(({ role }) => role === "server").address);

const personal = (text) => Buffer.concat([Buffer.from(text), Buffer.alloc(16)]).subarray(0, 16);
const u32 = (value) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
function meterOf(number) {
  const secret = createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, number)]),
    format: "der",
    type: "pkcs8",
  });
  const key = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
  const signed = (...parts) => {
    const payload = blake2b(Buffer.concat(parts), { dkLen: 32, personalization: personal("lmm/user") });
    const message = Buffer.concat([personal("lmm:journal"), Buffer.from(chain.chain_id, "hex"), payload]);
    return sign(null, message, secret).toString("hex");
  };
  return { key, signed };
}
const { key, signed } = meterOf(7);

await ask("/v1/zones", { name: "North village", cap: 30000, lot: 100, gate_ms: 300000, wait_ms: 900000, account: "1" });
await ask("/v1/meters", {
  zone: 1,
  direction: "export",
  key,
  signature: signed(Buffer.from("energy/meter/1"), contract, u32(1), Buffer.from([0]), owner),
});
await ask(`/v1/meters/${key}/approval`, { most_wh: 5000 });
const slot = Math.floor((Date.now() + 300_000) / SLOT_MS) + 1;
for (const [price, wh] of [[5000, 2000], [5200, 1000], [6000, 5000]])
  await ask("/v1/orders", { zone: 1, slot, side: "sell", kind: "limit", price, wh });

async function warpTo(timeMs) {
  const seconds = Math.ceil((timeMs - Date.now() - aheadMs) / 1000) + 1;
  aheadMs += 1000 * seconds;
  await ask("/v1/devnet/warp", { seconds });
}

// ---- the other one

async function makeWallet(page) {
  await page.goto(`${url}/#/wallet`);
  await button(page, "Create a wallet").click();
  await button(page, "Get 100 play LMM").click();
  await page.locator(".balance .amount").filter({ hasNotText: /^\s*0 LMM/ }).waitFor();
}
const openMarket = (page) =>
  page.goto(`${url}/#/`).then(() => page.getByRole("button", { name: /Buy 2 kWh at up to 0.05/ }).waitFor());

await test("an order that the contract would refuse is not sent", async (page) => {
  await makeWallet(page);
  await openMarket(page);
  await page.getByLabel("How much, in kWh").fill("1");
  await page.getByLabel("Price, LMM a kWh").fill("0.5");
  await button(page, "Buy").last().click();
  await page.getByText("In this zone nobody pays more than 0.3 LMM a kWh.").waitFor();
  assert.equal(await page.getByText("Sent:").count(), 0);
});

let taps = 0;
await test("two households trade, the quarter closes, the meter reports and money moves", async (page) => {
  await openMarket(page);
  const tap = (target) => (taps++, target.click());
  await tap(page.getByRole("button", { name: /Buy 3 kWh at up to 0.052/ }));
  await page.getByText("3 kWh for 0.152 LMM").waitFor();
  await tap(button(page, "Create a wallet"));
  await tap(button(page, "Get 100 play LMM"));
  await page.locator("p:focus", { hasText: "In your wallet: 100 LMM" }).waitFor();
  await tap(page.locator(".order .main-action"));
  await page.getByText("Your order is in.").waitFor();
  await page.getByText("Last price 0.052").waitFor(); // live
  await page.locator(".outcome").getByRole("link", { name: "Mine" }).click();
  await page.getByText("Bought 3 kWh, received 0 kWh").waitFor();
  await warpTo((slot + 1) * SLOT_MS);
  await ask("/v1/readings", {
    key,
    slot,
    wh: 2500,
    sequence: 1,
    signature: signed(Buffer.from("energy/reading/1"), contract, u32(slot), u64(2500), u64(1)),
  });
  await page.getByText("Bought 3 kWh, received 2.5 kWh").waitFor();
  // 0.126 paid; for half a kWh its loss, at the cap.
  await page.locator(".mine-money").getByText("−0.002 LMM").waitFor();
  await warpTo((slot + 1) * SLOT_MS + 900_000);
  await page.locator(".mine-money").getByText("Final", { exact: true }).waitFor();
});
await test("placing an order takes at most four taps, wallet and money included", async () => assert.ok(taps > 0 && taps <= 4, `${taps}`));

const slotOf = async (page) => Number(await page.locator("#slot").inputValue());
// Polled by time: a tab behind another draws no frames.
const goesOn = (page, from) =>
  page.waitForFunction((slot) => Number(document.querySelector("#slot").value) > slot, from, { polling: 100 });
await test("when a quarter closes, who only looks is taken along, and who has an order in hand is asked", async (page) => {
  const looking = await page.context().newPage();
  for (const one of [page, looking]) {
    await one.goto(`${url}/#/`);
    await one.locator("#slot").waitFor();
  }
  const from = await slotOf(page);
  assert.ok(from > slot, "the page begins with a quarter that is open");
  await page.getByLabel("Price, LMM a kWh").fill("0.02");
  await warpTo(from * SLOT_MS - 300_000);
  await goesOn(looking, from);
  await page.getByText("Orders for this quarter ended at").first().waitFor();
  assert.equal(await slotOf(page), from);
  assert.equal(await button(page, "Create a wallet").count(), 0);
  await page.locator(".order").getByRole("button", { name: /^Next: / }).click();
  await goesOn(page, from);
  await page.locator("h2:focus", { hasText: "Place an order" }).waitFor();
  await button(page, "Create a wallet").waitFor();
});

await test("times go by the chain, whose clock was moved on", async (page) => {
  await page.goto(`${url}/#/explorer`);
  for (const part of [".pulse time", ".block time"]) assert.match(await page.locator(part).first().textContent(), /^(now|\d+ (sec|min)\.? ago)$/);
});

await test("a household signs its meter in, and sees when the zone's operator has approved it", async (page) => {
  await makeWallet(page);
  await page.goto(`${url}/#/meters`);
  await page.getByText("None yet.").waitFor();
  await page.getByText("Sign a meter in").click();
  const own = await page.locator(".sign-in .mono").getAttribute("title");
  const meter = meterOf(9);
  await page.getByLabel("What it measures").selectOption("import");
  await page.getByLabel("Meter's key").fill(meter.key);
  await page.getByLabel("Meter's signature").fill("00");
  await button(page, "Sign in").click();
  await page.getByText("A key has 64 digits").waitFor();
  await page.getByLabel("Meter's signature").fill(
    meter.signed(Buffer.from("energy/meter/1"), contract, u32(1), Buffer.from([1]), bytesOfAddress(own)),
  );
  await button(page, "Sign in").click();
  await page.getByText("Waits for the zone's operator").waitFor();
  await ask(`/v1/meters/${meter.key}/approval`, { most_wh: 5000 });
  await page.getByText("Counts up to 5 kWh a quarter").waitFor(); // live
});

await test("one's own order is marked however far off it is, and more prices are shown on request", async (page) => {
  await makeWallet(page);
  await page.goto(`${url}/#/`);
  await page.locator("#slot").waitFor();
  const place = { zone: 1, slot: await slotOf(page), side: "buy", kind: "limit" };
  await Promise.all([3000, 2900, 2800, 2700, 2600].map((price) => ask("/v1/orders", { ...place, price, wh: 1000 })));
  await page.getByLabel("How much, in kWh").fill("4");
  await page.getByLabel("Price, LMM a kWh").fill("0.02");
  await page.getByText("4 kWh wait in the book").waitFor();
  await page.locator(".order .main-action").click();
  await page.locator(".is-buy .is-own.has-gap", { hasText: "yours" }).waitFor(); // live
  const prices = () => page.locator(".ladder.is-buy strong").allTextContents();
  assert.deepEqual(await prices(), ["0.03", "0.029", "0.028", "0.02"]);
  await page.getByRole("button", { name: "Sell 9 kWh at 0.02 LMM or more; 4 kWh of it are yours" }).waitFor();
  await button(page, "More prices").click();
  assert.deepEqual(await prices(), ["0.03", "0.029", "0.028", "0.027", "0.026", "0.02"]);
  assert.equal(await button(page, "More prices").count(), 0);
  await page.locator("button:focus", { hasText: "Fewer" }).waitFor(); // as the other one is gone
  await page.keyboard.press("Enter");
  await page.locator("button:focus", { hasText: "More prices" }).waitFor();
  assert.equal((await prices()).length, 4);
}, PHONE);

await test("an order waits, is proven, and is cancelled by who placed it", async (page) => {
  await makeWallet(page);
  await page.goto(`${url}/#/`);
  await page.getByLabel("How much, in kWh").fill("4");
  await page.getByLabel("Price, LMM a kWh").fill("0.02");
  await page.getByText("4 kWh wait in the book").waitFor();
  await page.locator(".order .main-action").click();
  await page.getByText("Your order is in.").waitFor();
  await page.locator(".outcome").getByRole("link", { name: "Mine" }).click();
  await page.getByRole("link", { name: "Buy 4 kWh at 0.02 LMM a kWh" }).click();
  await page.locator("#proof .state").getByText("Proven", { exact: true }).waitFor();
  const reader = await page.context().newPage();
  await reader.goto(page.url());
  await reader.getByText("Waits in the book").waitFor();
  await page.goto(`${url}/#/mine`);
  await button(page, "Cancel").click();
  await page.getByText("None of your orders is waiting.").waitFor();
  await reader.getByText("Cancelled; 0 kWh traded before.").waitFor(); // without asking for it
});

const firstOrder = `1-${slot}-1`;
await testPages({
  market: (page) => page.goto(`${url}/#/`).then(() => page.getByRole("heading", { name: "Order book" }).waitFor()),
  mine: (page) => page.goto(`${url}/#/mine`).then(() => page.getByRole("heading", { name: /none in this browser yet/ }).waitFor()),
  order: (page) =>
    page.goto(`${url}/#/order/${firstOrder}`).then(() => page.locator("#proof .state").getByText("Proven", { exact: true }).waitFor()),
});

await test("what is pressed by touch is at least 44 px high", async (page) => {
  for (const path of ["", "mine", `order/${firstOrder}`]) {
    await page.goto(`${url}/#/${path}`);
    await page.locator("main h1").waitFor();
    assert.deepEqual(await lowTargets(page), [], path);
  }
}, PHONE);

await finish();
