// SPDX-License-Identifier: Apache-2.0
// Seven witnesses of one chain, each a process in a network namespace of its own, on a disk of its own:
// three market servers and four nodes without a market. Between them are no routes but the lines of a
// proxy (tests/cluster/lines.h), which stands here, outside; from here each answers by HTTP too.
//
//   node i: 10.77.i.2 in its namespace; 10.77.i.1 is this end of its cable
//   line i>j: what i sends to 10.77.i.1:700j comes out at 10.77.j.2:7000
//
// All of them live by one clock, which may be set (tests/cluster/clock.c): the machine's own is everybody's.
//
// Expects network, mounts and processes of its own (tests/cluster/cluster.sh), where all of it ends with it.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const MARKETS = ["supplychain", "sharing", "energy"];
export const NODES = 7;
const DISK_BYTES = 512 * 1024 * 1024;
const INTERVAL_MS = 500;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const run = (program, ...words) => execFileSync(program, words, { encoding: "utf8", maxBuffer: 1 << 24 });

// The proxy, told what to do a line at a time.
class Lines {
  #process;
  #answers = [];

  constructor(seed) {
    this.#process = spawn("tests/cluster/lines", { env: { SEED: String(seed) }, stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#answers.shift()(line));
  }
  async tell(command) {
    this.#process.stdin.write(`${command}\n`);
    const answer = await new Promise((done) => this.#answers.push(done));
    if (answer.startsWith("error")) throw new Error(`lines: ${command}: ${answer}`);
    return answer;
  }
  async counts() {
    return JSON.parse(await this.tell("counts"));
  }
}

// By how much the clock of this world is ahead of the machine's.
class Clock {
  #file;
  aheadMs = 0;

