// SPDX-License-Identifier: Apache-2.0
// make cluster [SECONDS=n] [SEED=s] [PLANT=name] [STORIES=1]: seven processes that agree, under load, and what a
// hostile world does to them, by a seed; with STORIES, what the markets are for comes before it. The last line is
// one JSON object. Exit 1 when two nodes have told of different blocks, one has withdrawn what was
// final, a process has ended by itself, a story does not come to its end, or the chain does not go on within
// STALL_S of healing.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawFaults, KINDS } from "./faults.mjs";
import { Judge } from "./judge.mjs";
import { Load } from "./load.mjs";
import { PLANTED_CONTRACTS, PLANTS } from "./plants.mjs";
import { Random } from "./random.mjs";
import { tellStories } from "./stories.mjs";
import { MARKETS, NODES, sleep, World } from "./world.mjs";

const number = (name, usual) => {
  const value = Number(process.env[name] || usual);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} is a number from 1 on`);
  return value;
};
const seconds = number("SECONDS", 60);
const seed = number("SEED", (Date.now() % 1_000_000) + 1);
const stallBoundMs = number("STALL_S", 90) * 1000;
const startBoundMs = number("START_S", 120) * 1000;
const plant = process.env.PLANT || null;
const plants = [PLANTS, PLANTED_CONTRACTS].flatMap(Object.keys);
if (plant && !plants.includes(plant)) throw new Error(`PLANT is one of ${plants.join(", ")}`);

const hasStories = Boolean(process.env.STORIES || PLANTED_CONTRACTS[plant]);

const begun = performance.now();
const elapsed = () => performance.now() - begun;
const say = (text) => console.log(`${(elapsed() / 1000).toFixed(1).padStart(7)} s  ${text}`);
const percentile = (list, share) => Math.round([...list].sort((a, b) => a - b)[Math.floor(share * (list.length - 1))] ?? 0);

const folder = mkdtempSync(join(tmpdir(), "lmm-cluster-"));
const random = new Random(seed);
const world = new World(folder, seed, PLANTED_CONTRACTS[plant]);
const stalls = []; // from healing until somebody tells of a new block
const arrivals = []; // until all do
const actions = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, 0]));
let unhealed = 0;
let stories = 0;

// Waits until `isThere`; how long that took, or null.
async function until(isThere, boundMs) {
  const from = performance.now();
  while (!isThere()) {
    if (performance.now() - from > boundMs) return null;
    await sleep(20);
  }
  return performance.now() - from;
}

async function recover(judge) {
  const mark = judge.height;
  const stall = await until(() => judge.height > mark, stallBoundMs);
  const arrival = await until(() => world.nodes.every((node) => judge.heightOf(node) > mark), stallBoundMs);
  if (stall === null || arrival === null) {
    unhealed++;
    const heights = world.nodes.map((node) => `${node.name} ${judge.heightOf(node)}`).join(", ");
    say(`WRONG not healed within ${stallBoundMs / 1000} s, above ${mark}: ${heights}`);
    return;
  }
  stalls.push(stall);
  arrivals.push(stall + arrival);
  say(`goes on: a block after ${Math.round(stall)} ms, at all after ${Math.round(stall + arrival)} ms, height ${judge.height}`);
}

async function strike(judge) {
  const faults = drawFaults(world, random);
  const holdMs = random.between(1000, 12_000);
  for (const { kind, text, begin } of faults) {
    say(`${kind}: ${text}, for ${holdMs} ms`);
    actions[kind]++;
    await begin();
  }
  await sleep(holdMs);
  for (const { heal } of faults) await heal();
  await recover(judge);
  await sleep(random.between(0, 3000));
}

const areTold = () => stories === MARKETS.length;
const isWell = (judge) => judge.isWell && unhealed === 0 && world.unasked.length === 0;

async function play(judge) {
  for (const node of world.nodes) node.start();
  const start = await until(() => world.nodes.every((node) => judge.heightOf(node) > 1), startBoundMs);
  if (start === null) throw new Error(`no chain within ${startBoundMs / 1000} s`);
  say(`${NODES} nodes agree after ${Math.round(start)} ms`);
  if (hasStories) {
    stories = await tellStories(world, judge, say);
    await recover(judge);
  }
  if (hasStories && !areTold()) return null;
  const load = new Load(world, judge);
  if (PLANTS[plant]) {
    await until(() => judge.answers > 0, startBoundMs);
    say(`PLANT ${plant}`);
    await PLANTS[plant](world);
    await recover(judge);
  }
  for (const end = elapsed() + seconds * 1000; elapsed() < end && isWell(judge);) await strike(judge);
  await load.end();
  await recover(judge);
  return load;
}

async function report(judge, load, checked) {
  for (const { node, why } of world.unasked) say(`WRONG ${node} ended by itself: ${why}`);
  const result = {
    seconds: Math.round(elapsed() / 1000),
    seed,
    nodes: NODES,
    actions: Object.values(actions).reduce((sum, count) => sum + count, 0),
    ...actions,
    blocks_final: judge.blocks,
    blocks_checked_at_all: checked,
    transfers_sent: load ? load.counts.sent : 0,
    stories,
    clock_set_on_s: Math.round(world.clock.aheadMs / 1000),
    answered_final: judge.answers,
    divergences: judge.divergences,
    lost: judge.lost,
    unasked_ends: world.unasked.length,
    unhealed,
    longest_stall_ms: percentile(stalls, 1),
    median_stall_ms: percentile(stalls, 0.5),
    longest_arrival_ms: percentile(arrivals, 1),
    median_arrival_ms: percentile(arrivals, 0.5),
    lines: await world.lines.counts(),
  };
  return result;
}

let status = 1;
try {
  say(`seed ${seed}, logs in ${folder}`);
  await world.make();
  const judge = new Judge(world, say);
  const load = await play(judge);
  const checked = await judge.lookAtAll();
  const result = await report(judge, load, checked);
  const isTold = judge.answers > 0 && result.actions > 0 && (!hasStories || areTold());
  if (!isTold) say("WRONG too little happened to tell");
  status = isWell(judge) && isTold ? 0 : 1;
  await world.stop();
  console.log(JSON.stringify(result));
} catch (error) {
  console.error(error);
} finally {
  if (status === 0) rmSync(folder, { recursive: true, force: true });
  else for (const { name } of world.nodes) showEnd(name);
}
function showEnd(name) {
  try {
    console.error(`${name}: ${readFileSync(world.path(`${name}.log`), "utf8").split("\n").slice(-4).join("\n    ")}`);
  } catch {
    // It has none yet.
  }
}
process.exit(status);
