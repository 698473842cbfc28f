// SPDX-License-Identifier: Apache-2.0
// Custody against a real server, in Chromium: fish changes hands twice, warms up, the alarm shows while
// the page is open, and the next company refuses it. Each company is a profile with a wallet of its own;
// the fisher is the business whose server signs. Last lines: COUNTED, then a JSON object.
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { PHONE, checkPage, finish, lowTargets, openProfile, test, testPage, url } from "./browser.mjs";

const require = createRequire(join(resolve(process.env.NODE_PATH ?? "."), "x.js"));
const { blake2b } = require("@noble/hashes/blake2b");

const devnet = await (await fetch(`${url}/v1/devnet`)).json();
const { chain_id } = await (await fetch(`${url}/v1/chain`)).json();
const fisher = devnet.accounts.find(({ role }) => role === "server").address;
const get = async (path) => (await fetch(`${url}${path}`)).json();
const MOST = 0; // thousandths of a degree: a frozen tank

// ---- what systems and sensors do, by the API

async function post(path, body) {
  const answer = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${devnet.api_key}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer;
}
async function call(path, body) {
  const answer = await post(path, body);
  const tx = await get(`${answer.headers.get("Location")}?wait=final`);
  assert.equal(tx.status, "final", JSON.stringify(tx));
}
// Rows come a moment after the block; the live stream tells of them. It is open before the first look.
async function until(look) {
  const news = await fetch(`${url}/v1/live`, { signal: AbortSignal.timeout(10_000) });
  for (const reader = news.body.getReader(); ; await reader.read()) {
    const found = await look();
    if (!found) continue;
    await reader.cancel();
    return found;
  }
}

const lotOf = (name) => `urn:epc:class:lgtin:4012345.012345.${name}`;
function caught(name) {
  const quantityList = [{ epcClass: lotOf(name), quantity: 500, uom: "KGM" }];
  const event = { type: "ObjectEvent", action: "ADD", bizStep: "commissioning", quantityList };
  return {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2026-03-02T08:15:00Z",
    epcisBody: { eventList: [{ ...event, eventTime: "2026-03-02T06:40:00Z", eventTimeZoneOffset: "+01:00" }] },
  };
}

const concat = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const u64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
};
const u32 = (value) => Buffer.from(Uint32Array.of(value).buffer);
const padded = (text) => concat(text, new Uint8Array(16 - text.length));
const hashOf = (domain, data) => Buffer.from(blake2b(data, { dkLen: 32, personalization: padded(domain) }));
const sensorKey = createPrivateKey({
  key: concat(Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 7)),
  format: "der",
  type: "pkcs8",
});
const sensor = createPublicKey(sensorKey).export({ format: "der", type: "spki" }).subarray(-32).toString("hex");

// Signed by the sensor over contract, shipment, journey, rule and numbered readings; the tag says that it is
// a journal.
function measured(shipment, readings, first = 0) {
  const items = readings.map(({ time_ms, value_milli }) => concat(u64(time_ms), u64(value_milli)));
  const payload = concat(hashOf("lmm/contract", "supplychain"), u64(shipment), u32(1), [0], u64(first), u32(items.length), ...items);
  const message = concat(padded("lmm:journal"), Buffer.from(chain_id, "hex"), hashOf("lmm/user", payload));
  return { journey: 1, sensor, first, readings, signature: sign(null, message, sensorKey).toString("hex") };
}

// ---- what people do, on the pages

const button = (where, name) => where.getByRole("button", { name, exact: true });
async function company() {
  const profile = await openProfile();
  await profile.page.goto(`${url}/#/wallet`);
  await button(profile.page, "Create a wallet").click();
  await button(profile.page, "Get 100 play LMM").click();
  await profile.page.waitForFunction(() => document.querySelector(".balance .amount")?.textContent.trim() === "100 LMM");
  const address = await profile.page.locator(".aside .ident .mono").getAttribute("title");
  return { ...profile, address };
}
// Whom nobody gives a key or money: as on any chain that is no devnet.
async function newcomer() {
  const profile = await openProfile();
  await profile.page.route("**/v1/devnet", (route) => route.fulfill({ status: 404, json: { code: "not_a_devnet" } }));
  await profile.page.goto(`${url}/#/custody`);
  await button(profile.page, "Create a wallet").click(); // where it is needed
  await profile.page.locator(".actors", { hasText: "my wallet" }).waitFor();
  const address = await profile.page.locator(".actors .ident .mono").getAttribute("title");
  return { ...profile, address };
}
const unitsOf = async (address) => (await get(`/v1/accounts/${address}`)).units;
async function openInbox(page, isWallet = true) {
  await page.goto(`${url}/#/custody`);
  const who = isWallet ? "my wallet" : "this business";
  await page.locator(".actors", { hasText: who }).waitFor();
  const choice = page.getByRole("radio", { name: who });
  if ((await choice.count()) > 0) await choice.check(); // who alone can act is said, not chosen
}
const offerOf = (page, name) => page.locator(".offer").filter({ has: page.getByRole("link", { name: new RegExp(name) }) });