  constructor(path) {
    this.#file = openSync(path, "w");
    this.environment = { ...process.env, LD_PRELOAD: join(process.cwd(), "tests/cluster/clock.so"), LMM_TEST_CLOCK: path };
    this.#write();
  }
  get now() {
    return Date.now() + this.aheadMs;
  }
  // For all processes at once, those that start later too.
  setTo(ms) {
    this.aheadMs += ms - this.now;
    this.#write();
  }
  #write() {
    writeSync(this.#file, new BigInt64Array([BigInt(this.aheadMs)]), 0, 8, 0);
  }
}

// A witness: its folder is a disk of its own, so that it can be full.
class Node {
  constructor(world, number) {
    this.world = world;
    this.number = number;
    this.name = `n${number}`;
    this.market = MARKETS[number - 1]; // undefined: it has none
    this.folder = join(world.folder, this.name);
    this.url = `http://10.77.${number}.2:8000`;
    this.process = null;
    this.mayEnd = false; // whether somebody ends it, or takes what it cannot be without
    this.starts = 0;
  }
  // Runs a program where this node lives.
  inside(...words) {
    return run("nsenter", `--net=/run/netns/${this.name}`, ...words);
  }
  make() {
    const near = `10.77.${this.number}.1/24`;
    const far = `10.77.${this.number}.2/24`;
    run("ip", "netns", "add", this.name);
    run("ip", "link", "add", this.name, "type", "veth", "peer", "name", "eth0", "netns", this.name);
    run("ip", "address", "add", near, "dev", this.name);
    run("ip", "link", "set", this.name, "up");
    this.inside("ip", "address", "add", far, "dev", "eth0");
    this.inside("ip", "link", "set", "eth0", "up");
    this.inside("ip", "link", "set", "lo", "up");
    mkdirSync(this.folder);
    run("mount", "-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", this.folder);
  }
  #command(skewMs) {
    const others = this.world.nodes.filter((other) => other !== this);
    const peers = others.map(({ number }) => `10.77.${this.number}.1:${7000 + number}`).join(",");
    const here = `10.77.${this.number}.2`;
    const data = join(this.folder, "data");
    const { genesis } = this.world;
    const among = ["--peers", peers, "--first-start"];
    const http = `${here}:8000`;
    if (this.market) {
      const server = ["--data", data, "--genesis", genesis, "--listen", http, "--peer-listen", `${here}:7000`];
      const keys = ["--keys", this.world.path(`${this.name}.keys`), "--keys-in-clear"];
      return [`./lmm-${this.market}`, ...server, ...keys, "--log-level", "warning", ...among];
    }
    const keys = ["--keystore", this.world.path(`${this.name}.keystore`), "--passphrase-file", this.world.path("pass")];
    const skew = skewMs ? ["--clock-skew", String(skewMs)] : [];
    return ["./lmm", "node", data, genesis, "--listen", `${here}:7000`, "--http", http, ...keys, ...among, ...skew];
  }
  start({ skewMs = 0, command = this.#command(skewMs) } = {}) {
    const log = openSync(this.world.path(`${this.name}.log`), "a");
    const words = [`--net=/run/netns/${this.name}`, ...command];
    const child = spawn("nsenter", words, { stdio: ["ignore", log, log], env: this.world.clock.environment });
    child.ended = new Promise((done) => child.on("exit", (code, signal) => done(signal ?? code)));
    child.ended.then((why) => {
      if (this.process === child) this.process = null;
      if (!this.mayEnd) this.world.ended(this, why);
    });
    this.process = child;
    this.starts++;
    this.mayEnd = false;
  }
  async end(signal) {
    const child = this.process;
    this.mayEnd = true;
    if (!child) return null;
    child.kill(signal);
    return child.ended;
  }
  signal(name) {
    this.process?.kill(name);
  }
  cable(state) {
    run("ip", "link", "set", this.name, state);
  }
  // Both ways: so much a second, null for as much as there is.
  narrow(kilobits) {
    const verb = kilobits ? "replace" : "del";
    const what = kilobits ? ["root", "tbf", "rate", `${kilobits}kbit`, "burst", "16kb", "latency", "300ms"] : ["root"];
    run("tc", "qdisc", verb, "dev", this.name, ...what);
    this.inside("tc", "qdisc", verb, "dev", "eth0", ...what);
  }
  fillDisk() {
    try {
      const words = ["if=/dev/zero", `of=${join(this.folder, "filler")}`, "bs=64k", "status=none"];
      execFileSync("dd", words, { stdio: "ignore" });
    } catch {
      return; // full, as it was to be
    }
    throw new Error(`${this.name}: its disk did not fill`);
  }
  freeDisk() {
    rmSync(join(this.folder, "filler"), { force: true });
  }
  // Who asks faster than a server lets it, or one that has too much to do, waits for as long as that says.
  async ask(path, init, ms) {
    for (const until = Date.now() + ms;;) {
      const answer = await fetch(this.url + path, { ...init, signal: AbortSignal.timeout(ms) });
      if (answer.ok) return answer;
      const wait = 1000 * Number(answer.headers.get("retry-after") ?? Infinity);
      if (![429, 503].includes(answer.status) || Date.now() + wait > until)
        throw new Error(`${this.name} ${path}: ${answer.status} ${await answer.text()}`);
      await sleep(wait);
    }
  }
  async get(path, ms = 2000) {
    return (await this.ask(path, {}, ms)).json();
  }
}

export class World {
  // With other contracts than the markets', by name, for what they are to be found out by.
  constructor(folder, seed, contracts = {}) {
    this.folder = folder;
    this.contracts = contracts;
    this.clock = new Clock(join(folder, "clock"));
    this.genesis = join(folder, "genesis");
    this.nodes = Array.from({ length: NODES }, (_, i) => new Node(this, i + 1));
    this.lines = new Lines(seed);
    this.unasked = []; // ends of processes that nobody asked for
  }
  path(name) {
    return join(this.folder, name);
  }
  ended(node, why) {
    this.unasked.push({ node: node.name, why });
  }
  async make() {
    await this.#makeAccounts();
    this.#makeKeys();
    for (const node of this.nodes) node.make();
    for (const from of this.nodes)
      for (const to of this.nodes)
        if (from !== to)
          await this.lines.tell(
            `line ${from.number}>${to.number} 10.77.${from.number}.1 ${7000 + to.number} 10.77.${to.number}.2 7000`,
          );
  }
  // Those of a devnet, whose keys `lmm` has by name.
  async #makeAccounts() {
    const data = this.path("devnet");
    const words = ["--devnet", "--data", data, "--listen", "127.0.0.1:0", "--log-level", "error"];
    const server = spawn("./lmm-supplychain", words, { stdio: ["ignore", "inherit", "inherit"] });
    const ended = new Promise((done) => server.on("exit", done));
    while (!existsSync(join(data, "ready.json"))) {
      if (server.exitCode !== null) throw new Error("lmm-supplychain does not start");
      await sleep(50);
    }
    const { mnemonic, accounts } = JSON.parse(readFileSync(join(data, "ready.json"), "utf8"));
    server.kill();
    await ended;
    rmSync(data, { recursive: true });
    this.accounts = accounts.map(({ role, address, path }) => ({ role, address, path }));
    this.devnet = { mnemonic, accounts: this.accounts };
    writeFileSync(this.path("devnet.json"), JSON.stringify(this.devnet));
  }
  #makeKeys() {
    const drawn = this.path("drawn");
    const public_ = JSON.parse(run("./lmm", "genesis", "keys", String(NODES), "--out", drawn));
    const seeds = readFileSync(drawn, "utf8").split("\n").filter((line) => line.startsWith("witness "));
    const servers = MARKETS.map((market) => this.#makeServer(market));
    writeFileSync(this.path("pass"), "a passphrase of a test\n", { mode: 0o600 });
    this.nodes.forEach((node, i) => {
      if (node.market)
        writeFileSync(this.path(`${node.name}.keys`), `${seeds[i]}\n${servers[i].lines}\n`, { mode: 0o600 });
      else this.#seal(node, seeds[i].split(" ")[1]);
    });
    writeFileSync(this.path("all.keys"), `${seeds.join("\n")}\n${servers[2].lines}\n`, { mode: 0o600 });
    const accounts = [...this.accounts, ...servers].map(({ address }) => ({ address, balance: "1000000" }));
    const codeOf = (name) => this.contracts[name] ?? `apps/${name}/contract/${name}.wasm`;
    const contracts = MARKETS.map((name) => ({ name, code: join(process.cwd(), codeOf(name)) }));
    const params = {
      block_interval_ms: INTERVAL_MS,
      epoch_blocks: 60,
      min_gas_price: 1,
      block_gas_limit: 1000000000,
      deposit_per_byte: 10,
    };
    // --clock-skew is for chains of this name.
    const chain = { name: "devnet", time_ms: 1767225600000, params, accounts, witnesses: public_.witnesses, contracts };
    writeFileSync(this.path("chain.json"), JSON.stringify(chain));
    run("./lmm", "genesis", "make", this.path("chain.json"), "--out", this.genesis);
  }
  // A server signs by an account of its own.
  #makeServer(market) {
    const drawn = this.path(`${market}.drawn`);
    const { server } = JSON.parse(run("./lmm", "genesis", "keys", "1", "--out", drawn));
    const lines = readFileSync(drawn, "utf8").split("\n").filter((line) => line.startsWith("server "));
    return { address: server, lines: lines.join("\n") };
  }
  #seal(node, seed) {
    const clear = this.path(`${node.name}.seed`);
    writeFileSync(clear, `${seed}\n`, { mode: 0o600 });
    const words = ["--passphrase-file", this.path("pass"), "--from", clear];
    run("./lmm", "keys", "import", "witness-1", "--light", "--keystore", this.path(`${node.name}.keystore`), ...words);
  }
  // All processes have ended, and their disks are gone.
  async stop() {
    for (const node of this.nodes) node.signal("SIGCONT");
    await Promise.all(this.nodes.map((node) => node.end("SIGTERM")));
    for (const { folder } of this.nodes) run("umount", "--lazy", folder);
  }
}
