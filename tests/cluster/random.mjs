// SPDX-License-Identifier: Apache-2.0
// Choices by a seed: which faults, whom they strike and for how long can be had again. (When processes
// answer cannot.)
export class Random {
  #state;

  constructor(seed) {
    this.#state = (BigInt(seed) * 0x9e3779b97f4a7c15n + 1n) & 0xffffffffffffffffn || 1n;
    for (let i = 0; i < 8; i++) this.below(2);
  }
  // xorshift64*, as in tests/cluster/lines.c.
  below(most) {
    let x = this.#state;
    x ^= x >> 12n;
    x ^= (x << 25n) & 0xffffffffffffffffn;
    x ^= x >> 27n;
    this.#state = x;
    return Number((((x * 2685821657736338717n) & 0xffffffffffffffffn) >> 11n) % BigInt(most));
  }
  between(least, most) {
    return least + this.below(most - least + 1);
  }
  one(list) {
    return list[this.below(list.length)];
  }
  some(list, count) {
    const left = [...list];
    return Array.from({ length: count }, () => left.splice(this.below(left.length), 1)[0]);
  }
}
