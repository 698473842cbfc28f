// SPDX-License-Identifier: Apache-2.0
// What the stand-in tells of things to rent and of bookings. Whoever asks for their own things or
// bookings has some.
import { readFileSync } from "node:fs";
import { encodeFields, readAbi } from "../lib/abi";
import { addressOf } from "../lib/address";
import { unitsOf } from "../lib/amount";
import { bytesOfText, hexOf } from "../lib/bytes";
import { hash } from "../lib/hash";
import { fileOf, filled, makeProof, sourceFile } from "../test/support";
import { KNOWN } from "./known";
import type { State } from "./mock";

export const UNLOCKING = hexOf(filled(0x51)); // the renter's key of every booking
export const LOCKED = 905; // a booking in use, of a thing with a lock
const OWNER = addressOf(filled(0x31));
const abi = readAbi(readFileSync(sourceFile("apps/sharing/contract/abi.json"), "utf8"))!;
const HOUR_MS = 3_600_000;
const TODAY_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const at = (hours: number): string => new Date(TODAY_MS + hours * HOUR_MS).toISOString();

const THINGS = [
  ["Drill, with bits", "Tools", "Effingerstrasse 41, Bern", "0.01", "hour", "10", "For concrete and brick."],
  ["相机，带两个镜头", "Cameras", "上海市徐汇区衡山路", "0.05", "hour", "250", ""],
  ["Cargo bike with a rain cover and two seats for children", "Bikes", "Veerhaven 12, Rotterdam", "0.02", "hour", "80", "Brakes were renewed in March."],
  ["Sauna", "Rooms", "Kallio, Helsinki", "0.00000002", "minute", "0", "For six."],
  ["Tent", "Outdoors", "Oslo", "12.5", "hour", "1000000.00000001", ""],
] as const;

function assetOf(index: number, owner = OWNER): Record<string, unknown> {
  const [title, category, place, price_per_minute, unit, deposit, text] = THINGS[index % THINGS.length]!;
  return {
    ...{ number: index + 1, title, text, place, latitude: 46.95, longitude: 7.44, category, photo: null, price_per_minute, unit, deposit },
    ...{ late_cap_minutes: 60, cancel_free_minutes: 1440, cancel_percent: 50, owner, lock: index % 2 === 1 ? hexOf(filled(0x21)) : null, is_withdrawn: false, changed: at(-200) },
    ...{ tx: hexOf(filled(0x61)), proof: `/v1/assets/${index + 1}/proof` },
  };
}
const unitsText = (lmm: unknown): string => String(unitsOf(String(lmm)));
function proofOf(index: number): string {
  const { number, owner, title, text, place, category, price_per_minute, deposit } = assetOf(index);
  const data = encodeFields(abi, abi.types.get("asset")!, {
    ...{ number: String(number), owner, is_withdrawn: false, lock: hexOf(filled(0)), blocked: 0, latitude: "1", longitude: "1" },
    ...{ photo: hexOf(filled(0)), price_per_minute: unitsText(price_per_minute), unit: 1, deposit: unitsText(deposit) },
    ...{ late_cap_minutes: 60, cancel_free_minutes: 1440, cancel_percent: 50, title, text, place, category },
  } as Parameters<typeof encodeFields>[2]);
  const contract = hash("contract", bytesOfText("sharing"));
  return fileOf(makeProof({ contract, payload: null, topic: "listed", data }));
}

const FATES = [
  ["running", null],
  ["booked", null],
  ["ending", null],
  ["settled", "returned"],
  ["settled", "cancelled"],
] as const;
function bookingOf(index: number, who: { owner?: string; renter?: string }): object {
  const [state, outcome] = FATES[index % FATES.length]!;
  const hours = state === "booked" ? 20 + index : state === "settled" ? -100 - 30 * index : -2;
  const isOver = state === "ending" || state === "settled";
  return {
    ...{ number: 900 + index, asset: (index % THINGS.length) + 1, owner: OWNER, renter: KNOWN, ...who },
    ...{ renter_key: UNLOCKING, lock: 900 + index === LOCKED ? hexOf(filled(0x21)) : null, from: at(hours), until: at(hours + 3), price_per_minute: "0.01", late_cap_minutes: 60, cancel_free_minutes: 1440, cancel_percent: 50 },
    ...{ rent: "1.8", deposit: "10", state, outcome, started: state === "booked" ? null : at(hours), ended: isOver ? at(hours + 2) : null },
    ...{ minutes: isOver ? 120 : 0, bill: state === "settled" ? "1.2" : "0", refund: state === "settled" ? "10.6" : "0", settles: at(hours + 16) },
    ...{ booked: at(-300), changed: at(-1), tx: hexOf(filled(0x62)), proof: `/v1/bookings/${900 + index}/proof` },
  };
}

