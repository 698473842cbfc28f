// SPDX-License-Identifier: Apache-2.0
// What a proof file says about an EPCIS event (web/lib/verdict.ts), loaded when an event is opened.
//
// The contract's event "captured" (Borsh): job [32], first u32, a vector of entries {flags u8,
// event_hash [32], id_hash [32], body_hash [32]}. The payload is the event's original JSON, its
// fingerprint the body_hash of one entry.
import { hexOf, textOf } from "../../../web/lib/bytes";
import type { ProofResult } from "../../../web/lib/proof";
import { judge } from "../../../web/lib/verdict";
import type { Verdict } from "../../../web/lib/verdict-steps";

const ENTRIES_AT = 32 + 4 + 4;
const ENTRY_BYTES = 1 + 3 * 32;
const BODY_HASH_AT = 1 + 2 * 32;

export interface Shown {
  event: unknown;
  hash: string; // ni:///sha-256;…?ver=CBV2.0
}

// Equal in meaning: the order of an object's members has none.
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isSame(left[name], right[name]))
  );
}

function showsIt({ payload, payloadOffset, data }: ProofResult, shown: Shown): boolean {
  const entry = (payloadOffset - BODY_HASH_AT - ENTRIES_AT) / ENTRY_BYTES;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const entries = data.length >= ENTRIES_AT ? view.getUint32(ENTRIES_AT - 4, true) : 0;
  const isWhole = data.length === ENTRIES_AT + entries * ENTRY_BYTES;
  if (!payload || !isWhole || !Number.isInteger(entry) || entry < 0 || entry >= entries) return false;
  const at = ENTRIES_AT + entry * ENTRY_BYTES + 1;
  const eventHash = hexOf(data.subarray(at, at + 32));
  if (shown.hash !== `ni:///sha-256;${eventHash}?ver=CBV2.0`) return false;
  try {
    return isSame(JSON.parse(textOf(payload)), shown.event);
  } catch {
    return false;
  }
}

export const checkShown = (file: string, chainId: string, shown: Shown): Verdict =>
  judge(file, chainId, { contract: "supplychain", topics: ["captured"], shows: (result) => showsIt(result, shown) });
