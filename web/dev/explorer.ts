// SPDX-License-Identifier: Apache-2.0
// What the stand-in tells of its chain: blocks, transactions of every kind, accounts, a contract that
// describes itself with every type, witnesses. In the forms of the server's own REST (openapi.json).
import { addressOf } from "../lib/address";
import { bytesOfText, hexOf } from "../lib/bytes";
import { filled } from "../test/support";
import { CHAIN } from "./fixtures";
import type { State } from "./mock";

const [ALICE, BOB, SHOP] = [addressOf(filled(0x11)), addressOf(filled(0x12)), addressOf(filled(0x71))];
const SUPPLYCHAIN = addressOf(filled(0x3c));
const hashOf = (n: number): string => hexOf(filled(n & 255)).replace(/^.{8}/, n.toString(16).padStart(8, "0"));
const timeOf = (height: number): string => new Date(Date.now() - (CHAIN.height - height) * 3100 - 1200).toISOString();

export const EVERY_TYPE = {
  name: "every-type",
  types: {
    line: [["item", "string"], ["amount", "u32"], ["is_paid", "bool"]],
    endless: [["more", "endless"]],
  },
  methods: {
    order: { arguments: [["buyer", "account"], ["lines", "vec<line>"], ["note", "option<string>"], ["urgent", "bool"]] },
    pay: { arguments: [["order", "u64"], ["receipt", "hash"], ["memo", "bytes"]] },
    nest: { arguments: [["value", "endless"]] },
  },
  views: {
    owner: { arguments: [], returns: "account" },
    order_at: { arguments: [["number", "u64"]], returns: "option<line>" },
  },
  events: {},
  errors: { "1": "there is no such order", "2": "the order is paid already" },
};

const DOCUMENT = '{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0"}';
const entry = (n: number) => ({ flags: 2, event_hash: hashOf(n), id_hash: hashOf(n + 1), body_hash: hashOf(n + 2) });

interface Kind {
  action: string;
  sender?: string | null;
  contract?: string;
  method?: string;
  code?: string;
  count?: number;
}
const KINDS: Kind[] = [
  { action: "call", contract: SUPPLYCHAIN, method: "capture" },
  { action: "transfer" },
  { action: "call", contract: SUPPLYCHAIN, method: "stage", code: "CONTRACT_REFUSED" },
  { action: "timer", sender: null, contract: SHOP },
  { action: "deploy", contract: SHOP },
  { action: "vote", count: 3 },
  { action: "call", contract: SHOP, method: "order_with_a_name_that_is_as_long_as_a_name_may_be" },
];

function txOf(index: number) {
  const { action, sender = index % 2 ? BOB : ALICE, contract = null, method = null, code = "OK", count = 1 } = KINDS[index % KINDS.length]!;
  const height = CHAIN.height - index;
  return {
    id: hashOf(0xa0000000 + index),
    height,
    index: 0,
    time: timeOf(height),
    is_timer: action === "timer",
    sender,
    action,
    action_count: action === "timer" ? 0 : count,
    contract,
    method,
    to: action === "transfer" ? (sender === ALICE ? BOB : ALICE) : null,
    amount: action === "transfer" ? `${1250 + index}.5` : null,
    code,
    gas_used: 184_201 + 977 * index,
    event_count: action === "call" && code === "OK" ? 1 : 0,
  };
}

const job = hashOf(7);
const capturing = { kind: "call", contract: SUPPLYCHAIN, method: "capture", amount: "0" };
const told = [
  { index: 0, contract: SUPPLYCHAIN, name: "captured", fields: { job, first: 0, entries: [entry(1), entry(2)] }, data_hex: hexOf(filled(0x41)).repeat(3), proof: "/v1/transactions/x/events/0/proof" },
];
const ACTIONS: Record<string, object[]> = {
  call: [
    {
      ...capturing,
      arguments: { job, document: hexOf(bytesOfText(DOCUMENT)), entries: Array.from({ length: 7 }, (_, i) => entry(i)) },
      arguments_hex: job + hexOf(bytesOfText(DOCUMENT)),
    },
  ],
  transfer: [{ kind: "transfer", to: ALICE, amount: "1250.5" }],
  deploy: [{ kind: "deploy", contract: SHOP, upgrader: ALICE, code_bytes: 18_204, arguments: null, arguments_hex: "00ff" }],
  vote: [
    { kind: "vote", candidates: [ALICE, BOB] },
    { kind: "lock_stake", amount: "20000" },
    { kind: "register_candidate", key: hashOf(3), commission: 1000 },
  ],
};