async function offer(page, shipment, to, isWallet = true) {
  await openInbox(page, isWallet);
  await page.locator(`a.row[href="#/custody/${shipment}"]`).click();
  await page.getByLabel("To which account").fill(to);
  await button(page, "Offer").click();
  await page.getByText("500 kg offered").waitFor();
}
async function accept(page, name) {
  await openInbox(page);
  await button(offerOf(page, name), "Accept").click();
  await page.locator("a.row strong", { hasText: name }).waitFor(); // now in its custody
}

// Registered and sent off to the shop; its number.
async function sendOff(name, shop) {
  await post("/capture", caught(name));
  const { hashes } = await (await post("/v1/event-hash", caught(name))).json();
  await until(async () => (await get(`/v1/events?identifier=${encodeURIComponent(lotOf(name))}`)).items.length === 1);
  await call("/v1/shipments", { epc: lotOf(name), quantity_milli: 500_000, uom: "KGM", event_hash: hashes[0] });
  const [{ id }] = await until(async () => {
    const { items } = await get(`/v1/shipments?epc=${lotOf(name)}`);
    return items.length > 0 && items;
  });
  const rules = [{ property: "Temperature", uom: "CEL", max_milli: MOST, sensors: [sensor] }];
  await call(`/v1/shipments/${id}/departure`, { to: shop, rules });
  return id;
}
async function warmUp(shipment) {
  const [{ closed }] = (await get(`/v1/hand-overs?shipment=${shipment}&state=accepted`)).items; // newest first
  const start = Date.parse(closed);
  const values = [-19_500, -19_100, -18_400, -12_000, -4_200, 1_500, 3_800, 900, -2_000];
  const readings = values.map((value_milli, i) => ({ time_ms: start + 1000 * (i + 1), value_milli }));
  await call(`/v1/shipments/${shipment}/readings`, measured(shipment, readings));
}

let shown = null; // the shipment whose story was told

await test("fish changes hands twice, warms up, the alarm shows and the next company refuses it", async (page) => {
  const [carrier, store, shop] = [await company(), await company(), await company()];
  const shipment = await sendOff("TUNA", shop.address);
  shown = shipment;
  await offer(page, shipment, carrier.address, false);
  await accept(carrier.page, "TUNA");
  await offer(carrier.page, shipment, store.address);
  await accept(store.page, "TUNA");
  await store.page.locator(`a.row[href="#/custody/${shipment}"]`).click();
  await store.page.getByText("No readings yet.").first().waitFor();
  await warmUp(shipment); // the page is open: it is told
  const alarm = store.page.getByRole("alert").filter({ hasText: "Out of bounds: 1.5 °C" });
  await alarm.waitFor();
  await alarm.getByText("You", { exact: true }).waitFor(); // whose excursion it is
  await store.page.locator(".plot-box canvas").waitFor();
  await store.page.getByText("9 readings, from -19.5 °C to 3.8 °C. 3 of them are out of bounds.").waitFor();
  await offer(store.page, shipment, shop.address);
  await openInbox(shop.page);
  const offered = offerOf(shop.page, "TUNA");
  await offered.getByText("Was out of bounds").waitFor();
  await offered.getByText("worst 3.8 °C").waitFor();
  await button(offered, "Accept").click(); // which asks
  await offered.getByText("Temperature: 3.8 °C, at most 0 °C").waitFor();
  await button(offered, "Accept all the same").waitFor();
  await button(offered, "Back").press("Enter");
  await shop.page.waitForFunction(() => document.activeElement?.textContent === "Accept"); // where they were
  await button(offered, "Refuse").click();
  await shop.page.getByLabel(/^Why\?/).fill("It thawed on the way");
  await button(shop.page, "Refuse the goods").click();
  await shop.page.getByRole("heading", { name: "Nothing is offered to you" }).waitFor();
  await store.page.getByText("500 kg refused").waitFor(); // told live
  await store.page.getByText("It thawed on the way").waitFor();
  const told = (page, title) => page.locator(".offers", { has: page.getByRole("heading", { name: title }) }).filter({ hasText: "It thawed on the way" });
  await told(shop.page, "Refused by you").getByText("500 kg").waitFor(); // and by whom it stayed, and when
  await openInbox(store.page);
  await told(store.page, "Refused by others, still with you").locator("time").waitFor();
  await store.page.locator(`a.row[href="#/custody/${shipment}"]`).waitFor();
  const { custodian, state, alarms } = await get(`/v1/shipments/${shipment}`);
  assert.deepEqual({ custodian, state, alarms }, { custodian: store.address, state: "under_way", alarms: 1 });
  const { items } = await get(`/v1/hand-overs?shipment=${shipment}`);
  assert.deepEqual(items.map((one) => one.state), ["refused", "accepted", "accepted"]);
  for (const one of [carrier, store, shop]) {
    assert.deepEqual(one.faults, []);
    await one.context.close();
  }
});

