// SPDX-License-Identifier: Apache-2.0
// A household buys power of its neighbour's roof for a quarter of an hour, and four fifths of it come. Meters
// with keys of their own tell it, the market's server carries what they sign, and the world's clock is set to
// where each step is due. What each step moves is read at the other two markets' servers, to the unit; nobody
// of the story signs anything between them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { sleep } from "./world.mjs";

const PATIENCE_MS = 300_000;
const SLOT_MS = 900_000;
const GATE_MS = 300_000;
const WAIT_MS = 900_000; // the shortest
const FOR_ORDERS_MS = 600_000; // until the gate closes: longer than this takes, and nobody waits for it
const READING_EARLY = 24;

// Base units a Wh.
const CAP = 30_000n;
const ASK = 5_000n;
const BID = 6_000n;
// Wh: two thousand are offered, 1,500 of them bought at the lower price; 1,200 come, of which 1,000 are used.
const GRID = 1_000n;
const OFFERED = 2_000n;
const BOUGHT = 1_500n;
const CAME = 1_200n;
const USED = 1_000n;
const TIMER = 8_000_000n; // what the contract pays ahead for a timer's gas, at a price of 1
const ZONE = 100_000_000n;

// Numbers of 64 bits are texts where contracts tell them.
function expectTold(told, expected) {
  for (const [name, value] of Object.entries(expected)) assert.equal(BigInt(told[name]), value, name);
}
const lmmOf = (units) => `${units / 100_000_000n}.${String(units % 100_000_000n).padStart(8, "0")}`;

class Story {
  #held; // by role, in base units
  #told = []; // what the contract has told, as the first of the others has it
  #seen = new Set();