function decodedOf(index: number, state: State) {
  const tx = txOf(state === "refused" ? 2 : index);
  const isRefused = tx.code !== "OK";
  const signed = {
    fee: "0.00184201",
    payer: tx.action === "call" ? SHOP : tx.sender,
    lane: 0,
    seq: 41,
    valid_until: tx.height + 1200,
    gas_limit: 12_000_000,
    gas_price: 1,
    signers: [
      { role: "sender", account: tx.sender, key_index: 0, key: hashOf(9) },
      { role: "payer", account: SHOP, key_index: 0, key: null },
    ],
    actions: ACTIONS[tx.action] ?? [{ kind: tx.action }],
  };
  return {
    ...tx,
    message: isRefused ? "the contract refused; its own code says why" : "Done.",
    contract_code: isRefused ? 5 : 0,
    ...(isRefused ? { contract_message: "chunks must come in order, and at most 1,024 of them" } : {}),
    ...(tx.is_timer ? {} : signed),
    events: tx.event_count > 0 ? told : [],
  };
}

const countOf = (state: State): number => ({ empty: 0, one: 1 })[state as string] ?? 1000;

interface Page {
  items: object[];
  next: number | null;
}
function pageOf(query: URLSearchParams, total: number, make: (index: number) => object): Page {
  const from = Number(query.get("nextPageToken") ?? 0);
  const to = Math.min(total, from + Number(query.get("perPage") ?? 20));
  const items = Array.from({ length: Math.max(0, to - from) }, (_, i) => make(from + i));
  return { items, next: to < total ? to : null };
}

const blockOf = (height: number) => ({
  height,
  id: hashOf(height),
  time: timeOf(height),
  epoch: 0,
  view: height + 1,
  leader: height % 4,
  transaction_count: height % 3,
  gas_used: (height % 3) * 184_201,
  parent: hashOf(height - 1),
  tx_root: hashOf(height + 11),
  receipts_root: hashOf(height + 12),
  state_root: hashOf(height + 13),
  history_root: hashOf(height + 14),
});

// Beside what a wallet asks of it.
export function accountMore(state: State): object {
  const isRich = state === "thousand";
  return {
    authority: isRich ? { threshold: 2, keys: [{ key: hashOf(1), weight: 1 }, { key: hashOf(2), weight: 1 }] } : null,
    stake: isRich ? { locked: "20000", unlocks: [{ amount: "150.25", ready: new Date(Date.now() + 8e8).toISOString() }] } : null,
    candidate: isRich ? { key: hashOf(3), left: "expelled", punished_in: 7, commission: 1050, votes: "120000" } : null,
    votes: isRich ? [candidateOf(0).address, candidateOf(7).address] : state === "one" ? [candidateOf(0).address] : [],
    earned: isRich ? "1284.06250117" : "0",
  };
}

const CONTRACTS = [
  { address: SHOP, name: EVERY_TYPE.name, code_hash: hashOf(21), height: 941, tx: hashOf(22) },
  { address: SUPPLYCHAIN, name: "supplychain", code_hash: hashOf(23), height: 0, tx: null },
  { address: BOB, name: null, code_hash: hashOf(24), height: 12, tx: hashOf(25) },
];
const contractOf = (address: string) => ({ address, code_hash: hashOf(23), upgrader: address === SHOP ? ALICE : null, state_bytes: 48_204, deposit: "4.8204" });

