// SPDX-License-Identifier: Apache-2.0
// Merkle trees over lists (chaincore/chain/merkle.h): the shape of RFC 6962, leaves hashed under a
// domain of their own, and a root that commits to the list's length, so that a branch also proves
// the place of its leaf.
import { type Bytes, DecodeError, type Reader, equal, u64Bytes } from "./bytes";
import { hash } from "./hash";

export interface Branch {
  index: bigint;
  count: bigint;
  siblings: Bytes[]; // from the leaf up
}

// The turns from the root down: is the leaf in the right half?
function path(index: bigint, count: bigint): boolean[] {
  const turns: boolean[] = [];
  while (count > 1n) {
    const left = 1n << BigInt((count - 1n).toString(2).length - 1);
    const isRight = index >= left;
    if (isRight) index -= left;
    count = isRight ? count - left : left;
    turns.push(isRight);
  }
  return turns;
}

export function readBranch(reader: Reader): Branch {
  const index = reader.u64();
  const count = reader.u64();
  if (index >= count || count >> 63n) throw new DecodeError("malformed");
  const siblings = path(index, count).map(() => reader.hash());
  return { index, count, siblings };
}

export function wrap(count: bigint, treeRoot: Bytes): Bytes {
  return hash("list", u64Bytes(count), treeRoot);
}

export function isInList(branch: Branch, leaf: Bytes, listRoot: Bytes): boolean {
  const turns = path(branch.index, branch.count).reverse();
  if (turns.length !== branch.siblings.length) return false;
  const root = branch.siblings.reduce(
    (node, sibling, level) => (turns[level] ? hash("node", sibling, node) : hash("node", node, sibling)),
    leaf,
  );
  return equal(wrap(branch.count, root), listRoot);
}

export function listRoot(leaves: Bytes[]): Bytes {
  const root = (from: number, to: number): Bytes => {
    if (from === to) return new Uint8Array(32);
    if (to - from === 1) return leaves[from]!;
    const left = 1 << (31 - Math.clz32(to - from - 1));
    return hash("node", root(from, from + left), root(from + left, to));
  };
  return wrap(BigInt(leaves.length), root(0, leaves.length));
}
