// SPDX-License-Identifier: Apache-2.0
// What the server tells of the chain, asked for by hooks that follow it: what is on the page stays
// there while it is asked for anew.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Json } from "../lib/abi";
import { createClient } from "../lib/api";
import { onNews } from "../shell/news";

export const client = createClient();
export const PER_PAGE = 20;
const REST_MS = 1000; // between two questions, however fast blocks come

export interface BlockItem {
  height: number;
  id: string;
  time: string;
  epoch: number;
  view: number;
  leader: number;
  transaction_count: number;
  gas_used: number;
}
export interface Block extends BlockItem {
  parent: string;
  tx_root: string;
  receipts_root: string;
  state_root: string;
  history_root: string;
}
export interface TxItem {
  id: string;
  height: number;
  index: number;
  time: string;
  is_timer: boolean;
  sender: string | null;
  action: string;
  action_count: number;
  contract: string | null;
  method: string | null;
  to: string | null; // of a transfer that is all of it
  amount: string | null;
  code: string;
  gas_used: number;
  event_count: number;
}
export interface Action {
  kind: string;
  [member: string]: Json;
}
export interface Told {
  index: number;
  contract: string;
  name: string | null;
  fields: Json;
  data_hex: string;
  proof?: string;
}
export interface Tx extends TxItem {
  message: string;
  contract_message?: string;
  fee?: string;
  payer?: string;
  lane?: number;
  seq?: number;
  valid_until?: number;
  gas_limit?: number;
  gas_price?: number;
  signers?: { role: string; account: string; key: string | null }[];
  actions?: Action[];
  events: Told[];
}
export interface Chain {
  chain_id: string;
  name: string;
  height: number;
  time: string;
  witnesses: number;
  quorum: number;
}
// Why a candidate stands no longer; null: it stands.
export type Left = "resigned" | "absent" | "expelled" | null;
export interface Account {
  address: string;
  units: string;
  next_seq: number;
  authority: { threshold: number; keys: { key: string; weight: number }[] } | null;
  stake: { locked: string; unlocks: { amount: string; ready: string }[] } | null;
  candidate: { key: string; left: Left; punished_in: number | null; commission: number; votes: string } | null;
  votes: string[];
}
export interface ContractItem {
  address: string;
  name: string | null;
  code_hash: string;
  height: number;
  tx: string | null;
}
export interface Contract {
  address: string;
  code_hash: string;
  upgrader: string | null;
  state_bytes: number;
  deposit: string;
}
export interface Witness {
  index: number;
  key: string;
  account: string | null;
  produced: number;
  last_height: number | null;
  votes: string | null;
  commission: number | null;
  left: Left;
  punished_in: number | null; // an epoch
  taken: number; // turns of this epoch
  missed: number;
  silent: number; // blocks of this epoch that it did not sign
  is_absent: boolean; // it would be put out, did the epoch end now
}
export interface Witnesses {
  epoch: number;
  quorum: number;
  named: number; // blocks of this epoch that tell who signed the one before
  view: number; // the next
  leads: number[]; // who leads it and those behind it, each once
  items: Witness[];
}
export interface Candidate {
  address: string;
  key: string;
  is_active: boolean;
  left: Left;
  punished_in: number | null;
  commission: number; // in hundredths of a per cent
  votes: string;
}
export interface EpochItem {
  epoch: number;
  is_over: boolean;
  first_height: number;
  last_height: number;
  end_height: number;
  began: string;
  newest: string;
  blocks: number;
  missed_views: number | null; // null: nobody here knows
  transaction_count: number;
  gas_used: number;
  witnesses: number;
  quorum: number;
  joined: number; // since the epoch before
  left: number;
}
export interface Epoch extends EpochItem {
  members: { index: number; key: string; account: string; commission: number; is_new: boolean }[];
  gone: string[];
}
export interface Peer {
  direction: "in" | "out";
  address_class: "public" | "private";
  version: number;
  height: number;
  connected_s: number;
  latency_us: number | null;
  penalty: number; // of 100
  queued_bytes: number;
  has_all_bodies: boolean;
  gives_snapshots: boolean;
  node: string | null; // of a peer the operator alone is told who it is
  address: string | null;
  is_trusted: boolean | null;
}
export interface Peers {
  is_networked: boolean;
  view: number | null;
  is_syncing: boolean;
  items: Peer[];
}
export interface NodeItem {
  url: string;
  price_per_mib: string;
  height: number;
  is_self: boolean;
}
export interface Nodes {
  chain_id: string;
  items: NodeItem[];
}
export interface Approval {
  approves: "parameters" | "upgrade";
  content: string; // the bytes of it, in hex
  changes: { name: string; now: number; then: number }[];
  contract: string | null;
  code_hash: string | null;
  arguments_hash: string | null;
  takes_effect: { epoch: number; height: number } | null; // null: when somebody brings the code
}
export interface Question extends Approval {
  approvals: number;
  witnesses: { index: number; account: string }[];
}
export interface Ballots {
  epoch: number;
  seats: number;
  quorum: number;
  items: Question[];
  decided: Approval[];
}
export interface Hit {
  kind: string;
  id: string;
  title: string;
  path: string;
}

const CANDIDATE_PAGES = 10; // of 1,000 each, so that a server without an end ends nobody's patience
export async function findCandidates(from: typeof client, signal?: AbortSignal): Promise<Candidate[]> {
  const all: Candidate[] = [];
  let path: string | null = "/v1/candidates?perPage=1000";
  for (let page = 0; path !== null && page < CANDIDATE_PAGES; page++) {
    const found: { items: Candidate[]; next: string | null } = await from.page<Candidate>(path, signal);
    all.push(...found.items);
    path = found.next;
  }
  return all;
}