// The more votes the higher; some have left, one of them without its voters.
function candidateOf(index: number) {
  const left = index % 11 === 7 ? "resigned" : index % 13 === 5 ? "expelled" : null;
  return {
    address: addressOf(filled((0x21 + index) & 255).map((byte, i) => (i === 31 ? index >> 8 : byte))),
    key: hashOf(0xb0 + index),
    is_active: left === null,
    left,
    punished_in: index % 13 === 5 ? 3 : null,
    commission: [1000, 0, 2550, 10_000][index % 4]!,
    votes: `${Math.max(0, 48_000_000 - 46_137 * index)}.5`,
  };
}
const EPOCH_NOW = 1012;
function epochOf(index: number) {
  const epoch = EPOCH_NOW - index;
  const blocks = index === 0 ? 84 : 120;
  const time = (behind: number): string => new Date(Date.now() - behind * 60_000).toISOString();
  return {
    epoch,
    is_over: index > 0,
    first_height: epoch * 120,
    last_height: epoch * 120 + blocks - 1,
    end_height: epoch * 120 + 119,
    began: time(index + 1),
    newest: time(index),
    blocks,
    missed_views: index === 5 ? null : index % 3 === 1 ? 4 : 0,
    transaction_count: 341 + 17 * index,
    gas_used: 184_201 * blocks,
    witnesses: 101,
    quorum: 68,
    joined: index % 4 === 2 ? 3 : 0,
    left: index % 4 === 2 ? 2 : 0,
    proof: `/v1/blocks/${epoch * 120 + blocks - 1}/proof`,
  };
}
const membersOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ index, key: hashOf(0xb0 + index), account: candidateOf(index).address, commission: candidateOf(index).commission, is_new: index === 2 }));
const peerOf = (index: number, isWhole: boolean) => ({
  direction: index % 3 === 0 ? "out" : "in",
  address_class: index % 5 === 0 ? "private" : "public",
  version: 1,
  height: CHAIN.height - (index % 4),
  connected_s: 61 * (index + 1) ** 2,
  latency_us: index === 3 ? null : 240 + 5170 * index,
  penalty: index === 4 ? 55 : 0,
  queued_bytes: 0,
  has_all_bodies: index % 2 === 0,
  gives_snapshots: false,
  node: isWhole ? hashOf(0xc0 + index) : null,
  address: isWhole ? `192.0.2.${index + 1}:7000` : null,
  is_trusted: isWhole ? index < 2 : null,
  bytes_in: isWhole ? 91_204 : null,
  bytes_out: isWhole ? 18_204 : null,
});
const NODES = [
  { url: "http://127.0.0.1:8701", price_per_mib: "0.25", height: CHAIN.height, is_self: true },
  { url: "https://node-with-a-name-that-is-rather-long.energy.example.org:8443", price_per_mib: "0", height: CHAIN.height - 1, is_self: false },
  { url: "https://two.example.org", price_per_mib: "0.00000012", height: CHAIN.height, is_self: false },
];
const PEER_COUNT: Record<string, number> = { one: 1, thousand: 64 };

function epochs([, id]: string[], query: URLSearchParams, state: State): Answered {
  if (id === undefined) return listed(pageOf(query, countOf(state), epochOf));
  const index = EPOCH_NOW - Number(id);
  if (state === "empty" || !(index >= 0)) return ABSENT;
  return ok({ ...epochOf(index), members: membersOf(state === "one" ? 4 : 101), gone: state === "one" ? [] : [ALICE, BOB] });
}
function candidates(query: URLSearchParams, state: State): Answered {
  return listed(pageOf(query, state === "one" ? 1 : countOf(state), candidateOf));
}
// Without a network where there is nothing to show.
function peers(state: State): Answered {
  const isNetworked = state !== "empty";
  const items = Array.from({ length: isNetworked ? (PEER_COUNT[state] ?? 6) : 0 }, (_, i) => peerOf(i, state === "refused"));
  return ok({ is_networked: isNetworked, view: isNetworked ? 1210 : null, is_syncing: state === "stale", node: null, items });
}
const nodes = (state: State): Answered => ok({ chain_id: CHAIN.chain_id, items: state === "empty" ? [] : NODES.slice(0, state === "one" ? 1 : 3) });