function proofOfBooking(index: number): string {
  const one = bookingOf(index, {}) as Record<string, string>;
  const state = ["booked", "running", "ending", "settled"].indexOf(one["state"]!);
  const data = encodeFields(abi, abi.types.get("booking")!, {
    ...{ number: String(one["number"]), asset: String(one["asset"]), owner: one["owner"], renter: one["renter"], renter_key: one["renter_key"] },
    ...{ lock: hexOf(filled(0)), policy_epoch: "0", from_ms: String(Date.parse(one["from"]!)), until_ms: String(Date.parse(one["until"]!)) },
    ...{ price_per_minute: "1", late_cap_minutes: 60, cancel_free_minutes: 1440, cancel_percent: 50, rent: unitsText(one["rent"]), deposit: unitsText(one["deposit"]), state, outcome: 0 },
    ...{ counter: "1", started_ms: "1", ended_ms: "2", minutes: "0", bill: unitsText(one["bill"]), refund: unitsText(one["refund"]) },
    ...{ timer_ms: "0", timer_id: "0", timer_units: "0" },
  } as Parameters<typeof encodeFields>[2]);
  const contract = hash("contract", bytesOfText("sharing"));
  return fileOf(makeProof({ contract, payload: null, topic: "started", data }));
}

const CARRIED = { value: "00", branch: "00" }; // what a lock would refuse: no lock is at hand

const make = (count: number, of: (index: number) => object): object[] => Array.from({ length: count }, (_, i) => of(i));
const countOf = (state: State, usual: number): number => ({ empty: 0, one: 1, thousand: 1000 })[state as string] ?? usual;
const quoteOf = (state: State): object => ({
  ...{ minutes: 60, rent: "0.6", deposit: "10", timer: "0.0125", total: "10.6125", is_free: state !== "one" },
});

interface Asked {
  method: string;
  path: string[]; // behind /v1
  query: URLSearchParams;
}
type Answer = { status: number; body: object | string; next?: string | null };
const fault = (status: number, code: string, detail: string): Answer => ({ status, body: { code, detail } });

function things(path: string[], query: URLSearchParams, state: State): Answer {
  const [, number, part] = path;
  const index = Number(number) - 1;
  const owner = query.get("owner") ?? undefined;
  if (number === undefined) {
    const total = owner ? Math.min(countOf(state, 3), 100) : countOf(state, 5);
    const from = Number(query.get("nextPageToken") ?? 0);
    const to = Math.min(total, from + Number(query.get("perPage") ?? 20));
    return { status: 200, body: { items: make(to - from, (i) => assetOf(from + i, owner)) }, next: to < total ? String(to) : null };
  }
  if (part === "calendar") return { status: 200, body: { items: make(state === "empty" ? 0 : 6, (i) => ({ from: at(30 * i + 1), until: at(30 * i + 5), booking: i % 3 === 2 ? null : 900 + i })) } };
  if (state === "empty") return fault(404, "not_found", "There is nothing here under that name.");
  return { status: 200, body: part === "proof" ? proofOf(index) : assetOf(index) };
}

// Null: it is not of sharing; "never": no answer comes.
export function answerSharing({ path, query }: Asked, state: State): Answer | "never" | null {
  const [first = "", second, part] = path;
  if (!["assets", "bookings", "quotes"].includes(first)) return null;
  if (state === "loading") return "never";
  if (state === "failed") return fault(503, "unavailable", "A part of the server is out of reach. Try again later.");
  if (first === "quotes") return state === "refused" ? fault(422, "CONTRACT_REFUSED", "that time is over") : { status: 200, body: quoteOf(state) };
  if (first === "assets") return things(path, query, state);
  if (second !== undefined) {
    const index = Number(second) - 900;
    if (state === "empty") return fault(404, "not_found", "There is nothing here under that name.");
    if (part === "grant") return { status: 200, body: { grant: CARRIED, policy: CARRIED, height: 1204, time: new Date().toISOString(), header: "00", certificate: "00", witnesses: "00", changes: [] } };
    return { status: 200, body: part === "proof" ? proofOfBooking(index) : bookingOf(index, {}) };
  }
  const [owner, renter] = [query.get("owner"), query.get("renter")];
  const who = { ...(owner ? { owner } : {}), ...(renter ? { renter } : {}) };
  return { status: 200, body: { items: make(Math.min(countOf(state, 5), 100), (i) => bookingOf(i, who)) } };
}
