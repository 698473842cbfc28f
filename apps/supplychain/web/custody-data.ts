// SPDX-License-Identifier: Apache-2.0
// Custody as the server tells it, and its calls: signed by the wallet of this browser, or by the
// server for whoever has its key.
import { computed, effect, signal } from "@preact/signals";
import { idOfAddress } from "../../../web/lib/address";
import { ApiError } from "../../../web/lib/api";
import { type Bytes, bytesOfText, concat } from "../../../web/lib/bytes";
import { hash } from "../../../web/lib/hash";
import { prefixed, id as fixedId, u32, u64 } from "../../../web/lib/writer";
import { address, findWallet, wallet } from "../../../web/wallet/keys";
import { account, findAccount, findDevnet, findTerms, isDevnet, terms, transact, tryOut } from "../../../web/wallet/send";
import { apiKey, client, findDemoKey } from "./api";
import { identify } from "./epcis";
import type { Bounds } from "./measures";

export interface Moment {
  time: string;
  value_milli: number;
}
export interface Condition extends Bounds {
  property: string;
  readings: number;
  is_out: boolean;
  last: Moment | null;
  worst: Moment | null;
}
export interface Shipment {
  id: number;
  epc: string;
  quantity_milli: number;
  uom: string;
  offered_milli: number;
  state: "at_rest" | "under_way" | "arrived";
  origin: string;
  custodian: string;
  shipper: string | null;
  destination: string | null;
  registered: string;
  departed: string | null;
  arrived: string | null;
  alarms: number;
  journey: number | null; // its last
  journey_alarms: number; // of that
  parent: number | null;
  event?: string | null; // of one that is asked for by itself
  rules?: (Condition & { rule: number })[];
}
export interface HandOver {
  id: number;
  shipment: number;
  part: number | null;
  epc: string;
  quantity_milli: number;
  uom: string;
  from: string;
  to: string;
  state: "offered" | "accepted" | "refused" | "withdrawn";
  offered: string;
  closed: string | null;
  alarms: number; // of the journey, at the offer
  alarms_now: number;
  alarms_earlier: number; // of journeys before
  conditions: Condition[];
  reason: string;
}
export interface Journey {
  shipment: number;
  journey: number;
  shipper: string;
  destination: string;
  departed: string;
  arrived: string | null;
  rules?: (Condition & { rule: number })[]; // of one that is asked for by itself
}
export interface Measured {
  journey: number;
  rule: number;
  property: string;
  uom: string;
  time: string;
  value_milli: number;
  signed: boolean;
  late: boolean; // brought after a later one of its source
  custodian: string;
}
export interface Alarm extends Measured {
  alarm: number;
  min_milli: number | null;
  max_milli: number | null;
}

// ---- who acts

export type Actor = "key" | "wallet";
export const chosen = signal<Actor | null>(null);
const serverAddress = signal("");
export const actors = computed<Actor[]>(() => [
  ...(apiKey.value && serverAddress.value ? ["key" as const] : []),
  ...(wallet.value ? ["wallet" as const] : []),
]);
export const actor = computed<Actor | null>(() =>
  chosen.value && actors.value.includes(chosen.value) ? chosen.value : (actors.value[0] ?? null),
);
export const me = computed(() => (actor.value === "wallet" ? address.value : actor.value ? serverAddress.value : ""));

// The account that the server signs for: a devnet tells it, elsewhere the one that pays for newcomers.
async function findServer(): Promise<void> {
  try {
    const devnet = await client.get<{ accounts: { role: string; address: string }[] }>("/v1/devnet");
    serverAddress.value = devnet.accounts.find(({ role }) => role === "server")?.address ?? "";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const terms = await client.get<{ payer: string }>("/v1/sponsor").catch(() => null);
    serverAddress.value = terms?.payer ?? "";
  }
}

