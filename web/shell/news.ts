// SPDX-License-Identifier: Apache-2.0
// The page's end of the live stream: one signal that says whether what is shown is up to date, and
// listeners for news. See web/lib/live.ts.
import { computed, signal } from "@preact/signals";
import { loadBeside } from "../lib/i18n";
import type { LiveMessage, LiveSource } from "../lib/live";

const GRACE_MS = 8000; // a line that is back by then was only reconnecting

export const now = signal(Date.now()); // for relative times; a few times a minute
const line = signal({ isOpen: false, since: Date.now() });

export const liveness = computed(() => {
  const { isOpen, since } = line.value;
  if (isOpen) return { is: "live" as const, since };
  return { is: now.value - since < GRACE_MS ? ("reconnecting" as const) : ("stale" as const), since };
});

type Listener = (data: unknown) => void;
const listeners = new Map<string, Set<Listener>>();

// Returns what ends it.
export function onNews(type: string, listener: Listener): () => void {
  const set = listeners.get(type) ?? new Set();
  listeners.set(type, set.add(listener));
  return () => set.delete(listener);
}

function hear(message: LiveMessage): void {
  if (message.kind === "line") {
    line.value = { isOpen: message.isOpen, since: message.since };
    now.value = Date.now();
    return;
  }
  listeners.get(message.type)?.forEach((listener) => listener(message.data));
}

// `types`: what the market tells beside blocks.
export function startNews(types: string[]): void {
  setInterval(() => (now.value = Date.now()), 5000);
  const direct = async (): Promise<void> => {
    const live = await loadBeside<{ LiveSource: typeof LiveSource }>("./live.js");
    new live.LiveSource(hear, types).start();
  };
  if (typeof SharedWorker === "undefined") return void direct();
  const worker = new SharedWorker(new URL(`./live-worker.js?types=${types.join()}`, import.meta.url), "lmm-live");
  worker.onerror = () => void direct();
  worker.port.onmessage = (event: MessageEvent<LiveMessage>) => hear(event.data);
  addEventListener("pagehide", () => worker.port.postMessage("bye"));
  // From the back-forward cache the worker no longer knows this page.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