await test("the first page leads to goods that have an alarm", async (page) => {
  await page.goto(`${url}/`);
  await page.locator("a.row", { hasText: "TUNA" }).filter({ hasText: "Was out of bounds: 1.5 °C" }).click();
  await page.getByRole("alert").filter({ hasText: "Out of bounds: 1.5 °C" }).waitFor();
});

await test("who is new accepts on the goods' page, without money, with a wallet made where it is needed", async (page) => {
  const carrier = await newcomer();
  const shipment = await sendOff("HAKE", fisher);
  await offer(page, shipment, carrier.address, false);
  await openInbox(carrier.page);
  await offerOf(carrier.page, "HAKE").getByRole("link", { name: /HAKE/ }).click();
  await button(carrier.page, "Accept").click();
  await carrier.page.getByText("500 kg accepted").waitFor();
  assert.equal(await unitsOf(carrier.address), "0");
  await carrier.page.goto(`${url}/#/wallet`);
  await carrier.page.locator("main li", { hasText: "HAKE" }).first().waitFor();
  await page.goto(`${url}/#/wallet`); // the first profile has no such wallet
  await button(page, "Create a wallet").waitFor();
  assert.equal((await get(`/v1/shipments/${shipment}`)).custodian, carrier.address);
  assert.deepEqual(carrier.faults, []);
  await carrier.context.close();
});

await test("who has no money is given some where the server pays for nothing", async (page) => {
  const carrier = await openProfile();
  await carrier.page.goto(`${url}/#/wallet`);
  await button(carrier.page, "Create a wallet").click();
  const address = await carrier.page.locator(".aside .ident .mono").getAttribute("title");
  const shipment = await sendOff("PERCH", fisher);
  await offer(page, shipment, address, false);
  await accept(carrier.page, "PERCH");
  assert.equal(await unitsOf(address), "0");
  await carrier.page.locator(`a.row[href="#/custody/${shipment}"]`).click();
  await carrier.page.getByLabel("To which account").fill(fisher);
  await button(carrier.page, "Get 100 play LMM").click();
  await button(carrier.page, "Offer").click();
  await carrier.page.getByText("500 kg offered").waitFor();
  assert.deepEqual(carrier.faults, []);
  await carrier.context.close();
});

await test("a lot is traced from its page to what was made of it and back", async (page) => {
  const shipment = await sendOff("TROUT", fisher);
  const document = caught("TROUT");
  const [{ eventTime, eventTimeZoneOffset }] = document.epcisBody.eventList;
  const of = (name, quantity) => [{ epcClass: lotOf(name), quantity, uom: "KGM" }];
  document.epcisBody.eventList = [
    { type: "TransformationEvent", bizStep: "commissioning", eventTime, eventTimeZoneOffset, inputQuantityList: of("TROUT", 500), outputQuantityList: of("FILLET", 210) },
  ];
  await post("/capture", document);
  await until(async () => (await get(`/v1/trace?epc=${encodeURIComponent(lotOf("TROUT"))}`)).identifiers.length === 2);
  await page.goto(`${url}/#/custody/${shipment}`);
  await page.getByRole("link", { name: "What it came from and went into" }).click();
  await page.getByText("Went into 1 thing.").waitFor();
  const fillet = page.locator(".traced", { hasText: "FILLET" });
  await fillet.getByText("Made from").waitFor();
  await fillet.getByText("210 kg").waitFor();
  await page.locator(".moment").nth(1).waitFor(); // caught, and cut
  await fillet.getByRole("link", { name: /FILLET/ }).click();
  await page.getByText("Came from 1 thing.").waitFor();
  await page.locator(".traced", { hasText: "TROUT" }).getByText("500 kg held by").waitFor();
  await button(page, "换成中文").click();
  await page.getByRole("heading", { name: "由什么制成" }).waitFor();
  await checkPage(page, "a trace, in Chinese");
});

