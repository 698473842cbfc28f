// SPDX-License-Identifier: Apache-2.0
// The chain that the server is on, asked for once.
import { signal } from "@preact/signals";
import { createClient } from "../lib/api";

export interface ChainInfo {
  chain_id: string;
  name: string;
  witnesses: number;
  quorum: number;
}

const client = createClient();
export const chain = signal<ChainInfo | null>(null);
export async function findChain(): Promise<ChainInfo> {
  chain.value ??= await client.get<ChainInfo>("/v1/chain");
  return chain.value;
}
