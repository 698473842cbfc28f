// SPDX-License-Identifier: Apache-2.0
// The chain that the server is on, and its time.
import { signal } from "@preact/signals";
import { createClient } from "../lib/api";
import { noteHead } from "./clock";

export interface ChainInfo {
  chain_id: string;
  name: string;
  witnesses: number;
  quorum: number;
}

const client = createClient();
export const chain = signal<ChainInfo | null>(null);
let asking: Promise<ChainInfo> | null = null;

async function ask(): Promise<ChainInfo> {
  const { body, headers } = await client.answer<ChainInfo & { time: string }>("/v1/chain");
  noteHead(body.time, headers.get("Date"));
  return (chain.value = body);
}
export const askChain = (): Promise<ChainInfo> => (asking ??= ask().finally(() => (asking = null)));
export const findChain = async (): Promise<ChainInfo> => chain.value ?? askChain();
