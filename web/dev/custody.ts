// SPDX-License-Identifier: Apache-2.0
// What the stand-in tells of goods on their way: shipments, hand-overs, readings, alarms. The server's
// own account (TERMS.payer) holds, is offered and offers.
import { addressOf } from "../lib/address";
import { hexOf } from "../lib/bytes";
import { filled } from "../test/support";
import { TERMS } from "./fixtures";
import type { State } from "./mock";

const ME = TERMS.payer;
const [FARM, SHIPPER, SHOP] = [addressOf(filled(0x31)), addressOf(filled(0x32)), addressOf(filled(0x33))];
const DEED = hexOf(filled(0x63)); // the transaction that a pressed button sent
const EPCS = [
  "urn:epc:class:lgtin:9521321.012345.COD-0412",
  "urn:epc:id:sscc:9521321.0123456789",
  "urn:epc:class:lgtin:9521321.054321.MANGO-2026-W12-NORTHFIELD",
  "https://id.gs1.org/01/09521321123457/21/8100",
];
const UNITS = [
  ["KGM", 500_000],
  ["", 24_000],
  ["KGM", 12_480_500],
  ["LTR", 750],
] as const;
const STATES_OF = ["arrived", "at_rest", "under_way"] as const;
const MINUTE_MS = 60_000;
const ago = (minutes: number): string => new Date(Date.now() - minutes * MINUTE_MS).toISOString();
const countOf = (state: State, usual: number): number => ({ empty: 0, one: 1, thousand: 100 })[state as string] ?? usual;

const WARMTH = { rule: 0, property: "Temperature", uom: "CEL", min_milli: null, max_milli: -18_000 };
const DAMP = { rule: 1, property: "RelativeHumidity", uom: "P1", min_milli: 40_000, max_milli: 85_000 };
const boundsOf = (isOut: boolean): object[] => [
  {
    ...WARMTH,
    ...{ readings: 96, is_out: false },
    last: { time: ago(20), value_milli: -19_250 },
    worst: { time: ago(300), value_milli: isOut ? 1_500 : -18_125 },
  },
  { ...DAMP, readings: 0, is_out: false, last: null, worst: null },
];

function goodsOf(index: number): { epc: string; uom: string; quantity_milli: number } {
  const [uom, quantity_milli] = UNITS[index % UNITS.length]!;
  return { epc: EPCS[index % EPCS.length]!, uom, quantity_milli };
}
const alarmsOf = (index: number): number => (index % 3 === 0 ? 1 : 0);

function shipmentOf(index: number): Record<string, unknown> {
  const state = STATES_OF[index % STATES_OF.length]!;
  return {
    ...{ id: 40 + index, ...goodsOf(index), offered_milli: 0, state, origin: FARM, custodian: ME, shipper: SHIPPER, destination: ME },
    ...{ registered: ago(3000 + index), departed: state === "at_rest" ? null : ago(1500), arrived: state === "arrived" ? ago(30) : null },
    ...{ alarms: alarmsOf(index) + (index % 4 === 3 ? 1 : 0), journey_alarms: alarmsOf(index), journey: state === "at_rest" ? null : 2, parent: index % 4 === 3 ? 40 : null },
  };
}
function handOverOf(index: number, isMine: boolean): object {
  const [from, to] = isMine ? [ME, SHOP] : [SHIPPER, ME];
  const alarms = alarmsOf(index);
  return {
    ...{ id: 700 + index, shipment: 40 + index, part: null, ...goodsOf(index), from, to, state: "offered" },
    ...{ offered: ago(12 + index * 50), closed: null, alarms: 0, alarms_now: alarms, alarms_earlier: index % 4 === 3 ? 1 : 0, reason: "" },
    conditions: index % 4 === 2 ? [] : boundsOf(alarms > 0),
  };
}

const EVERY_MIN = 15;
function readingsOf(count: number): object[] {
  return Array.from({ length: count }, (_, i) => {
    const isWarm = i > count / 2 && i < count / 2 + count / 12;
    const value_milli = Math.round(-19_400 + 900 * Math.sin(i / 7) + (isWarm ? 20_400 : 0));
    const of = { journey: 2, rule: 0, number: i, property: "Temperature", uom: "CEL" };
    return { ...of, time: ago((count - i) * EVERY_MIN), value_milli, signed: i % 9 !== 4, late: i % 16 === 3, custodian: SHIPPER };
  });
}
const alarmList = (count: number): object[] =>
  Array.from({ length: count }, (_, i) => ({
    ...{ shipment: 40, epc: EPCS[0]!, alarm: count - i, journey: 2, number: 90 + i, late: i === 0, ...WARMTH, time: ago(300 + i * EVERY_MIN), value_milli: 1_500 + i * 125, signed: i % 2 === 0, custodian: SHIPPER },
  }));

const REASON = "The pallet was wet through when the doors were opened, and two cases were torn.";
const stepsOf = (state: State): object[] =>
  (["refused", "accepted"] as const).slice(state === "one" ? 2 : 0).map((name, i) => ({
    ...{ ...handOverOf(0, i === 0), id: 650 + i, state: name, offered: ago(900 - 400 * i), closed: ago(880 - 400 * i), reason: name === "refused" ? REASON : "" },
  }));

