// SPDX-License-Identifier: Apache-2.0
// What a member sees of the firm, and changes: members, API keys, the log.
import { signal } from "@preact/signals";
import { type Role, get, getPage, may, send, session } from "./session";

export interface Limits {
  transaction: string | null;
  day: string | null;
  total: string | null;
}
interface Spender {
  signer: string; // the account that signs for it
  limits: Limits | null;
  spent: { today: string; total: string } | null;
}
export interface Member extends Spender {
  address: string;
  name: string;
  role: Role;
}
export interface Key extends Spender {
  id: string;
  name: string;
  scopes: string[];
  created: string;
  revoked: string | null;
  expires: string | null;
}
export interface Signer {
  name: string;
  address: string;
}
export interface Line {
  time: string;
  actor: string;
  action: string;
  subject: string;
  detail: string;
}

// null: not looked up yet.
export const members = signal<Member[] | null>(null);
export const keys = signal<Key[] | null>(null);
export const signers = signal<Signer[]>([]);
export const lines = signal<Line[] | null>(null);
export const earlier = signal<string | null>(null); // the log's next page
export const error = signal<unknown>(null);

const PAGES = 20; // of 1000, which is more than there may be

async function all<Item>(path: string): Promise<Item[]> {
  const found: Item[] = [];
  let next: string | null = path;
  for (let page = 0; next && page < PAGES; page++) {
    const { items, next: more }: { items: Item[]; next: string | null } = await getPage<Item>(next);
    found.push(...items);
    next = more;
  }
  return found;
}

export async function findAll(): Promise<void> {
  error.value = null;
  try {
    const [team, made, log, accounts] = await Promise.all([
      may("audit") ? all<Member>("/v1/members?perPage=1000") : [],
      may("admin") ? all<Key>("/v1/keys?perPage=1000") : [],
      may("audit") ? getPage<Line>("/v1/audit?perPage=20") : { items: [], next: null },
      may("audit") ? getPage<Signer>("/v1/signers") : { items: [] },
    ]);
    signers.value = accounts.items;
    [members.value, keys.value, lines.value, earlier.value] = [team, made, log.items, log.next];
  } catch (reason) {
    error.value = reason;
  }
}

export function forgetAll(): void {
  signers.value = [];
  [members.value, keys.value, lines.value, earlier.value, error.value] = [null, null, null, null, null];
}

export async function findEarlier(): Promise<void> {
  if (!earlier.value) return;
  const { items, next } = await getPage<Line>(earlier.value);
  lines.value = [...(lines.value ?? []), ...items];
  earlier.value = next;
}

const limitsOf = (day: string): { limits: Partial<Limits> } | object => (day ? { limits: { day } } : {});

// The business' own account, which may give away any; and the one that whoever is signed in acts as.
export const OWN = "server";
const mine = (): string => members.value?.find(({ address }) => address === session.value?.address)?.signer ?? OWN;
export const signersToGive = (): string[] => (mine() === OWN ? signers.value.map(({ name }) => name) : [mine()]);
const signerOf = (signer: string): { signer: string } | object => (signer ? { signer } : {});

interface Wish {
  name: string;
  day: string;
  signer: string; // "": as whoever asks
}
export async function addMember(wish: Wish & { address: string; role: Role }): Promise<void> {
  const { address, name, role, day, signer } = wish;
  await send("POST", "/v1/members", { address, name, role, ...limitsOf(day), ...signerOf(signer) });
  await findAll();
}
export async function changeRole(member: Member, role: Role): Promise<void> {
  await send("PATCH", `/v1/members/${member.address}`, { role });
  await findAll();
}
export async function removeMember(member: Member): Promise<void> {
  await send("DELETE", `/v1/members/${member.address}`);
  await findAll();
}

// The key's text, which is told this once.
export async function makeKey(wish: Wish & { scopes: string[] }): Promise<string> {
  const { name, scopes, day, signer } = wish;
  const body = { name, scopes, ...limitsOf(day), ...signerOf(signer) };
  const { key } = await send<{ key: string }>("POST", "/v1/keys", body);
  await findAll();
  return key;
}
export async function revokeKey(key: Key): Promise<void> {
  await send("DELETE", `/v1/keys/${key.id}`);
  await findAll();
}

interface Description {
  paths: Record<string, Record<string, { security?: Record<string, string[]>[] }>>;
}
export const scopesOf = ({ paths }: Description): string[] => {
  const asked = Object.values(paths)
    .flatMap((path) => Object.values(path))
    .flatMap(({ security = [] }) => security.flatMap((keys) => Object.values(keys).flat()));
  return [...new Set(asked)].sort();
};

// What a key may be given: all that the caller has itself. Who has everything has what this server's routes
// ask for, as they are described.
export const scopesToGive = signal<string[]>([]);
export async function findScopes(): Promise<void> {
  const mine = session.value?.scopes ?? [];
  scopesToGive.value = mine.includes("*") ? scopesOf(await get<Description>("/openapi.json")) : mine;
}
