// SPDX-License-Identifier: Apache-2.0
// From what a person wants done to a transaction that is final: built and signed in this browser, paid
// for by the account or, for its first ones, by the server (/v1/sponsor), then followed to its end. The
// newest of them are kept, so that a closed tab loses sight of none.
import { signal } from "@preact/signals";
import { type Json } from "../lib/abi";
import { idOfAddress } from "../lib/address";
import { ApiError, createClient } from "../lib/api";
import { type Bytes, bytesOfHex, hexOf } from "../lib/bytes";
import { addTexts } from "../lib/i18n";
import { type Action, TX_MAX_BYTES, type TxBody, type TxSignature, encodeBody, encodeTx, signedBytes, txIdOf } from "../lib/tx";
import { chainNow } from "../shell/clock";
import { sendTexts } from "./errors.en";
import { address, sign, wallet } from "./keys";
import { keep, kept } from "./store";

addTexts(sendTexts);

export const client = createClient();
const SENT_KEPT = 100;
const VALID_BLOCKS = 1200n;
const ASK_AGAIN_MS = 3000;

interface ChainInfo {
  chain_id: string;
  height: number;
  min_gas_price: number;
  block_gas_limit: number;
  account_deposit: number;
}
interface AccountInfo {
  units: string;
  next_seq: number;
  votes: string[];
  earned: string;
  stake: { locked: string; unlocks: { amount: string; ready: string }[] } | null;
}
interface Terms {
  payer: string;
  transactions: number;
  gas_limit: number;
  methods: string[];
}
interface TxInfo {
  status: "pending" | "included" | "final" | "failed";
  code?: string;
  message?: string;
  contract_message?: string;
}

export interface Sent {
  id: string;
  what: { kind: "transfer"; to: string; units: string } | { kind: string; name: string };
  state: "pending" | "final" | "failed";
  at: number;
  doneAt: number | null;
  isSponsored: boolean;
  code: string | null; // why it failed
  message: string | null; // the contract's own sentence, or the chain's
}

export const sent = signal<Sent[]>([]); // newest first
export const account = signal<AccountInfo | null>(null);
export const accountError = signal<unknown>(null);
export const terms = signal<Terms | null>(null);

async function askAccount(): Promise<void> {
  const asked = address.value;
  if (!asked) return;
  try {
    const found = await client.get<AccountInfo>(`/v1/accounts/${asked}`);
    if (asked === address.value) [account.value, accountError.value] = [found, null];
  } catch (error) {
    accountError.value = error;
  }
}

// One question at a time, and behind it one for all who ask meanwhile: blocks may come faster than a slow
// line has answers, and what waits in a row tells what was.
let asking: Promise<void> = Promise.resolve();
let behind: Promise<void> | null = null;
export function findAccount(): Promise<void> {
  behind ??= asking.then(() => {
    behind = null;
    return (asking = askAccount());
  });
  return behind;
}

export async function findTerms(): Promise<Terms | null> {
  try {
    terms.value = await client.get<Terms>("/v1/sponsor");
  } catch (error) {
    terms.value = null;
    if (!(error instanceof ApiError) || error.code !== "no_sponsor") throw error;
  }
  return terms.value;
}

// Whether this chain's money is play money, which a faucet gives away.
export const isDevnet = signal(false);
export async function findDevnet(): Promise<void> {
  try {
    await client.get("/v1/devnet");
    isDevnet.value = true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // another chain, or not asked by its address
  }
}
// Done once it is there.
export async function askFaucet(): Promise<void> {
  const wish = JSON.stringify({ address: address.value });
  const { location } = await client.post("/v1/faucet", wish, "application/json");
  const { status, code, message } = await client.get<TxInfo>(`${location}?wait=final`);
  if (status === "failed") throw new ApiError(422, { code: code ?? "", detail: message ?? "" });
  await findAccount();
}

// --- what was sent ---

// Other tabs write there too: one change at a time, of what is there now.
let changes: Promise<void> = Promise.resolve();
function changeSent(change: (list: Sent[]) => Sent[]): Promise<void> {
  changes = changes
    .catch(() => undefined)
    .then(async () => {
      sent.value = change((await kept<Sent[]>("sent")) ?? []).slice(0, SENT_KEPT);
      await keep("sent", sent.value);
    });
  return changes;
}
const update = (id: string, change: Partial<Sent>): Promise<void> =>
  changeSent((list) => list.map((one) => (one.id === id ? { ...one, ...change } : one)));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// To its end; what nobody has heard of any more has failed.