// As many as a chain may have where there is a thousand of all else.
function witnesses(state: State): Answered {
  const count = state === "empty" ? 0 : state === "one" ? 1 : state === "thousand" ? 101 : CHAIN.witnesses;
  const leads = Array.from({ length: count }, (_, i) => (i + 2) % count);
  const items = Array.from({ length: count }, (_, i) => ({
    index: i,
    key: hashOf(0xb0 + i),
    account: addressOf(filled(0x21 + i)),
    produced: [340, 301, 299, 264][i % 4],
    last_height: i === 3 ? null : CHAIN.height - i,
    votes: i % 8 === 1 || i === 3 ? null : `${48_120_000 - 70_007 * i}.5`,
    commission: i % 8 === 1 || i === 3 ? null : [1000, 250, 0, 10_000][i % 4],
    left: i === 1 ? "expelled" : i === 3 ? "absent" : i % 8 === 1 ? "resigned" : null,
    punished_in: i === 1 || i === 2 ? 7 : null,
    taken: [30, 28, 30, 2][i % 4],
    missed: [0, 2, 0, 28][i % 4],
    silent: [0, 3, 1, 80][i % 4],
    is_absent: i === 2,
  }));
  return ok({ epoch: 0, quorum: Math.floor((2 * count) / 3) + 1, named: 119, view: CHAIN.height + 4, leads, items });
}

const hashed = { contract: null, code_hash: null, arguments_hash: null };
const changed = {
  ...hashed,
  approves: "parameters",
  content: "01aa",
  changes: [
    { name: "min_gas_price", now: 1, then: 3 },
    { name: "block_gas_limit", now: 100_000_000, then: 250_000_000 },
  ],
  takes_effect: { epoch: 11, height: 1320 },
};
const upgrade = {
  approves: "upgrade",
  content: "02aa",
  changes: [],
  contract: SUPPLYCHAIN,
  code_hash: hashOf(23),
  arguments_hash: hashOf(29),
  takes_effect: null,
};
const approvers = [0, 2].map((index) => ({ index, account: addressOf(filled(0x21 + index)) }));
const BALLOTS = {
  epoch: 10,
  seats: CHAIN.witnesses,
  quorum: CHAIN.quorum,
  items: [
    { ...changed, witnesses: approvers, approvals: 2 },
    { ...upgrade, witnesses: approvers.slice(0, 1), approvals: 1 },
  ],
  decided: [{ ...changed, content: "01ab", changes: [{ name: "min_witnesses", now: 4, then: 5 }] }],
};

function ballots(state: State): Answered {
  if (state === "empty") return ok({ ...BALLOTS, items: [], decided: [] });
  if (state === "one") return ok({ ...BALLOTS, items: BALLOTS.items.slice(0, 1), decided: [] });
  const items = Array.from({ length: state === "thousand" ? 24 : 2 }, (_, i) => ({ ...BALLOTS.items[i % 2]!, content: hashOf(i) }));
  return ok({ ...BALLOTS, items });
}

const HITS = [
  { kind: "transaction", id: hashOf(0xa0000000), title: hashOf(0xa0000000), path: `/explorer/transactions/${hashOf(0xa0000000)}` },
  { kind: "block", id: "42", title: "Block 42", path: "/explorer/blocks/42" },
  { kind: "contract", id: SUPPLYCHAIN, title: "supplychain", path: `/explorer/contracts/${SUPPLYCHAIN}` },
  { kind: "epc", id: "x", title: "urn:epc:id:sgtin:9521321.012345.7", path: "/?epc=x" },
];

export interface Answered {
  status: number;
  body: object | string;
  next?: number | null; // the token of the next page
}
const ok = (body: object | string): Answered => ({ status: 200, body });
const listed = ({ items, next }: Page): Answered => ({ status: 200, body: { items }, next });
const problem = (status: number, code: string, detail: string, more: object = {}): Answered => ({
  status,
  body: { title: code, status, code, detail, request_id: "7f3c9a21", ...more },
});
const ABSENT = problem(404, "not_found", "There is nothing here under that name.");

