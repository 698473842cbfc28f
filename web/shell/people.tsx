// SPDX-License-Identifier: Apache-2.0
// Accounts by the names that a devnet has for them, else by the short form of their address.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, createClient } from "../lib/api";
import { shortAddress } from "../lib/address";
import { findChain } from "./chain";
import { Ident } from "./ident";

const DEVNET = "devnet"; // the name of a chain whose accounts have public names

interface DevnetAccount {
  role: string;
  address: string;
}
const client = createClient();
const people = signal<ReadonlyMap<string, string>>(new Map());
let asked: Promise<void> | null = null;

async function ask(): Promise<void> {
  try {
    if ((await findChain()).name !== DEVNET) return;
    const { accounts } = await client.get<{ accounts: DevnetAccount[] }>("/v1/devnet");
    people.value = new Map(accounts.map(({ address, role }) => [address, role]));
  } catch (error) {
    if (!(error instanceof ApiError) || error.retryable) asked = null; // else not everybody may ask
  }
}

export function useName(address: string): string | undefined {
  useEffect(() => void (asked ??= ask()), []);
  return people.value.get(address);
}

// In a line of text, or where there is no room to copy it.
export function PersonName({ address }: { address: string }) {
  return <span title={address}>{useName(address) ?? shortAddress(address)}</span>;
}

export function Person({ address, what }: { address: string; what: string }) {
  return <Ident whole={address} short={useName(address) ?? shortAddress(address)} what={what} />;
}