// Whether a deed by the wallet waits for money: on a trial network, where it is given away, when the
// server does not pay for it, as its terms say or as it has said (`isRefused`).
const isLooked = signal(false);
effect(() => {
  if (!wallet.value) return;
  void Promise.allSettled([findAccount(), findTerms(), findDevnet()]).then(() => (isLooked.value = true));
});
const NO_MONEY = ["CANNOT_PAY_GAS", "INSUFFICIENT_FUNDS", "sponsor_budget_spent", "no_sponsor", "outside_terms"];
export function lacksMoney(method: Deed["method"], error: unknown): boolean {
  if (actor.value !== "wallet" || !isLooked.value || !isDevnet.value || account.value?.units !== "0") return false;
  if (error instanceof ApiError && NO_MONEY.includes(error.code)) return true;
  return !terms.value?.methods.includes(method) || account.value.next_seq >= terms.value.transactions;
}

export const whoIsThere = Promise.allSettled([findWallet(), findDemoKey(), findServer()]);

// ---- what they do

export interface Deed {
  method: "offer" | "accept" | "refuse" | "withdraw";
  path: string;
  body: object;
  given: Bytes; // the contract's arguments
  name: string; // for the wallet's list
}

// `alarms`: of the journey, as the person has seen them.
export const accepting = (one: HandOver, alarms: number): Deed => ({
  method: "accept",
  path: `/v1/hand-overs/${one.id}/accept`,
  body: { alarms },
  given: concat(u64(BigInt(one.id)), u32(alarms)),
  name: nameOf(one.epc),
});
export const refusing = (one: HandOver, reason: string): Deed => ({
  method: "refuse",
  path: `/v1/hand-overs/${one.id}/refuse`,
  body: { reason },
  given: concat(u64(BigInt(one.id)), prefixed(bytesOfText(reason))),
  name: nameOf(one.epc),
});
export const withdrawing = (one: HandOver): Deed => ({
  method: "withdraw",
  path: `/v1/hand-overs/${one.id}/withdraw`,
  body: {},
  given: u64(BigInt(one.id)),
  name: nameOf(one.epc),
});
export const offering = (one: Shipment, quantity_milli: number, to: string): Deed => ({
  method: "offer",
  path: "/v1/hand-overs",
  body: { shipment: one.id, quantity_milli, to },
  given: concat(u64(BigInt(one.id)), u64(BigInt(quantity_milli)), fixedId(idOfAddress(to))),
  name: nameOf(one.epc),
});

interface TxInfo {
  status: "pending" | "included" | "final" | "failed";
  code?: string;
  message?: string;
  contract_message?: string;
}
const failureOf = (code: string | null | undefined, message: string | null | undefined): ApiError =>
  new ApiError(422, { code: code ?? "failed", ...(message ? { contract_message: message } : {}) });

async function sendByKey({ path, body }: Deed): Promise<void> {
  const { location } = await client.post(path, JSON.stringify(body), "application/json");
  for (;;) {
    const tx = await client.get<TxInfo>(`${location ?? ""}?wait=final`);
    if (tx.status === "failed") throw failureOf(tx.code, tx.contract_message ?? tx.message);
    if (tx.status === "final") return;
  }
}

// Tried first: a refusal comes before anything is paid, and no more gas is set aside than it takes.
async function sendByWallet({ method, given, name }: Deed): Promise<void> {
  const contract = hash("contract", bytesOfText("supplychain"));
  const actions = [{ kind: "call" as const, contract, method, arguments: given, value: 0n }];
  const { outcome, gasLimit } = await tryOut(actions);
  if (outcome.code !== "OK") throw failureOf(outcome.code, outcome.contract_message ?? outcome.message);
  const { end } = await transact({ actions, gasLimit, what: { kind: method, name } });
  const { state, code, message } = await end;
  if (state === "failed") throw failureOf(code, message);
}

// Returns once it is final; throws an ApiError when it is refused.
export const perform = (deed: Deed): Promise<void> => (actor.value === "wallet" ? sendByWallet(deed) : sendByKey(deed));

// ---- words

export const nameOf = (epc: string): string => identify(epc).short;
export const milliOf = (text: string): number | null => {
  const match = /^(\d{1,12})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  return match ? Number(match[1]) * 1000 + Number((match[2] ?? "").padEnd(3, "0")) : null;
};