async function follow(id: string, firstMs = 0): Promise<Sent> {
  await pause(firstMs);
  for (;;) {
    try {
      const tx = await client.get<TxInfo>(`/v1/transactions/${id}?wait=final`);
      if (tx.status === "final" || tx.status === "failed") {
        const isFailed = tx.status === "failed";
        await update(id, {
          state: tx.status,
          doneAt: chainNow(),
          code: isFailed ? (tx.code ?? null) : null,
          message: isFailed ? (tx.contract_message ?? tx.message ?? null) : null,
        });
        void findAccount();
        return sent.value.find((one) => one.id === id)!;
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        await update(id, { state: "failed", doneAt: chainNow(), code: "EXPIRED" });
        return sent.value.find((one) => one.id === id)!;
      }
      await pause(ASK_AGAIN_MS);
    }
  }
}

export async function findSent(): Promise<void> {
  sent.value = (await kept<Sent[]>("sent")) ?? [];
  // One at a time: each waits on a connection, and a browser has six of them for a server.
  const pending = sent.value.filter((one) => one.state === "pending");
  void (async () => {
    for (const { id } of pending) await follow(id);
  })();
}

// --- sending ---

export interface Wish {
  actions: Action[];
  gasLimit: bigint;
  what: Sent["what"];
}

const valueOf = (actions: Action[]): bigint =>
  actions.reduce((sum, one) => sum + (one.kind === "transfer" ? one.amount : one.kind === "call" ? one.value : 0n), 0n);

// The most that it may cost beside what it moves.
export const feeOf = (gasLimit: bigint, chain: ChainInfo, nextSeq: number): bigint =>
  gasLimit * BigInt(chain.min_gas_price) + (nextSeq === 0 ? BigInt(chain.account_deposit) : 0n);

export const findChain = (): Promise<ChainInfo> => client.get<ChainInfo>("/v1/chain");

// Whether the server would pay for it, but for its budget.
function isOffered(actions: Action[], own: AccountInfo, offered: Terms | null): offered is Terms {
  const [only, ...more] = actions;
  const isNamed = only?.kind === "call" && more.length === 0 && (offered?.methods.includes(only.method) ?? false);
  return offered !== null && isNamed && valueOf(actions) === 0n && own.next_seq < offered.transactions;
}

// Who pays: the account if it can, else the server if these are its terms. Throws CANNOT_PAY_GAS.
async function choosePayer(wish: Wish, chain: ChainInfo, own: AccountInfo): Promise<Bytes | null> {
  const needed = valueOf(wish.actions) + feeOf(wish.gasLimit, chain, own.next_seq);
  if (BigInt(own.units) >= needed) return null;
  const offered = valueOf(wish.actions) === 0n ? await findTerms() : null;
  if (offered && own.next_seq < offered.transactions && wish.gasLimit <= BigInt(offered.gas_limit))
    return idOfAddress(offered.payer);
  throw new ApiError(422, { code: valueOf(wish.actions) > 0n ? "INSUFFICIENT_FUNDS" : "CANNOT_PAY_GAS" });
}

type Parties = Pick<TxBody, "sender" | "payer">;
const bodyOf = (wish: Pick<Wish, "actions" | "gasLimit">, chain: ChainInfo, own: AccountInfo, parties: Parties): Bytes =>
  encodeBody({
    ...parties,
    lane: 0,
    seq: BigInt(own.next_seq),
    validUntil: BigInt(chain.height) + VALID_BLOCKS,
    gasLimit: wish.gasLimit,
    gasPrice: BigInt(chain.min_gas_price),
    actions: wish.actions,
  });

// --- trying ---

export interface Preview {
  code: string;
  message: string;
  contract_message?: string;
  gas_used: number;
  fee: string;
  events: { index: number; contract: string; name: string | null; fields: Json; data_hex: string }[];
}
const TRY_LEAST_GAS = 100_000n; // with less than this a refusal would only say that it is too little
// The state may be another one when it runs: a quarter more than was needed, and some.
const roomFor = (gasUsed: number): bigint => (BigInt(gasUsed) * 5n) / 4n + 20_000n;

