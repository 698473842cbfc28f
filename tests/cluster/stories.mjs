// SPDX-License-Identifier: Apache-2.0
// What the three markets are for, each told to a server of its own, while the lines between all nodes are
// bad and others are killed: goods change hands, a camera is rented and its lock opened, a household buys
// power of its neighbour (energy.mjs). One chain has it all: whoever has money has it everywhere.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { tellEnergy } from "./energy.mjs";
import { sleep } from "./world.mjs";

const PATIENCE_MS = 300_000;
const ONE_LMM = 100_000_000;
const lmmOf = (units) => `${Math.floor(units / ONE_LMM)}.${String(units % ONE_LMM).padStart(8, "0")}`;

// A market's server as its business and its customers use it.
class Teller {
  constructor(world, judge, node) {
    this.world = world;
    this.judge = judge;
    this.node = node;
    this.key = readFileSync(join(node.folder, "data/api-key"), "utf8").trim();
    this.finals = 0;
  }
  // What is there once `isThere` likes it: rows come a moment after the block.
  async await(path, isThere) {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(100)) {
      const found = await this.node.get(path, PATIENCE_MS);
      if (isThere(found)) return found;
    }
    throw new Error(`${this.node.name} ${path}: not as it is to be`);
  }
  // Once, however often it is sent.
  post(path, body) {
    const headers = {
      Authorization: `Bearer ${this.key}`, "Content-Type": "application/json", "Idempotency-Key": randomUUID(),
    };
    return this.node.ask(path, { method: "POST", headers, body: JSON.stringify(body) }, PATIENCE_MS);
  }
  #note({ id, status, height, ...rest }) {
    assert.equal(status, "final", JSON.stringify(rest));
    this.judge.note(id, height);
    this.finals++;
    return { id, height };
  }
  async #outcome(path, body) {
    const place = (await this.post(path, body)).headers.get("Location");
    return this.await(`${place}?wait=final`, ({ status }) => status !== "pending" && status !== "included");
  }
  // A deed of the business, signed by its server.
  async act(path, body) {
    return this.#note(await this.#outcome(path, body));
  }
  // One that the contract has to refuse, by that code.
  async refuse(path, body, code) {
    const { status, contract_code } = await this.#outcome(path, body);
    assert.deepEqual({ status, contract_code }, { status: "failed", contract_code: code }, path);
  }
  async lmm(...words) {
    const at = ["--devnet", this.world.path("devnet.json")];
    const { environment: env } = this.world.clock;
    const { stdout } = await promisify(execFile)("./lmm", [...words, ...at], { encoding: "utf8", timeout: PATIENCE_MS, env });
    return stdout;
  }
  // A deed of somebody with a key of their own.
  async call(who, method, args, ...more) {
    const words = ["contract", "call", who, this.node.market, method, "--arguments", JSON.stringify(args)];
    return this.#note(JSON.parse(await this.lmm(...words, "--url", this.node.url, "--wait", "--json", ...more)));
  }
  addressOf(role) {
    return this.world.accounts.find((account) => account.role === role).address;
  }
}

async function tellSupplyChain(teller) {
  const document = JSON.parse(readFileSync(join(process.env.srcdir, "docs/examples/shipping.json"), "utf8"));
  const [event] = document.epcisBody.eventList;
  const one = { ...document, epcisBody: { eventList: [{ ...event, epcList: [event.epcList[0]] }] } };
  const job = (await teller.post("/capture", one)).headers.get("Location");
  const done = await teller.await(job, ({ running }) => !running);
  assert.ok(done.success, JSON.stringify(done));
  const { hashes } = await (await teller.post("/v1/event-hash", one)).json();
  const epc = event.epcList[0];
  const { items } = await teller.await(`/v1/events?identifier=${encodeURIComponent(epc)}`, (page) => page.items.length > 0);
  const proof = teller.world.path("event.proof");
  await teller.lmm("proof", items[0].id, "--url", teller.node.url, "--out", proof);
  await promisify(execFile)("./lmm", ["verify", proof, "--genesis", join(teller.world.genesis, "genesis")]);
  // The goods go from the business to alice, and on to bob.
  await teller.act("/v1/shipments", { epc, quantity_milli: 1000, uom: "", event_hash: hashes[0] });
  const shipments = await teller.await(`/v1/shipments?epc=${encodeURIComponent(epc)}`, (page) => page.items.length > 0);
  const { id } = shipments.items[0];
  await teller.act("/v1/hand-overs", { shipment: id, quantity_milli: 1000, to: teller.addressOf("alice") });
  await teller.await(`/v1/hand-overs?to=${teller.addressOf("alice")}`, (page) => page.items.length === 1);
  await teller.call("alice", "accept", [1, 0]);
  await teller.await(`/v1/shipments?custodian=${teller.addressOf("alice")}`, (page) => page.items.length === 1);
}

