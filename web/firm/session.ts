// SPDX-License-Identifier: Apache-2.0
// The session of a member of the firm that this server works for: begun by signing a text with the
// wallet of this browser, kept for this tab alone, and ended here or by the server.
import { signal } from "@preact/signals";
import { ApiError, createClient } from "../lib/api";
import { bytesOfHex, hexOf } from "../lib/bytes";
import { isOwnText, loginBytes } from "../lib/login";
import { address, sign, wallet } from "../wallet/keys";

export const ROLES = ["owner", "admin", "operator", "auditor"] as const;
export type Role = (typeof ROLES)[number];
export interface Session {
  token: string;
  expires: string;
  address: string;
  name: string;
  role: Role;
  scopes: string[];
}

const KEPT = "lmm-session";
function read(): Session | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Session | null;
    return kept && Date.parse(kept.expires) > Date.now() ? kept : null;
  } catch {
    return null;
  }
}
export const session = signal<Session | null>(read());

function keepSession(next: Session | null): void {
  session.value = next;
  if (next) sessionStorage.setItem(KEPT, JSON.stringify(next));
  else sessionStorage.removeItem(KEPT);
}

export const may = (scope: string): boolean =>
  session.value?.scopes.some((one) => one === "*" || one === scope) ?? false;

const own = createClient({ bearer: () => session.value?.token ?? null });

// What the server no longer knows is no session here either.
async function noticing<Value>(asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) keepSession(null);
    throw error;
  }
}
export const get = <Answer>(path: string): Promise<Answer> => noticing(own.get<Answer>(path));
export const getPage = <Item>(path: string): Promise<{ items: Item[]; next: string | null }> => noticing(own.page<Item>(path));
export const send = <Answer>(method: "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<Answer> =>
  noticing(own.send<Answer>(method, path, body));

export async function logIn(): Promise<void> {
  const { value } = wallet;
  if (!value) throw new Error("no wallet");
  const [{ chain_id: chainId }, challenge] = await Promise.all([
    own.get<{ chain_id: string }>("/v1/chain"),
    own.send<{ text: string }>("POST", "/v1/login/challenge", { address: address.value }),
  ]);
  const { text } = challenge;
  if (!isOwnText(text, { host: location.host, address: address.value, chainId }))
    throw new ApiError(0, { code: "login_text" });
  const signature = hexOf(await sign(loginBytes(text, bytesOfHex(chainId))));
  keepSession(await own.send<Session>("POST", "/v1/login", { text, public_key: hexOf(value.publicKey), signature }));
}

export async function logOut(): Promise<void> {
  try {
    await own.send("DELETE", "/v1/login");
  } finally {
    keepSession(null);
  }
}
