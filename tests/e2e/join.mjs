// SPDX-License-Identifier: Apache-2.0
// A fifth node comes to four that have long agreed: a supply chain's server with an empty folder, which
// believes one header, joins by the others' snapshot and fetches what was before. Meanwhile it tells how far it
// is, as a sixth does, a node without a market; between them and the others are relays, so that they can be
// asked in the middle. What was captured on another server behind that snapshot is then found at the fifth, and
// proven. Real processes, run by run_join.sh in the build root.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

const { FOLDER, SOURCE } = process.env;
const EPOCH_BLOCKS = 100; // a snapshot is kept at heights 999, 1999 and so on
const SNAPSHOT = 999;
const FAR_AHEAD = 1000; // from where on nobody executes all blocks
const PATIENCE_MS = 240_000;
const EPC = "urn:epc:id:sgtin:4012345.011111.9001";

const path = (name) => join(FOLDER, name);
const run = promisify(execFile);
const lmm = async (...words) => (await run("./lmm", words, { timeout: PATIENCE_MS })).stdout;
const tick = () => new Promise((done) => setTimeout(done, 50));
const children = new Set();

async function freePorts(count) {
  const open = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(open.map((one) => one.listening || new Promise((done) => one.once("listening", done))));
  const ports = open.map((one) => one.address().port);
  await Promise.all(open.map((one) => new Promise((done) => one.close(done))));
  return ports;
}

// In front of a node's port: of what it says to who calls it here, so many bytes come through in a moment.
class Relay {
  static bytes = Infinity; // of all of them

  constructor(port) {
    this.server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      const clock = setInterval(() => {
        const some = far.read(Math.min(Relay.bytes, far.readableLength));
        if (some) near.write(some);
      }, 10);
      near.pipe(far);
      for (const [one, other] of [[near, far], [far, near]])
        one.on("error", () => {}).on("close", () => {
          clearInterval(clock);
          other.destroy();
        });
    });
  }
  async open() {
    this.server.listen(0, "127.0.0.1");
    await new Promise((done) => this.server.once("listening", done));
    return `127.0.0.1:${this.server.address().port}`;
  }
}