// --- asking again and again ---

const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, REST_MS));

// Runs `ask` at once, and again with each block while the page is looked at: one at a time, and after
// the last news once more. Returns what ends it.
function follow(ask: () => Promise<void>): () => void {
  let [isBusy, isWanted, isOver] = [false, false, false];
  const run = async (): Promise<void> => {
    isWanted = true;
    if (isBusy) return;
    isBusy = true;
    while (isWanted && !isOver) {
      isWanted = false;
      await ask();
      await rest();
    }
    isBusy = false;
  };
  const look = (): void => void (document.hidden || run());
  const ends = [onNews("block", look), onNews("reset", look)];
  document.addEventListener("visibilitychange", look);
  void run();
  return () => {
    isOver = true;
    document.removeEventListener("visibilitychange", look);
    ends.forEach((end) => end());
  };
}

export interface Loaded<Value> {
  value: Value | null;
  error: unknown;
  reload: () => void;
}
export type Load<Value> = (signal: AbortSignal) => Promise<Value>;

// `key` names what is loaded: another one is another thing. What is live is asked for with each block,
// until it is settled.
export function useLoaded<Value>(
  key: string,
  load: Load<Value>,
  isLive = false,
  isSettled: (value: Value) => boolean = () => false,
): Loaded<Value> {
  const state = useSignal<{ value: Value | null; error: unknown }>({ value: null, error: null });
  const reload = useRef<() => void>(() => undefined);
  useEffect(() => {
    const own = new AbortController();
    const ask = async (): Promise<void> => {
      const { value: known } = state.peek();
      if (known !== null && isSettled(known)) return;
      try {
        const value = await load(own.signal);
        if (!own.signal.aborted) state.value = { value, error: null };
      } catch (error) {
        if (!own.signal.aborted) state.value = { ...state.value, error };
      }
    };
    reload.current = () => {
      state.value = { value: null, error: null };
      void ask();
    };
    state.value = { value: null, error: null };
    const end = isLive ? follow(ask) : void ask();
    return () => {
      own.abort();
      end?.();
    };
  }, [key]);
  return { ...state.value, reload: () => reload.current() };
}

export interface List<Item> {
  items: Item[];
  next: string | null;
  isLoading: boolean;
  error: unknown;
  fresh: ReadonlySet<string>; // the keys of what came while the page was looked at
}
export interface Listed<Item> extends List<Item> {
  more: () => void;
  reload: () => void;
}

// The newest page in front of what is there already; what lies behind a gap goes.
type Newest<Item> = Pick<List<Item>, "items" | "next">;
export function joined<Item>(old: List<Item>, page: Newest<Item>, keyOf: (item: Item) => string): List<Item> {
  const known = new Set(old.items.map(keyOf));
  const added = page.items.filter((item) => !known.has(keyOf(item)));
  const isJoined = old.items.length > 0 && added.length < page.items.length;
  const fresh = new Set(old.items.length > 0 || old.fresh.size > 0 ? added.map(keyOf) : []);
  if (!isJoined) return { ...page, fresh, isLoading: false, error: null };
  return { items: [...added, ...old.items], next: old.next, fresh, isLoading: false, error: null };
}

const EMPTY = { items: [], next: null, isLoading: true, error: null, fresh: new Set<string>() };

export function useList<Item>(path: string, keyOf: (item: Item) => string, isLive = false): Listed<Item> {
  const list = useSignal<List<Item>>(EMPTY);
  const own = useRef<AbortController | null>(null);
  const ask = async (isMore: boolean): Promise<void> => {
    const { signal } = own.current!;
    const before = list.peek();
    if (isMore) list.value = { ...before, isLoading: true, error: null };
    try {
      const page = await client.page<Item>(isMore ? before.next! : path, signal);
      if (signal.aborted) return;
      const known = new Set(list.peek().items.map(keyOf));
      const behind = page.items.filter((item) => !known.has(keyOf(item)));
      list.value = isMore
        ? { ...EMPTY, items: [...list.peek().items, ...behind], next: page.next, isLoading: false }
        : joined(list.peek(), page, keyOf);
    } catch (error) {
      if (!signal.aborted) list.value = { ...list.peek(), isLoading: false, error };
    }
  };
  useEffect(() => {
    const controller = new AbortController();
    own.current = controller;
    list.value = EMPTY;
    const end = isLive ? follow(() => ask(false)) : void ask(false);
    return () => {
      controller.abort();
      end?.();
    };
  }, [path]);
  const reload = (): void => {
    list.value = EMPTY;
    void ask(false);
  };
  return { ...list.value, more: () => void ask(true), reload };
}

// --- names ---

// By what contracts are shown: those of genesis by the names that are theirs alone; what others call
// themselves anybody may, so the end of the address goes with it. Asked for until there are some.
const MOST_NAMES = 100;
const TOLD_APART = 6; // characters
export const nameOf = ({ address, name, height }: ContractItem): string =>
  name && height > 0 ? `${name} …${address.slice(-TOLD_APART)}` : (name ?? "");
let named: Promise<Map<string, string>> | null = null;
export function findNames(): Promise<Map<string, string>> {
  named ??= client
    .page<ContractItem>(`/v1/contracts?perPage=${MOST_NAMES}`)
    .then(({ items }) => {
      if (items.length === 0) named = null;
      return new Map(items.map((item) => [item.address, nameOf(item)]));
    })
    .catch(() => ((named = null), new Map<string, string>()));
  return named;
}
