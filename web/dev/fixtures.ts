// SPDX-License-Identifier: Apache-2.0
// What the mock server shows: a few events of every kind, each with a proof that holds, made on the
// test chain of web/test/support.ts.
import { SAMPLES } from "../../apps/supplychain/web/samples";
import { type EpcisEvent, eventsOf } from "../../apps/supplychain/web/epcis";
import { addressOf } from "../lib/address";
import { bytesOfText, hexOf } from "../lib/bytes";
import { chainId, fileOf, filled, makeProof } from "../test/support";

const COMPANY = "9521321";
const HASH = `ni:///sha-256;${hexOf(filled(0x51))}?ver=CBV2.0`; // as capturedData has it

const plain = (bizStep: string, disposition: string, change: EpcisEvent = {}): EpcisEvent => ({
  type: "ObjectEvent",
  action: "OBSERVE",
  bizStep,
  disposition,
  eventTimeZoneOffset: "+02:00",
  epcList: [`urn:epc:id:sgtin:${COMPANY}.012345.${1000 + bizStep.length * 37}`],
  readPoint: { id: `urn:epc:id:sgln:${COMPANY}.00004.0` },
  ...change,
});

const linked = {
  epcList: Array.from({ length: 14 }, (_, i) => `https://id.gs1.org/01/09521321123457/21/8${100 + i}`),
  readPoint: { id: "https://id.gs1.org/414/9521321000036" },
};
const EVENTS: EpcisEvent[] = [
  ...SAMPLES.flatMap((sample) => eventsOf(JSON.parse(sample.make()))),
  plain("receiving", "in_progress", linked),
  plain("inspecting", "conformant"),
  plain("https://example.org/steps/fumigating", "in_progress"),
  plain("", "", { type: "AssociationEvent", action: "ADD", parentID: `urn:epc:id:grai:${COMPANY}.12345.400` }),
  plain("retail_selling", "retail_sold", { readPoint: undefined }),
];

export interface Item {
  id: string;
  event: EpcisEvent;
}
export function itemOf(index: number): Item & Record<string, unknown> {
  const event = EVENTS[index % EVENTS.length]!;
  const eventTime = String(event["eventTime"] ?? new Date(Date.now() - (index + 1) * 3_700_000).toISOString());
  const whole = JSON.parse(JSON.stringify({ ...event, eventTime })) as EpcisEvent;
  const id = `${1204 - index}-0-0`;
  return {
    id,
    eventID: String(event["eventID"] ?? HASH),
    hash: HASH,
    type: String(event["type"]),
    eventTime,
    recordTime: new Date(Date.parse(eventTime) + 4000).toISOString(),
    height: 1204 - index,
    tx: hexOf(filled(0x61)),
    final: true,
    proof: `/v1/events/${id}/proof`,
    event: whole,
  };
}
// By its eventID; NaN: none has that.
export function indexOfEvent(eventId: string): number {
  const index = EVENTS.findIndex((event) => event["eventID"] === eventId && !event["errorDeclaration"]);
  return index < 0 ? NaN : index;
}
export const indexOf = (id: string): number => 1204 - Number(id.split("-")[0]);
export const proofOf = (item: Item): string => fileOf(makeProof({ payload: bytesOfText(JSON.stringify(item.event)) }));
export const CHAIN = { chain_id: hexOf(chainId), name: "devnet", witnesses: 4, quorum: 3, height: 1204, time: new Date(Date.now() - 1200).toISOString(), min_gas_price: 1, block_gas_limit: 100_000_000, account_deposit: 1930 };
export const TERMS = { payer: addressOf(filled(0x71)), transactions: 10, gas_limit: 12_000_000, methods: ["capture"] };

// What a wallet has sent: one of each kind and fate, over and over.
export function sentOf(count: number): object[] {
  const to = addressOf(filled(0x72));
  const kinds = [
    { what: { kind: "transfer", to, units: "1250000000" }, state: "pending" },
    { what: { kind: "capture", name: "pallet-0123456789.json" }, state: "final", isSponsored: true },
    { what: { kind: "transfer", to, units: "99999999999999" }, state: "failed", code: "INSUFFICIENT_FUNDS", message: "the account holds less" },
    {
      what: { kind: "capture", name: "despatch-2026-03-02.json" },
      state: "failed",
      code: "CONTRACT_REFUSED",
      message: "you captured other content under this eventID; correct it with an error declaration",
    },
  ];
  return Array.from({ length: count }, (_, i) => ({
    id: hexOf(filled(i)),
    at: Date.now() - i * 3_700_000,
    doneAt: null,
    isSponsored: false,
    code: null,
    message: null,
    ...kinds[(count === 1 ? 1 : i) % kinds.length],
  }));
}

export const VIOLATIONS = [
  {
    pointer: "/epcisBody/eventList/0/eventTime",
    rule: "#/definitions/time/format",
    detail: "“yesterday” is not a time with its offset (RFC 3339), such as 2024-05-31T12:00:00.000+02:00",
  },
  {
    pointer: "/epcisBody/eventList/0/bizStep",
    rule: "#/definitions/bizStep/anyOf",
    detail: "“teleporting” is not a business step of the CBV or a URI of your own outside GS1's",
  },
  {
    pointer: "/epcisBody/eventList/0",
    rule: "#/definitions/event/required",
    detail: "“eventTimeZoneOffset” is missing",
  },
];