// A process of the chain, by what it is told.
class Node {
  constructor(name, http, words) {
    Object.assign(this, { name, words, url: `http://127.0.0.1:${http}` });
  }
  get data() {
    return path(`${this.name}.data`);
  }
  get log() {
    return readFileSync(path(`${this.name}.log`), "utf8");
  }
  start() {
    const log = openSync(path(`${this.name}.log`), "a");
    this.process = spawn(this.words[0], this.words.slice(1), { stdio: ["ignore", log, log] });
    this.ended = new Promise((done) => this.process.on("exit", (code, signal) => done(signal ?? code)));
    children.add(this.process);
    this.ended.then(() => children.delete(this.process));
  }
  async end() {
    this.process.kill("SIGTERM");
    return this.ended;
  }
  async until(what, isThere) {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await tick()) {
      if (this.process.exitCode !== null) throw new Error(`${this.name} has ended: ${this.log.slice(-2000)}`);
      const found = await isThere().catch(() => null);
      if (found) return found;
    }
    throw new Error(`${this.name}: ${what} does not come`);
  }
  async ask(where, init = {}) {
    return fetch(this.url + where, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  }
  async get(where) {
    const answer = await this.ask(where);
    assert.ok(answer.ok, `${this.name} ${where}: ${answer.status} ${await answer.clone().text()}`);
    return answer.json();
  }
  async metric(name) {
    const line = (await (await this.ask("/metrics")).text()).split("\n").find((each) => each.startsWith(`${name} `));
    return Number(line?.split(" ")[1]);
  }
  async post(where, body) {
    const key = readFileSync(join(this.data, "api-key"), "utf8").trim();
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
    const answer = await this.ask(where, { method: "POST", headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${where}: ${answer.status} ${await answer.clone().text()}`);
    return answer;
  }
}

// Four witnesses' keys, each a file of its own, and a chain that makes a block as soon as they agree on it.
async function makeChain() {
  const drawn = path("drawn");
  const { witnesses, server } = JSON.parse(await lmm("genesis", "keys", "4", "--out", drawn));
  const lines = readFileSync(drawn, "utf8").split("\n");
  const own = lines.filter((line) => line.startsWith("server "));
  const seeds = lines.filter((line) => line.startsWith("witness "));
  seeds.forEach((seed, i) => writeFileSync(path(`${i}.keys`), `${[seed, ...own].join("\n")}\n`, { mode: 0o600 }));
  writeFileSync(path("server.keys"), `${own.join("\n")}\n`, { mode: 0o600 });
  writeFileSync(path("pass"), "a passphrase of a test\n", { mode: 0o600 });
  const params = {
    block_interval_ms: 20,
    epoch_blocks: EPOCH_BLOCKS,
    min_gas_price: 1,
    block_gas_limit: 1_000_000_000,
    deposit_per_byte: 10,
  };
  const contracts = [{ name: "supplychain", code: `${process.cwd()}/apps/supplychain/contract/supplychain.wasm` }];
  const accounts = [{ address: server, balance: "1000000" }];
  const chain = { name: "joined", time_ms: 1767225600000, params, accounts, witnesses, contracts };
  writeFileSync(path("chain.json"), JSON.stringify(chain));
  await lmm("genesis", "make", path("chain.json"), "--out", path("genesis"));
  return Promise.all(
    seeds.map(async (seed, i) => {
      const [clear, keystore] = [path(`${i}.seed`), path(`${i}.keystore`)];
      writeFileSync(clear, `${seed.split(" ")[1]}\n`, { mode: 0o600 });
      const words = ["--keystore", keystore, "--passphrase-file", path("pass"), "--from", clear];
      await lmm("keys", "import", "witness-1", ...words);
      return keystore;
    }),
  );
}

// The words that start a market's server, and a node without one.
const marketOf = (name, ports, keys, more) => [
  "./lmm-supplychain", "--data", path(`${name}.data`), "--genesis", path("genesis"), "--keys", path(keys), "--keys-in-clear",
  "--listen", `127.0.0.1:${ports.http}`, "--peer-listen", `127.0.0.1:${ports.peer}`, ...more,
];
const nodeOf = (name, ports, keystore, more) => [
  "./lmm", "node", path(`${name}.data`), path("genesis"), "--keystore", keystore, "--passphrase-file", path("pass"),
  "--http", `127.0.0.1:${ports.http}`, "--listen", `127.0.0.1:${ports.peer}`, ...more,
];

let nodes, joiner, walker, joinerWords;
const relays = [];
before(async () => {
  const keystores = await makeChain();
  const free = await freePorts(12);
  const ports = Array.from({ length: 6 }, (_, i) => ({ http: free[2 * i], peer: free[2 * i + 1] }));
  nodes = keystores.map((keystore, i) => {
    const others = ports.slice(0, 4).filter((_, j) => j !== i).map(({ peer }) => `127.0.0.1:${peer}`);
    const more = ["--peers", others.join(","), "--first-start", "--snapshots", "8"];
    const words = i === 0 ? marketOf("n0", ports[0], "0.keys", more) : nodeOf(`n${i}`, ports[i], keystore, more);
    return new Node(`n${i}`, ports[i].http, words);
  });
  relays.push(...ports.slice(0, 4).map(({ peer }) => new Relay(peer)));
  const all = (await Promise.all(relays.map((relay) => relay.open()))).join(",");
  joinerWords = (trust) => marketOf("n4", ports[4], "server.keys", ["--peers", all, "--trust", trust]);
  joiner = (trust) => new Node("n4", ports[4].http, joinerWords(trust));
  const own = ["--http", `127.0.0.1:${ports[5].http}`, "--peers", all];
  walker = (trust) => new Node("n5", ports[5].http, ["./lmm", "node", path("n5.data"), path("genesis"), ...own, "--trust", trust]);
  for (const node of nodes) node.start();
});
after(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const relay of relays) relay.server.close();
});

const heightOf = async (node) => Number((await node.get("/v1/chain")).height);
const eventsAt = async (node) => {
  const { epcisBody } = await node.get(`/events?MATCH_epc=${encodeURIComponent(EPC)}`);
  return epcisBody.queryResults.resultsBody.eventList;
};
const documentOf = () => {
  const document = JSON.parse(readFileSync(join(SOURCE, "docs/examples/shipping.json"), "utf8"));
  return { ...document, epcisBody: { eventList: [document.epcisBody.eventList[0]] } };
};

let captured; // the event as the first server tells it
let trusted; // the header that the fifth believes

test("an event is captured early", { timeout: PATIENCE_MS }, async () => {
  await nodes[0].until("readiness", async () => (await nodes[0].ask("/readyz")).ok);
  const job = (await nodes[0].post("/capture", documentOf())).headers.get("Location");
  await nodes[0].until("the capture's end", async () => !(await nodes[0].get(job)).running);
  assert.ok((await nodes[0].get(job)).success);
  [captured] = await nodes[0].until("the event", async () => (await eventsAt(nodes[0])).length === 1 && eventsAt(nodes[0]));
  const { items } = await nodes[0].get(`/v1/events?identifier=${encodeURIComponent(EPC)}`);
  assert.ok(Number(items[0].height) < SNAPSHOT, `at height ${items[0].height}`);
});

test("the chain goes on past a snapshot", { timeout: PATIENCE_MS }, async () => {
  const from = performance.now();
  const first = await heightOf(nodes[0]);
  for (const node of nodes) await node.until(`a snapshot`, async () => (await node.metric("lmm_sync_snapshot_height")) >= SNAPSHOT);
  const height = await nodes[0].until("the height", async () => (await heightOf(nodes[0])) >= FAR_AHEAD && heightOf(nodes[0]));
  console.log(`${height - first} blocks of four nodes in ${((performance.now() - from) / 1000).toFixed(1)} s`);
  const { id } = await nodes[1].get(`/v1/blocks/${SNAPSHOT}`);
  trusted = `${SNAPSHOT}:${id}`;
});

test("a server that believes another header is not let in", { timeout: PATIENCE_MS }, async () => {
  const wrong = joiner(trusted.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")));
  wrong.start();
  await wrong.until("a refusal", async () => wrong.log.includes("the snapshot is refused"));
  await wrong.end();
  assert.ok(!existsSync(join(wrong.data, "chain/joined")), "it joined");
});

// Comes to others that say little, and in the middle nothing; two of four make no blocks, about which there would
// be much to say.
async function comeSlowly(node, whatThen) {
  for (const other of nodes.slice(2)) other.process.kill("SIGSTOP");
  Relay.bytes = 40;
  try {
    node.start();
    await node.until("an answer", async () => (await node.ask("/livez")).ok);
    assert.equal((await node.ask("/readyz")).status, 503);
    assert.equal((await node.ask("/v1/chain")).status, 404);
    await node.until("a snapshot", async () => (await node.metric("lmm_arrival_pieces")) > 0);
    Relay.bytes = 0;
    const [pieces, here] = [await node.metric("lmm_arrival_pieces"), await node.metric("lmm_arrival_pieces_here")];
    assert.ok(here < pieces, `${here} of ${pieces}`);
    assert.equal(await node.metric("lmm_arrival_height"), SNAPSHOT);
    const { status, problems } = await (await node.ask("/readyz?verbose")).json();
    const problem = `this node joins by a snapshot of height ${SNAPSHOT}: ${here} of ${pieces} pieces are here`;
    assert.deepEqual({ status, problems }, { status: "not ready", problems: [problem] });
    await whatThen();
  } finally {
    Relay.bytes = Infinity;
    for (const other of nodes.slice(2)) other.process.kill("SIGCONT");
  }
}

test("a server on its way in tells how far it is, and stops when it is to", { timeout: 2 * PATIENCE_MS }, async () => {
  joiner = joiner(trusted);
  await comeSlowly(joiner, async () => assert.equal(await joiner.end(), 0));
  assert.ok(!existsSync(join(joiner.data, "chain/joined")), "it joined");
});

test("so does a node without a market, which then comes in", { timeout: 2 * PATIENCE_MS }, async () => {
  walker = walker(trusted);
  await comeSlowly(walker, async () => {});
  await walker.until("readiness", async () => (await walker.ask("/readyz")).ok);
  assert.match(walker.log, /"joining by a snapshot"/);
  await walker.until("all blocks", async () => (await walker.metric("lmm_sync_oldest_height")) === 1);
  assert.deepEqual(await walker.get(`/v1/blocks/${SNAPSHOT}`), await nodes[1].get(`/v1/blocks/${SNAPSHOT}`));
  assert.equal(await walker.end(), 0);
});

test("a fifth server joins by the snapshot and fetches what was before", { timeout: PATIENCE_MS }, async () => {
  const begun = performance.now();
  joiner.start();
  await joiner.until("the chain", async () => (await joiner.ask("/v1/chain")).ok);
  const joined = performance.now();
  await joiner.until("readiness", async () => (await joiner.ask("/readyz")).ok);
  const ready = performance.now();
  assert.match(joiner.log, /"joining by a snapshot"/);
  assert.match(joiner.log, /"all blocks of before this node joined are there"/);
  assert.equal(await joiner.metric("lmm_sync_oldest_height"), 1);
  const seconds = (from, to) => ((to - from) / 1000).toFixed(2);
  console.log(`joined in ${seconds(begun, joined)} s, ${SNAPSHOT} blocks of before and their index in ${seconds(joined, ready)} s`);
});

test("a query there finds the old event, as the first server tells it", { timeout: PATIENCE_MS }, async () => {
  assert.deepEqual(await eventsAt(joiner), [captured]);
});

test("its proof holds for who knows genesis alone", { timeout: PATIENCE_MS }, async () => {
  const { items } = await joiner.get(`/v1/events?identifier=${encodeURIComponent(EPC)}`);
  await lmm("proof", items[0].id, "--url", joiner.url, "--out", path("event.proof"));
  await lmm("verify", path("event.proof"), "--genesis", join(path("genesis"), "genesis"));
  const proof = JSON.parse(readFileSync(path("event.proof"), "utf8"));
  const at = Math.floor(proof.proof.length / 2);
  const spoilt = proof.proof.slice(0, at) + (proof.proof[at] === "0" ? "1" : "0") + proof.proof.slice(at + 1);
  writeFileSync(path("spoilt.proof"), JSON.stringify({ ...proof, proof: spoilt }));
  await assert.rejects(lmm("verify", path("spoilt.proof"), "--genesis", join(path("genesis"), "genesis")));
});

test("it goes on with the others", { timeout: PATIENCE_MS }, async () => {
  const mark = await heightOf(nodes[1]);
  await joiner.until("a newer block", async () => (await heightOf(joiner)) > mark);
  const { id } = await joiner.get(`/v1/blocks/${mark}`);
  assert.equal(id, (await nodes[1].get(`/v1/blocks/${mark}`)).id);
});

test("its rows are those that its blocks make", { timeout: PATIENCE_MS }, async () => {
  assert.equal(await joiner.end(), 0);
  const { stdout } = await run(joiner.words[0], [...joiner.words.slice(1), "--verify-index"], { timeout: PATIENCE_MS });
  console.log(`${stdout.trim().split("\n").at(-1)}`);
  for (const node of nodes) assert.equal(await node.end(), 0, node.name);
});
