// SPDX-License-Identifier: Apache-2.0
// Looks at all nodes from outside, and trusts none: which block each tells as final at which height. What
// is wrong is told at once, and stays: two blocks at a height (divergence), a block that does not stand on
// the one below it, and a node that tells of less than it told before, or of a transaction no longer (lost).
import { sleep } from "./world.mjs";

const LOOK_MS = 250;
const SHOWN = 20; // of what is wrong
const LAST_MS = 20_000;
const LAST_TRIES = 240;

export class Judge {
  #blocks = new Map(); // height: what all have to tell of it
  #told = new Map(); // node: the height that it told of
  #seen = new Map(); // node: up to where its blocks were looked at, which may take longer
  #transactions = new Map(); // id: height
  #answered = new Map(); // id: the height that a server has told as its own
  #isOver = false;
  divergences = 0;
  lost = 0;

  constructor(world, say) {
    this.world = world;
    this.say = say;
    this.watching = world.nodes.map((node) => this.#watch(node));
  }
  get height() {
    return Math.max(0, ...this.#told.values());
  }
  heightOf(node) {
    return this.#told.get(node) ?? 0;
  }
  get blocks() {
    return this.#blocks.size;
  }
  get answers() {
    return this.#answered.size;
  }
  get isWell() {
    return this.divergences + this.lost === 0;
  }
  // A server has said that it is final.
  note(id, height) {
    this.#answered.set(id, height);
  }
  #wrong(kind, text) {
    this[kind]++;
    if (this[kind] <= SHOWN) this.say(`WRONG ${kind}: ${text}`);
  }
  #compare(node, height, block) {
    const ids = block.transactions.map(({ id }) => id);
    const text = JSON.stringify([block.id, block.parent, block.state_root, ids]);
    const known = this.#blocks.get(height);
    if (known && known.text !== text)
      this.#wrong("divergences", `at ${height} ${node.name} has ${block.id}, ${known.by} ${known.id}`);
    if (known) return;
    const below = this.#blocks.get(height - 1);
    if (below && below.id !== block.parent)
      this.#wrong("divergences", `at ${height} ${node.name} has a block on ${block.parent}, not ${below.id}`);
    this.#blocks.set(height, { text, id: block.id, by: node.name });
    for (const id of ids) this.#transactions.set(id, height);
  }
  async #look(node) {
    const told = this.heightOf(node);
    const { height, chain_id } = await node.get("/v1/chain");
    this.chain ??= chain_id;
    if (chain_id !== this.chain) this.#wrong("divergences", `${node.name} is on the chain ${chain_id}`);
    if (height < told) {
      this.#wrong("lost", `${node.name} told of ${told}, and now of ${height}`);
      this.#seen.set(node, height);
    }
    this.#told.set(node, height);
    for (let next = Math.max(1, Math.min((this.#seen.get(node) ?? 0) + 1, height)); next <= height && !this.#isOver; next++) {
      this.#compare(node, next, await node.get(`/v1/blocks/${next}`));
      this.#seen.set(node, next);
    }
  }
  async #watch(node) {
    while (!this.#isOver) {
      // It is away, or late: what it tells later counts.
      await this.#look(node).catch(() => {});
      await sleep(LOOK_MS);
    }
  }
  // Once all go on: everything again, from everybody.
  async lookAtAll() {
    this.#isOver = true;
    await Promise.all(this.watching);
    const most = Math.max(1, ...this.#answered.values());
    await Promise.all(this.world.nodes.map((node) => this.#lookAtAllOf(node, most)));
    for (const [id, height] of this.#answered)
      if (this.#transactions.get(id) !== height)
        this.#wrong("lost", `${id} was final at ${height}, and is at ${this.#transactions.get(id) ?? "no height"}`);
    return most;
  }
  // It may be on its way to that height still.
  async #blockOf(node, height) {
    for (let tries = 0; tries < LAST_TRIES && this.heightOf(node) < height; tries++) {
      this.#told.set(node, (await node.get("/v1/chain", LAST_MS)).height);
      if (this.heightOf(node) < height) await sleep(LOOK_MS);
    }
    return node.get(`/v1/blocks/${height}`, LAST_MS);
  }
  async #lookAtAllOf(node, most) {
    try {
      for (let height = 1; height <= most; height++)
        this.#compare(node, height, await this.#blockOf(node, height));
    } catch (error) {
      this.#wrong("lost", `${node.name} does not tell all that it told: ${error.message}`);
    }
  }
}