// The most gas that the account could pay for itself.
function ownGas(actions: Action[], chain: ChainInfo, own: AccountInfo): bigint {
  const left = BigInt(own.units) - valueOf(actions) - (own.next_seq === 0 ? BigInt(chain.account_deposit) : 0n);
  const most = BigInt(chain.block_gas_limit);
  const gas = chain.min_gas_price > 0 ? left / BigInt(chain.min_gas_price) : most;
  return gas < most ? gas : most;
}

// What these would do in the next block, without doing it, and the gas to allow them.
export async function tryOut(actions: Action[]): Promise<{ outcome: Preview; gasLimit: bigint; isSponsored: boolean }> {
  const [chain, own, offered] = await Promise.all([
    findChain(),
    client.get<AccountInfo>(`/v1/accounts/${address.value}`),
    findTerms(),
  ]);
  const { value } = wallet;
  if (!value) throw new Error("no wallet");
  const gas = ownGas(actions, chain, own);
  const sponsor = isOffered(actions, own, offered) && gas < BigInt(offered.gas_limit) ? offered : null;
  const payer = sponsor && idOfAddress(sponsor.payer);
  const most = sponsor ? BigInt(sponsor.gas_limit) : gas > TRY_LEAST_GAS ? gas : TRY_LEAST_GAS;
  const body = bodyOf({ actions, gasLimit: most }, chain, own, { sender: value.account, payer });
  // As large as it will be; nobody verifies it.
  const blank = (role: TxSignature["role"], key: Bytes | null) => ({ role, keyIndex: 0, key, signature: new Uint8Array(64) });
  const signatures = [blank("sender", value.publicKey), ...(payer ? [blank("payer", value.publicKey)] : [])];
  const encoded = encodeTx(body, signatures);
  if (encoded.length > TX_MAX_BYTES) throw new ApiError(413, { code: "TOO_LARGE" });
  const { body: outcome } = await client.post<Preview>("/v1/simulate", encoded, "application/octet-stream");
  const wished = roomFor(outcome.gas_used);
  const gasLimit = wished < most ? wished : most;
  // Who can pay does, once it is known how much: as choosePayer has it.
  const isSponsored = sponsor !== null && BigInt(own.units) < valueOf(actions) + feeOf(gasLimit, chain, own.next_seq);
  return { outcome, gasLimit, isSponsored };
}

// --- signing ---

interface Accepted {
  sent: Sent;
  end: Promise<Sent>;
}
async function submit(wish: Wish): Promise<Accepted> {
  const [chain, own] = await Promise.all([findChain(), client.get<AccountInfo>(`/v1/accounts/${address.value}`)]);
  const { value } = wallet;
  if (!value) throw new Error("no wallet");
  const payer = await choosePayer(wish, chain, own);
  const body = bodyOf(wish, chain, own, { sender: value.account, payer });
  const id = txIdOf(body);
  const signature = await sign(signedBytes(id, bytesOfHex(chain.chain_id)));
  const encoded = encodeTx(body, [{ role: "sender", keyIndex: 0, key: value.publicKey, signature }]);
  if (encoded.length > TX_MAX_BYTES) throw new ApiError(413, { code: "TOO_LARGE" });
  let isHeard = true;
  try {
    await client.post(payer ? "/v1/sponsor" : "/v1/transactions", encoded, "application/octet-stream");
  } catch (error) {
    // Without an answer it may be on its way all the same: never sent again, but looked for.
    if (!(error instanceof ApiError) || error.status !== 0) throw error;
    isHeard = false;
  }
  const one: Sent = {
    id: hexOf(id),
    what: wish.what,
    state: "pending",
    at: chainNow(),
    doneAt: null,
    isSponsored: payer !== null,
    code: null,
    message: null,
  };
  await changeSent((list) => [one, ...list]);
  return { sent: one, end: follow(one.id, isHeard ? 0 : ASK_AGAIN_MS) };
}

// Accepted, and how it ends. Throws an ApiError when it is not even accepted.
export async function transact(wish: Wish): Promise<Accepted> {
  try {
    return await submit(wish);
  } catch (error) {
    // Another tab, or another device, was faster with this number.
    const isRace = error instanceof ApiError && (error.code === "WRONG_NONCE" || error.code === "NONCE_GAP");
    if (!isRace) throw error;
    return submit(wish);
  }
}
