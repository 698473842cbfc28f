// SPDX-License-Identifier: Apache-2.0
// What the supply-chain server answers, and this page's one client. The key for writing: a devnet
// gives its demo key away; elsewhere the person brings one, kept until the tab closes.
import { signal } from "@preact/signals";
import { ApiError, createClient } from "../../../web/lib/api";
import type { EpcisEvent } from "./epcis";

export interface EventItem {
  id: string;
  eventID: string;
  hash: string;
  type: string;
  eventTime: string;
  recordTime: string;
  final: boolean;
  proof: string;
  event: EpcisEvent;
}
export interface EventPage {
  items: EventItem[];
  next: string | null;
}
export interface CaptureJob {
  captureID: string;
  createdAt: string;
  finishedAt?: string;
  running: boolean;
  success: boolean;
  errors: { type?: string; title?: string; code?: string | null; detail?: string | null }[];
  tx: string[];
  event_count?: number; // of all; `events` has a page of them
  events?: { id: string; eventID: string; hash: string }[];
  next?: string; // the token of the page behind; none: that was all
}

const KEPT = "lmm-api-key";
export const apiKey = signal<string | null>(sessionStorage.getItem(KEPT));
export const isDemoKey = signal(false);

export const client = createClient({ apiKey: () => apiKey.value });

export function keepKey(key: string | null): void {
  apiKey.value = key;
  if (key) sessionStorage.setItem(KEPT, key);
  else sessionStorage.removeItem(KEPT);
}

export async function findDemoKey(): Promise<void> {
  if (apiKey.value) return;
  try {
    const devnet = await client.get<{ api_key: string }>("/v1/devnet");
    isDemoKey.value = true;
    apiKey.value = devnet.api_key;
  } catch (error) {
    // 404: not a devnet, so the person is asked. Whatever else is wrong shows when they capture.
    if (!(error instanceof ApiError)) throw error;
  }
}