  constructor(teller) {
    this.teller = teller;
    this.clock = teller.world.clock;
    this.elsewhere = teller.world.nodes.filter((node) => node.market && node !== teller.node);
    this.addresses = { seller: teller.addressOf("home-1"), buyer: teller.addressOf("home-2") };
  }
  async begin() {
    const { items } = await this.teller.node.get("/v1/contracts", PATIENCE_MS);
    this.addresses.contract = items.find(({ name }) => name === "energy").address;
    this.chain = (await this.teller.node.get("/v1/chain", PATIENCE_MS)).chain_id;
    this.#held = await this.#read(1);
  }
  // What all hold, once both of the others have come to that height.
  async #read(height) {
    const each = await Promise.all(this.elsewhere.map((node) => this.#readAt(node, height)));
    assert.deepEqual(each[0], each[1]);
    return each[0];
  }
  async #readAt(node, height) {
    for (const end = Date.now() + PATIENCE_MS; (await node.get("/v1/chain", PATIENCE_MS)).height < height; await sleep(100))
      assert.ok(Date.now() < end, `${node.name} does not come to ${height}`);
    const entries = Object.entries(this.addresses).map(async ([role, address]) => {
      const { units } = await node.get(`/v1/accounts/${address}`, PATIENCE_MS);
      return [role, BigInt(units)];
    });
    return Object.fromEntries(await Promise.all(entries));
  }
  // Since the last time. Who signed something meanwhile has paid for that too, and is left out.
  async expectMoved(step, height, expected) {
    const held = await this.#read(height);
    for (const [role, units] of Object.entries(expected))
      assert.equal(held[role] - this.#held[role], units, `${step}: what the ${role} has more, in base units`);
    this.#held = held;
  }
  expectHeld(role, units) {
    assert.equal(this.#held[role], units, `what the ${role} holds, in base units`);
  }
  // Transactions and runs of timers that the contract told something in, newest first; all that they tell.
  async #listen() {
    const { items } = await this.elsewhere[0].get(`/v1/transactions?account=${this.addresses.contract}&perPage=100`, PATIENCE_MS);
    for (const { id, height, event_count } of items.filter(({ id }) => !this.#seen.has(id)).reverse()) {
      this.#seen.add(id);
      if (event_count === 0) continue;
      const { events } = await this.elsewhere[0].get(`/v1/transactions/${id}/decoded`, PATIENCE_MS);
      this.#told.push(...events.map(({ name, fields }) => ({ name, height, ...fields })));
    }
  }
  // So many events of that name, on another server.
  async hear(name, count) {
    for (const end = Date.now() + PATIENCE_MS; ; await sleep(200)) {
      await this.#listen();
      const found = this.#told.filter((event) => event.name === name);
      if (found.length >= count) return found;
      assert.ok(Date.now() < end, `${this.elsewhere[0].name}: ${found.length} of ${count} events "${name}"`);
    }
  }
  async setClock(ms) {
    this.clock.setTo(ms);
    await this.teller.await("/v1/chain", ({ time }) => Date.parse(time) >= ms);
  }
  // What a meter has signed.
  meter(name, ...words) {
    const key = this.teller.world.path(`${name}.meter`);
    const all = [key, this.chain, ...words.map(String)];
    return JSON.parse(execFileSync("apps/energy/test/meter", all, { encoding: "utf8" }));
  }
}

async function signIn(story, role, direction, who) {
  const { teller } = story;
  const { key, signature } = story.meter(role, "sign-in", 1, direction, story.addresses[role]);
  const halves = [signature.slice(0, 64), signature.slice(64)];
  await teller.call(who, "meter", [1, direction === "import" ? 1 : 0, key, ...halves]);
  await teller.act(`/v1/meters/${key}/approval`, { most_wh: 5000 });
}

// The grid offers at the highest price, which opens the slot; nobody takes it.
async function trade(story) {
  const { teller, slot } = story;
  const slotOf = { zone: 1, slot };
  const { height: opened } = await teller.act("/v1/orders", { ...slotOf, side: "sell", kind: "limit", price: Number(CAP), wh: Number(GRID) });
  await story.expectMoved("the grid's order", opened, { contract: ZONE + GRID * CAP });
  const sell = await teller.call("home-1", "order", [1, slot, 1, 0, Number(ASK), Number(OFFERED)], "--value", lmmOf(OFFERED * CAP));
  await story.expectMoved("the seller's order", sell.height, { contract: OFFERED * CAP });
  const buy = await teller.call("home-2", "order", [1, slot, 0, 0, Number(BID), Number(BOUGHT)], "--value", lmmOf(BOUGHT * BID));
  await story.expectMoved("the buyer's order", buy.height, { contract: BOUGHT * ASK });
  const { items } = await teller.await(`/v1/trades?account=${story.addresses.buyer}`, (page) => page.items.length > 0);
  const { price, wh, status } = items[0];
  assert.deepEqual({ price, wh, status }, { price: Number(ASK), wh: Number(BOUGHT), status: "traded" });
}

// What nobody bought goes back.
async function closeGate(story) {
  await story.setClock(story.slot * SLOT_MS - GATE_MS);
  const [, { height }] = await story.hear("cancelled", 2);
  const back = (OFFERED - BOUGHT) * CAP;
  await story.expectMoved("the gate", height, { seller: back, buyer: 0n, contract: -back - GRID * CAP - TIMER });
}

const readingOf = (story, role, wh) => {
  const { key, signature } = story.meter(role, "reading", story.slot, wh, 1);
  return { key, slot: story.slot, wh: Number(wh), sequence: 1, signature };
};

// The seller's reading settles: it is paid for what came, and gets the collateral for that back; for what failed the
// buyer gets its price and its loss. The price that was paid for what failed is the slot's pot.
async function settle(story) {
  const { teller } = story;
  await teller.refuse("/v1/readings", readingOf(story, "seller", CAME), READING_EARLY);
  await story.setClock((story.slot + 1) * SLOT_MS);
  const used = await teller.act("/v1/readings", readingOf(story, "buyer", USED));
  await story.expectMoved("the buyer's reading", used.height, { seller: 0n, buyer: 0n, contract: 0n });
  const came = await teller.act("/v1/readings", readingOf(story, "seller", CAME));
  const failed = BOUGHT - CAME;
  const [paid, compensated] = [CAME * (ASK + CAP), failed * CAP];
  await story.expectMoved("the seller's reading", came.height, { seller: paid, buyer: compensated, contract: -paid - compensated });
  const [settled] = await story.hear("settled", 1);
  expectTold(settled, { delivered: CAME, failed, to_seller: paid, to_buyer: compensated, to_pot: failed * ASK });
}

// Who took less than came for it has a share of the pot, by the Wh; the zone has the rest.
async function finish(story) {
  const { teller } = story;
  await story.setClock((story.slot + 1) * SLOT_MS + WAIT_MS);
  const [final] = await story.hear("final", 1);
  const [pot, share] = [(BOUGHT - CAME) * ASK, (CAME - USED) * ASK];
  await story.expectMoved("the end", final.height, { seller: 0n, buyer: share, contract: -share });
  expectTold(final, { pot, shared: share, rest: pot - share });
  story.expectHeld("contract", ZONE - TIMER + pot - share);
  await teller.await(`/v1/slots?zone=1`, ({ items }) => items.length === 1 && items[0].status === "final");
  const { items } = await teller.await(`/v1/positions?account=${story.addresses.buyer}`, (page) => page.items[0]?.is_final);
  expectTold(items[0], { bought: BOUGHT, received: CAME, imported: USED });
}

// `others`: the clock is not set before they are told, whose time is their own.
export async function tellEnergy(teller, others) {
  const story = new Story(teller);
  await story.begin();
  await teller.act("/v1/zones", { name: "North village", cap: Number(CAP), lot: 100, gate_ms: GATE_MS, wait_ms: WAIT_MS, account: "1" });
  await signIn(story, "seller", "export", "home-1");
  await signIn(story, "buyer", "import", "home-2");
  story.slot = Math.ceil((story.clock.now + FOR_ORDERS_MS + GATE_MS) / SLOT_MS);
  await trade(story);
  await others;
  await closeGate(story);
  await settle(story);
  await finish(story);
}