function tried(state: State): Answered {
  const isRefused = state === "refused";
  return ok({
    height: CHAIN.height,
    code: isRefused ? "CONTRACT_REFUSED" : "OK",
    message: isRefused ? "the contract refused; its own code says why" : "Done.",
    contract_code: isRefused ? 2 : 0,
    ...(isRefused ? { contract_message: EVERY_TYPE.errors["2"] } : {}),
    gas_used: 214_310,
    fee: "0.0021431",
    actions: [],
    events: isRefused ? [] : told,
  });
}

interface Asked {
  method: string;
  path: string[]; // behind /v1
  query: URLSearchParams;
}

function transactions([, id, last]: string[], query: URLSearchParams, state: State): Answered {
  if (id === undefined) return listed(pageOf(query, countOf(state), txOf));
  const index = parseInt(id.slice(0, 8), 16) - 0xa0000000;
  if (state === "empty") return last === "decoded" ? ABSENT : ok({ id, status: "pending" });
  return index >= 0 && index < 1000 ? ok(decodedOf(index, state)) : ABSENT;
}
function blocks([, id, last]: string[], query: URLSearchParams, state: State): Answered {
  if (id === undefined) return listed(pageOf(query, countOf(state), (i) => blockOf(CHAIN.height - i)));
  const height = Number(id);
  if (state === "empty" || height < 1 || height > CHAIN.height) return ABSENT;
  return last === undefined ? ok(blockOf(height)) : listed(pageOf(query, height % 3, (i) => ({ ...txOf(i), height })));
}
function contracts({ method, path, query }: Asked, state: State): Answered {
  const [, address, part] = path;
  if (address === undefined) return listed(pageOf(query, state === "thousand" ? 60 : state === "empty" ? 0 : state === "one" ? 1 : 3, (i) => CONTRACTS[i % 3]!));
  if (part === undefined) return state === "empty" ? ABSENT : ok(contractOf(address));
  if (part === "abi") return address === BOB ? ABSENT : ok(JSON.stringify(EVERY_TYPE));
  if (method !== "POST") return ABSENT;
  if (state === "refused")
    return problem(422, "CONTRACT_REFUSED", "the contract refused; its own code says why", { contract_code: "1", contract_message: EVERY_TYPE.errors["1"] });
  return ok({ result: null, result_hex: path[3] === "owner" ? hexOf(filled(0x11)) : `0106000000636f666665650c00000001` });
}

// Null: nothing of the explorer's. What a page would wait for in vain is "never".
export function answerExplorer(asked: Asked, state: State): Answered | "never" | null {
  const { path, query, method } = asked;
  const [first = ""] = path;
  if (!["transactions", "blocks", "contracts", "witnesses", "candidates", "epochs", "peers", "nodes", "ballots", "search", "simulate"].includes(first)) return null;
  if (first === "transactions" && (method === "POST" || query.has("wait"))) return null;
  if (state === "loading") return "never";
  if (state === "failed") return problem(503, "unavailable", "A part of the server is out of reach. Try again later.");
  if (first === "transactions") return transactions(path, query, state);
  if (first === "blocks") return blocks(path, query, state);
  if (first === "contracts") return contracts(asked, state);
  if (first === "witnesses") return witnesses(state);
  if (first === "candidates") return candidates(query, state);
  if (first === "epochs") return epochs(path, query, state);
  if (first === "peers") return peers(state);
  if (first === "nodes") return nodes(state);
  if (first === "ballots") return ballots(state);
  if (first === "simulate") return tried(state);
  if (state === "refused") return problem(400, "invalid_query", "q is what to look for, of 512 bytes at most.");
  return ok({ items: HITS.slice(0, state === "empty" ? 0 : 4) });
}

export const SHOWN = { epoch: EPOCH_NOW - 2, tx: hashOf(0xa0000000), account: ALICE, contract: SHOP, height: CHAIN.height - 5 };
