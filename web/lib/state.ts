// SPDX-License-Identifier: Apache-2.0
// A branch of the state's tree, as chaincore/chain/state_proof.c checks it: one proof, one encoding.
import { type Bytes, DecodeError, Reader, equal } from "./bytes";
import { hash } from "./hash";

const MEMBER = 0; // the key's own leaf stands at the end of the branch
// 1: nothing stands there
const OTHER_LEAF = 2; // the only leaf there is another's
const MAX_DEPTH = 256;
const NOTHING = new Uint8Array(32);

const bitAt = (path: Bytes, depth: number): number => (path[depth >> 3]! >> (7 - (depth & 7))) & 1;

// Root first; where the bitmap has no bit, nothing stands beside.
function readSiblings(reader: Reader): Bytes[] {
  const depth = reader.u16();
  if (depth > MAX_DEPTH) throw new DecodeError("too_large");
  const bitmap = reader.fixed(Math.ceil(depth / 8));
  const siblings: Bytes[] = [];
  for (let i = 0; i < bitmap.length * 8; i++) {
    const isListed = ((bitmap[i >> 3]! >> (i & 7)) & 1) === 1;
    if (i >= depth && isListed) throw new DecodeError("malformed");
    if (i >= depth) continue;
    const sibling = isListed ? reader.hash() : NOTHING;
    if (isListed && equal(sibling, NOTHING)) throw new DecodeError("malformed");
    siblings.push(sibling);
  }
  return siblings;
}

// The root under which the branch shows that the key has this value, or null that it has none; null
// for a branch that shows nothing of the kind.
export function stateRootOf(branch: Bytes, key: Bytes, value: Bytes | null): Bytes | null {
  const reader = new Reader(branch);
  const kind = reader.u8();
  if (kind > OTHER_LEAF) throw new DecodeError("malformed");
  const other = kind === OTHER_LEAF ? { path: reader.hash(), valueHash: reader.hash() } : null;
  const siblings = readSiblings(reader);
  reader.finish();
  const path = hash("key", key);
  if ((kind === MEMBER) !== (value !== null)) return null;
  let node = NOTHING as Bytes;
  if (value) node = hash("leaf", path, hash("value", value));
  if (other) {
    const isBeside = siblings.every((_, depth) => bitAt(other.path, depth) === bitAt(path, depth));
    if (!isBeside || equal(other.path, path)) return null;
    node = hash("leaf", other.path, other.valueHash);
  }
  for (let depth = siblings.length - 1; depth >= 0; depth--) {
    const sibling = siblings[depth]!;
    node = bitAt(path, depth) ? hash("node", sibling, node) : hash("node", node, sibling);
  }
  return node;
}