const make = <Item,>(count: number, of: (index: number) => Item): Item[] => Array.from({ length: count }, (_, i) => of(i));

// Fish and ice became it; it was packed on a pallet, and cut into fillets that a stranger speaks of too.
function traceOf(epc: string, state: State): object {
  const count = countOf(state, 3);
  const wayOf = (direction: string, i: number) => ({
    ...{ epc: `urn:epc:class:lgtin:9521321.0${direction === "forward" ? 2 : 3}2345.${direction === "forward" ? "FILLET" : "CATCH"}-${i}`, steps: 1 + (i % 3), direction },
    captured_by: i % 3 === 2 ? FARM : null,
    shipments: i % 2 === 0 ? [{ shipment: 40 + i, custodian: SHOP, quantity_milli: 120_500, uom: "KGM", state: "arrived", alarms: i % 4 === 0 ? 1 : 0 }] : [],
  });
  const found = ["backward", "forward"].flatMap((direction) => make(count, (i) => wayOf(direction, i)));
  const eventAt = (i: number): string => `${1200 + i}-0-0`;
  const types = ["TransformationEvent", "AggregationEvent", "AssociationEvent"];
  return {
    identifiers: [{ epc, steps: 0, direction: null, captured_by: null, shipments: [] }, ...found],
    events: found.map((_, i) => ({ id: eventAt(i), eventID: `urn:uuid:${i}`, type: types[i % 3], eventTime: ago(3000 - i), bizStep: null, capturedBy: FARM, proof: "" })),
    edges: found.flatMap((one, i) => [
      { epc, event: eventAt(i), place: "inputEPCList", quantity: null, uom: null },
      { epc: one.epc, event: eventAt(i), place: one.direction === "forward" ? "parentID" : "childEPCs", quantity: i % 2 === 0 ? 80.5 : null, uom: i % 2 === 0 ? "KGM" : null },
    ]),
    is_cut: state === "thousand",
    cut: state === "thousand" ? ["identifiers", "shipments"] : [],
  };
}

interface Asked {
  method: string;
  path: string[]; // behind /v1
  query: URLSearchParams;
}
interface Answer {
  status: number;
  body: object;
  location?: string;
}
const list = (items: object[]): Answer => ({ status: 200, body: { items } });
const missing: Answer = { status: 404, body: { code: "not_found", detail: "There is nothing here under that name." } };

const journeyOf = (shipment: number, journey: number): object => ({
  ...{ shipment, journey, shipper: journey === 1 ? FARM : SHIPPER, destination: journey === 1 ? SHIPPER : ME },
  ...{ departed: ago(journey === 1 ? 2900 : 1500), arrived: journey === 1 ? ago(2000) : null },
});

function ofShipment([, id, part, which]: string[], state: State): Answer {
  if (state === "empty") return missing;
  const isPlain = state === "one";
  const journeys = isPlain ? [] : [2, 1].map((journey) => journeyOf(Number(id), journey));
  if (part === "journeys") return which === undefined ? list(journeys) : { status: 200, body: { ...journeys[1], rules: boundsOf(false).map((one, rule) => ({ ...one, rule })) } };
  if (part === "readings") return list(isPlain ? [] : readingsOf(state === "thousand" ? 1000 : 96));
  const rules = isPlain ? [] : boundsOf(true).map((one, rule) => ({ ...one, rule }));
  const index = isPlain ? 1 : Number(id) - 40;
  return { status: 200, body: { ...shipmentOf(index), event: "1204-0-0", rules } };
}

// Null: it is not of custody; "never": no answer comes.
export function answerCustody({ method, path, query }: Asked, state: State): Answer | "never" | null {
  const [first = "", second] = path;
  const isDeed = first === "transactions" && second === DEED;
  if (isDeed)
    return state === "refused"
      ? { status: 200, body: { status: "failed", code: "CONTRACT_REFUSED", contract_message: "there was another alarm of this journey since; look again before you accept" } }
      : "never";
  if (!["shipments", "hand-overs", "alarms", "trace"].includes(first)) return null;
  if (method === "POST") return { status: 202, body: {}, location: `/v1/transactions/${DEED}` };
  if (state === "loading") return "never";
  if (state === "failed") return { status: 503, body: { code: "unavailable", detail: "A part of the server is out of reach. Try again later." } };
  if (first === "shipments" && second !== undefined) return ofShipment(path, state);
  if (first === "trace") return { status: 200, body: traceOf(query.get("epc") ?? "", state) };
  if (query.get("state") === "refused") return list(make(countOf(state, 1), (i) => ({ ...handOverOf(i, query.has("from")), id: 600 + i, state: "refused", closed: ago(200 + i), reason: REASON })));
  if (first === "shipments") return list(make(countOf(state, 3), shipmentOf));
  if (first === "alarms") return list(state === "one" || state === "empty" ? [] : alarmList(state === "thousand" ? 12 : 1));
  if (query.has("shipment")) return list(stepsOf(state));
  const isMine = query.has("from");
  return list(make(isMine ? Math.min(1, countOf(state, 1)) : countOf(state, 2), (i) => handOverOf(i, isMine)));
}
