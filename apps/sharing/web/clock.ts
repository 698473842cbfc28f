// SPDX-License-Identifier: Apache-2.0
// The chain's time: this device's, unless the chain is away from it by more than a chain at rest would
// be, as a devnet whose clock was moved on. Bookings and locks go by it.
import { signal } from "@preact/signals";
import { now } from "../../../web/shell/news";
import { client } from "./api";

const AT_REST_MS = 180_000; // a devnet at rest makes a block a minute

export const offsetMs = signal(0);
export const chainNow = (): number => Date.now() + offsetMs.value;
// The same, for what is drawn: which is drawn again as time goes on.
export const chainTick = (): number => Math.max(now.value, Date.now()) + offsetMs.value;

export function noteTime(time: string): void {
  const off = new Date(time).getTime() - Date.now();
  offsetMs.value = Math.abs(off) > AT_REST_MS ? off : 0;
}
export async function findTime(): Promise<void> {
  noteTime((await client.get<{ time: string }>("/v1/chain")).time);
}