// A lock beside the server, as it stands at a door; what it needs of the chain a phone brings it.
async function startLock(teller) {
  const flash = teller.world.path("lock.flash");
  const owner = JSON.parse(await teller.lmm("keys", "show", "alice", "--json")).public_key;
  const setUp = ["--flash", flash, "--set-up", "--genesis", join(teller.world.genesis, "genesis"), "--owner", owner];
  await promisify(execFile)("./lockd", setUp);
  const lock = spawn("./lockd", ["--flash", flash, "--listen", "127.0.0.1:0", "--rtc"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: lock.stdout })) {
    const place = /^lock .* at (ws:\S+)$/.exec(line)?.[1];
    if (place) return { lock, place };
  }
  throw new Error("lockd does not start");
}

async function tellSharing(teller) {
  const { lock, place } = await startLock(teller);
  const at = ["--lock", place];
  const file = (name) => teller.world.path(name);
  const read = (name) => JSON.parse(readFileSync(file(name), "utf8"));
  const things = {
    title: "Camera", text: "A good one", place: "Here", category: "cameras", latitude: 0, longitude: 0,
    photo: "0".repeat(64), price_per_minute: 1000, unit: 0, deposit: 5000, late_cap_minutes: 60,
    cancel_free_minutes: 0, cancel_percent: 0,
  };
  await teller.call("alice", "list", things);
  await teller.call("alice", "bind_lock", JSON.parse(await teller.lmm("lock", "bind", "1", "--key", "alice", ...at)));
  const { time } = await teller.node.get("/v1/chain", PATIENCE_MS);
  const from = Math.floor(Date.parse(time) / 1000) * 1000 + 30_000;
  const until = from + 3_600_000;
  const asked = ["contract", "view", "sharing", "quote", "--arguments", JSON.stringify([1, from, until])];
  const { total } = JSON.parse(await teller.lmm(...asked, "--url", teller.node.url));
  const renter = JSON.parse(await teller.lmm("keys", "show", "bob", "--json")).public_key;
  await teller.call("bob", "book", [1, from, until, renter], "--value", lmmOf(Number(total)));
  await teller.await("/v1/chain", (chain) => Date.parse(chain.time) >= from + 1000);
  await teller.lmm("lock", "grant", "1", "--url", teller.node.url, "--out", file("grant"));
  const byBob = ["--key", "bob", "--grant", file("grant"), ...at];
  await teller.lmm("lock", "start", ...byBob, "--out", file("start"));
  await teller.call("bob", "start", read("start"));
  await teller.lmm("lock", "return", ...byBob, "--out", file("return"));
  await teller.call("carol", "give_back", read("return"));
  const booking = await teller.await("/v1/bookings/1", ({ state }) => state === "settled");
  assert.equal(booking.minutes, 1);
  lock.kill();
}

const STORIES = { supplychain: tellSupplyChain, sharing: tellSharing, energy: tellEnergy };

// One of them may be a block behind.
async function heldAtAll(tellers, address) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(100)) {
    const held = await Promise.all(tellers.map(({ node }) => node.get(`/v1/accounts/${address}`, PATIENCE_MS)));
    if (held.every(({ balance }) => balance === held[0].balance)) return held[0].balance;
  }
  throw new Error(`${address} holds not the same at all`);
}

async function comesBack(node, isOver) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end && !isOver(); await sleep(100))
    if (await node.get("/v1/chain").catch(() => null)) return;
}

// All at once, and all the while the world is bad: lines are late and lossy, and one after the other of the
// nodes without a market is killed and comes again.
export async function tellStories(world, judge, say) {
  await world.lines.tell("weather * 30 30 3");
  const tellers = world.nodes.filter(({ market }) => market).map((node) => new Teller(world, judge, node));
  const servers = Object.fromEntries(tellers.map(({ node }) => [node.market, { url: node.url }]));
  writeFileSync(world.path("devnet.json"), JSON.stringify({ ...world.devnet, servers }));
  let isOver = false;
  const harm = (async () => {
    for (let turn = 0; !isOver; turn++) {
      const struck = world.nodes[3 + (turn % 4)];
      await struck.end("SIGKILL");
      await sleep(3000);
      struck.start();
      // Two that are away at once leave the chain no room for bad lines.
      await comesBack(struck, () => isOver);
      await sleep(3000);
    }
  })();
  const tell = async (teller, others) => {
    await STORIES[teller.node.market](teller, others);
    say(`the story of ${teller.node.market} is told: ${teller.finals} deeds final`);
  };
  const energy = tellers.find(({ node }) => node.market === "energy");
  const others = Promise.allSettled(tellers.filter((teller) => teller !== energy).map((teller) => tell(teller)));
  const told = [...(await Promise.allSettled([tell(energy, others)])), ...(await others)];
  isOver = true;
  await harm;
  await world.lines.tell("weather * 0 0 0");
  // What each account holds is the same at all three.
  for (const { role, address } of world.accounts.filter(({ role }) => ["alice", "bob"].includes(role)))
    say(`${role} holds ${await heldAtAll(tellers, address)} LMM`);
  for (const { status, reason } of told) if (status === "rejected") say(`WRONG a story: ${reason.stack}`);
  return told.filter(({ status }) => status === "fulfilled").length;
}
