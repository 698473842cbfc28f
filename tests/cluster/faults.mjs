// SPDX-License-Identifier: Apache-2.0
// What is done to the nodes. Each fault begins, holds for a while, and is healed: after `heal` nothing of it
// is left but what the nodes have to overcome themselves.
import { sleep } from "./world.mjs";

const names = (nodes) => nodes.map(({ name }) => name).join(" ");
const numbers = (nodes) => `[${nodes.map(({ number }) => number).join("")}]`;
const LONGEST_END_MS = 90_000;

// Lines between two groups, both ways.
async function between(world, verb, some, others) {
  await world.lines.tell(`${verb} ${numbers(some)}>${numbers(others)}`);
  await world.lines.tell(`${verb} ${numbers(others)}>${numbers(some)}`);
}
// Strikes one or two, who may all be missed; now and then three, when nobody makes a block.
const victims = (world, random, nodes = world.nodes) =>
  random.some(nodes, Math.min(nodes.length, random.one([1, 1, 1, 2, 2, 3])));
const others = (world, nodes) => world.nodes.filter((node) => !nodes.includes(node));
const without = (world) => world.nodes.filter(({ market }) => !market);

function makeWeather(world, random) {
  const [delay, jitter, loss] = [random.between(5, 200), random.between(0, 100), random.between(0, 20)];
  const from = random.one(["*", "*", `${random.between(1, 7)}>*`, `*>${random.between(1, 7)}`]);
  return {
    text: `lines ${from}: ${delay} ms late, up to ${jitter} more, ${loss} % lost`,
    begin: () => world.lines.tell(`weather ${from} ${delay} ${jitter} ${loss}`),
    heal: () => world.lines.tell(`weather ${from} 0 0 0`),
  };
}

function makePartition(world, random) {
  const some = random.some(world.nodes, random.one([1, 2, 2, 3, 3]));
  return {
    text: `${names(some)} apart from the others`,
    begin: () => between(world, "stall", some, others(world, some)),
    heal: () => between(world, "flow", some, others(world, some)),
  };
}

// Nothing of one way arrives, and all of the other.
function makeOneWay(world, random) {
  const [from, to] = random.some(world.nodes, 2);
  return {
    text: `nothing from ${from.name} to ${to.name}`,
    begin: () => world.lines.tell(`stall ${from.number}>${to.number}`),
    heal: () => world.lines.tell(`flow ${from.number}>${to.number}`),
  };
}

function makeResets(world, random) {
  const times = random.between(1, 5);
  const whose = random.one(["*", `${random.between(1, 7)}>*`, `*>${random.between(1, 7)}`]);
  return {
    text: `lines ${whose} reset ${times} times`,
    async begin() {
      for (let i = 0; i < times; i++) {
        await world.lines.tell(`reset ${whose}`);
        await sleep(300);
      }
    },
    async heal() {},
  };
}

function makeUnplugged(world, random) {
  const struck = victims(world, random);
  return {
    text: `the cables of ${names(struck)} out`,
    begin: () => struck.forEach((node) => node.cable("down")),
    heal: () => struck.forEach((node) => node.cable("up")),
  };
}

function makeNarrow(world, random) {
  const struck = victims(world, random);
  const kilobits = random.one([64, 256, 1000]);
  return {
    text: `${kilobits} kbit/s for ${names(struck)}`,
    begin: () => struck.forEach((node) => node.narrow(kilobits)),
    heal: () => struck.forEach((node) => node.narrow(null)),
  };
}

function makeKilled(world, random) {
  const struck = random.below(8) === 0 ? world.nodes : victims(world, random);
  return {
    text: `kill -9 of ${names(struck)}`,
    begin: () => Promise.all(struck.map((node) => node.end("SIGKILL"))),
    heal: () => struck.forEach((node) => node.start()),
  };
}

// Ended as an operator ends it; that takes no longer than systemd would wait.
function makeRestarted(world, random) {
  const struck = victims(world, random);
  return {
    text: `SIGTERM of ${names(struck)}`,
    async begin() {
      const ends = await Promise.all(struck.map((node) => Promise.race([node.end("SIGTERM"), sleep(LONGEST_END_MS)])));
      struck.forEach((node, i) => {
        if (ends[i] !== 0) world.ended(node, `${ends[i] ?? "not at all"}, at SIGTERM`);
      });
    },
    heal: () => struck.forEach((node) => node.start()),
  };
}

function makeFrozen(world, random) {
  const struck = victims(world, random);
  return {
    text: `SIGSTOP of ${names(struck)}`,
    begin: () => struck.forEach((node) => node.signal("SIGSTOP")),
    heal: () => struck.forEach((node) => node.signal("SIGCONT")),
  };
}

function makeSkewed(world, random) {
  const struck = random.some(without(world), random.one([1, 1, 2]));
  const skews = struck.map(() => random.one([-1, 1]) * random.one([1000, 4000, 6000, 60_000, 3_600_000]));
  const restart = async (skew) => {
    await Promise.all(struck.map((node) => node.end("SIGTERM")));
    struck.forEach((node, i) => node.start({ skewMs: skew ? skews[i] : 0 }));
  };
  return {
    text: struck.map(({ name }, i) => `the clock of ${name} ${skews[i]} ms off`).join(", "),
    begin: () => restart(true),
    heal: () => restart(false),
  };
}

// It may end, or hold up: with room again, and started again where it has ended, it goes on.
function makeFull(world, random) {
  const struck = random.some(world.nodes, random.one([1, 1, 2]));
  return {
    text: `the disks of ${names(struck)} full`,
    begin() {
      for (const node of struck) {
        node.mayEnd = true;
        node.fillDisk();
      }
    },
    async heal() {
      for (const node of struck) node.freeDisk();
      await sleep(1000); // for one that is about to end
      for (const node of struck) {
        if (node.process) node.mayEnd = false;
        else node.start();
      }
    },
  };
}

export const KINDS = {
  weather: makeWeather,
  partition: makePartition,
  one_way: makeOneWay,
  resets: makeResets,
  unplugged: makeUnplugged,
  narrow: makeNarrow,
  killed: makeKilled,
  restarted: makeRestarted,
  frozen: makeFrozen,
  skewed: makeSkewed,
  disk_full: makeFull,
};
// What takes processes away, at most one at a time: both would start them again.
const EXCLUSIVE = new Set(["killed", "restarted", "frozen", "skewed", "disk_full"]);

// One fault, or two at once of different kinds.
export function drawFaults(world, random) {
  const count = random.below(3) === 0 ? 2 : 1;
  const kinds = random.some(Object.keys(KINDS), count);
  if (kinds.every((kind) => EXCLUSIVE.has(kind))) kinds.length = 1;
  return kinds.map((kind) => ({ kind, ...KINDS[kind](world, random) }));
}