await test("an identifier that no event names is said to be unknown", async (page) => {
  await page.goto(`${url}/#/trace?epc=${lotOf("NONE")}`);
  await page.getByRole("heading", { name: "No event names these goods" }).waitFor();
});

await test("what is withdrawn is offered no more", async (page) => {
  const carrier = await company();
  const shipment = await sendOff("COD", fisher);
  await offer(page, shipment, carrier.address, false);
  await openInbox(carrier.page);
  await button(offerOf(carrier.page, "COD"), "Accept").waitFor();
  await page.goto(`${url}/#/custody`);
  await button(offerOf(page, "COD"), "Take back").click();
  await carrier.page.getByRole("heading", { name: "Nothing is offered to you" }).waitFor();
  await carrier.context.close();
});

await test("an address that is none is refused before anything is sent", async (page) => {
  await page.goto(`${url}/#/custody`);
  await page.locator("a.row", { hasText: "COD" }).click();
  await page.getByLabel("To which account").fill("nobody");
  await button(page, "Offer").click();
  await page.getByRole("alert").filter({ hasText: "An address begins with lmm1" }).waitFor();
});

await test("a shipment that is not there is said to be missing", async (page) => {
  await page.goto(`${url}/#/custody/999999`);
  await page.getByRole("heading", { name: "There is no such shipment" }).waitFor();
});

await test("the pages speak Chinese", async (page) => {
  await page.goto(`${url}/#/custody/${shown}`);
  await button(page, "换成中文").click();
  await page.getByText("超出范围：1.5 °C").first().waitFor();
  await page.goto(`${url}/#/custody`);
  await page.getByRole("heading", { name: "待您接收", exact: true }).waitFor();
  await checkPage(page, "custody, in Chinese");
});

// Whose language the pages do not speak reads English words, in English numbers; who writes English as Germans do
// has their comma.
for (const [locale, words, numbers] of [
  ["zh-CN", "超出范围：1.5 °C", "9 个读数，-19.5 °C 至 3.8 °C。"],
  ["de-DE", "Out of bounds: 1.5 °C", "9 readings, from -19.5 °C to 3.8 °C."],
  ["en-DE", "Out of bounds: 1,5 °C", "9 readings, from -19,5 °C to 3,8 °C."],
])
  await test(
    `a reader of ${locale} has measures in numbers of their own`,
    async (page) => {
      await page.goto(`${url}/#/custody/${shown}`);
      await page.getByRole("alert").filter({ hasText: words }).waitFor();
      await page.getByText(numbers).first().waitFor();
    },
    { locale },
  );

await test("goods are reached and offered by keyboard", async (page) => {
  await page.goto(`${url}/#/custody`);
  const row = page.locator("a.row", { hasText: "COD" });
  await row.focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("To which account").focus();
  await page.keyboard.type(devnet.accounts.find(({ role }) => role === "alice").address);
  await page.keyboard.press("Enter");
  await page.getByText("500 kg offered", { exact: true }).waitFor();
});

await test("what is pressed by touch is at least 44 px high", async (page) => {
  for (const [path, settled] of [["#/custody", "a.row"], [`#/custody/${shown}`, ".plot-box canvas"], [`#/trace?epc=${lotOf("TROUT")}`, ".traced"]]) {
    await page.goto(`${url}/${path}`);
    await page.locator(settled).first().waitFor();
    assert.deepEqual(await lowTargets(page), [], path);
  }
}, PHONE);

await testPage("first page with an alarm", async (page) => {
  await page.goto(`${url}/`);
  await page.locator("a.row", { hasText: "TUNA" }).first().waitFor();
});
await testPage("hand-overs", async (page) => {
  await page.goto(`${url}/#/custody`);
  await page.locator("a.row").first().waitFor();
});
await testPage("shipment", async (page) => {
  await page.goto(`${url}/#/custody/${shown}`);
  await page.locator(".plot-box canvas").waitFor();
  await page.locator("details").evaluateAll((all) => all.forEach((one) => (one.open = true)));
});

await testPage("trace", async (page) => {
  await page.goto(`${url}/#/trace?epc=${encodeURIComponent(lotOf("TROUT"))}`);
  await page.locator(".traced").first().waitFor();
});

await finish();
