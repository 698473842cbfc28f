// SPDX-License-Identifier: Apache-2.0
// Nodes that do what must never be, so that somebody sees that the judge sees it: `make cluster PLANT=…`
// has to fail.
import { rmSync } from "node:fs";
import { join } from "node:path";

// The seventh's chain is another under the same id, by somebody who has all keys.
async function fork(world) {
  const node = world.nodes[6];
  await node.end("SIGKILL");
  rmSync(join(node.folder, "data"), { recursive: true });
  const { genesis } = world;
  const keys = ["--keys", world.path("all.keys"), "--keys-in-clear"];
  const server = ["--data", join(node.folder, "data"), "--genesis", genesis, "--listen", `10.77.${node.number}.2:8000`];
  node.start({ command: ["./lmm-energy", ...server, ...keys, "--log-level", "warning"] });
}

// The seventh forgets what it has told, and begins again, among nobody.
async function forget(world) {
  const node = world.nodes[6];
  await node.end("SIGKILL");
  rmSync(join(node.folder, "data"), { recursive: true });
  await world.lines.tell("stall 7>*");
  await world.lines.tell("stall *>7");
  node.start();
}

// Three are cut off for good, and the rest is no quorum.
async function stay(world) {
  await world.lines.tell("stall [123]>[4567]");
  await world.lines.tell("stall [4567]>[123]");
}

// One ends by itself.
async function crash(world) {
  world.nodes[4].signal("SIGSEGV");
}

export const PLANTS = { fork, forget, stay, crash };

// Contracts that are wrong from the chain's first block on (tests/cluster/cluster.am), for the stories to end
// otherwise than they have to. underpaid: who was sold power that did not come gets its price back, not its loss.
export const PLANTED_CONTRACTS = { underpaid: { energy: "tests/cluster/planted/energy.wasm" } };
