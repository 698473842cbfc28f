// SPDX-License-Identifier: Apache-2.0
// A capture that a person's own wallet signs: the arguments of the contract's `capture`, made from the
// document as it was written (apps/supplychain/entry.c makes the same). The event's hash alone comes
// from the server; a wrong one, and everybody who reads the chain refuses the event.
import { type Bytes, bytesOfHex, bytesOfText, concat } from "../../../web/lib/bytes";
import { hash } from "../../../web/lib/hash";
import { placeOf } from "../../../web/lib/json-place";
import { id, prefixed, u8, vector } from "../../../web/lib/writer";
import { type EpcisEvent, eventsOf } from "./epcis";

const FLAG_DECLARATION = 1;
const FLAG_HAD_ID = 2;
const ENTRY_BYTES = 97;
export const SINGLE_MAX_BYTES = 60_000; // of document and entries, in one transaction
const GAS_FLAT = 2_000_000;
const GAS_PER_BYTE = 60;
const GAS_PER_ENTRY = 50_000;

const LISTS = ["/epcisBody/eventList", "/epcisBody/queryResults/resultsBody/eventList"];

// An event as it stands in the text: what is signed is these bytes, not what they mean.
function textOfEvent(text: string, event: EpcisEvent, index: number): string {
  for (const pointer of [...LISTS.map((list) => `${list}/${index}`), ""]) {
    const place = placeOf(text, pointer);
    const found = place && text.slice(place.from, place.to);
    if (found && JSON.stringify(JSON.parse(found)) === JSON.stringify(event)) return found;
  }
  throw new Error("a name stands twice in the document");
}

function entryOf(text: string, event: EpcisEvent, index: number, hashUri: string): Bytes {
  const digest = /^ni:\/\/\/sha-256;([0-9a-f]{64})\?/.exec(hashUri)?.[1];
  if (!digest) throw new Error("no event hash");
  const given = typeof event["eventID"] === "string" ? event["eventID"] : "";
  const declaration = event["errorDeclaration"];
  const isDeclaration = typeof declaration === "object" && declaration !== null && !Array.isArray(declaration);
  return concat(
    u8((isDeclaration ? FLAG_DECLARATION : 0) | (given ? FLAG_HAD_ID : 0)),
    bytesOfHex(digest),
    hash("user", bytesOfText(given || hashUri)),
    hash("user", bytesOfText(textOfEvent(text, event, index))),
  );
}

export interface OwnCapture {
  contract: Bytes;
  arguments: Bytes;
  gasLimit: bigint;
  eventIds: string[]; // what finds each of its events
}

export function fitsOneSignature(text: string): boolean {
  try {
    const { length } = eventsOf(JSON.parse(text));
    return bytesOfText(text).length + ENTRY_BYTES * length <= SINGLE_MAX_BYTES;
  } catch {
    return true; // no JSON: the server says what is wrong with it
  }
}

// `hashes`: of its events in order, as POST /v1/event-hash tells them; `job`: 32 bytes, never used before.
export function makeCapture(text: string, hashes: string[], job: Bytes): OwnCapture {
  const events = eventsOf(JSON.parse(text));
  if (events.length !== hashes.length) throw new Error("other events than the server found");
  const document = bytesOfText(text);
  const entries = events.map((event, i) => entryOf(text, event, i, hashes[i]!));
  const given = concat(id(job), prefixed(document), vector(entries));
  return {
    contract: hash("contract", bytesOfText("supplychain")),
    arguments: given,
    gasLimit: BigInt(GAS_FLAT + GAS_PER_BYTE * given.length + GAS_PER_ENTRY * entries.length),
    eventIds: events.map((event, i) => (typeof event["eventID"] === "string" ? event["eventID"] : hashes[i]!)),
  };
}
