// SPDX-License-Identifier: Apache-2.0
// The page's end of the live stream: one signal that says whether what is shown is up to date, and
// listeners for news. See web/lib/live.ts.
import { computed, signal } from "@preact/signals";
import { loadBeside } from "../lib/i18n";
import type { LiveMessage, LiveSource } from "../lib/live";
import { askChain } from "./chain";
import { chainNow, noteBlock } from "./clock";

const GRACE_MS = 8000; // a line that is back by then was only reconnecting
const TICK_MS = 5000;

// The chain's time (clock.ts) for what is drawn: set anew with each tick, and when it was moved.
export const now = signal(chainNow());
const tick = (): void => void (now.value = chainNow());
// The very moment, for what is drawn.
export const drawnNow = (): number => (now.value, chainNow());

const line = signal({ isOpen: false, since: Date.now() });

export const liveness = computed(() => {
  const { isOpen, since } = line.value; // by this device's clock
  const [passedMs, at] = [Date.now() - since, now.value];
  const is = isOpen ? ("live" as const) : passedMs < GRACE_MS ? ("reconnecting" as const) : ("stale" as const);
  return { is, since: at - passedMs };
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
    tick();
    if (message.isOpen) void askChain().then(tick, () => undefined); // the next block tells it too
    return;
  }
  if (message.type === "block") {
    noteBlock((message.data as { time?: string } | null)?.time ?? "");
    tick();
  }
  listeners.get(message.type)?.forEach((listener) => listener(message.data));
}

// `types`: what the market tells beside blocks.
export function startNews(types: string[]): void {
  setInterval(tick, TICK_MS);
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
