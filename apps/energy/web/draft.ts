// SPDX-License-Identifier: Apache-2.0
// What the person is looking at, and the order that they are about to place: the book fills it, the
// form changes it.
import { computed, effect, signal } from "@preact/signals";
import { drawnNow } from "../../../web/shell/news";
import { type Kind, type Side, type Zone, firstOpen } from "./api";

export const chosen = signal<{ zone: Zone; slot: number } | null>(null);

export interface Draft {
  side: Side;
  kind: Kind;
  kwh: string;
  price: string; // LMM a kWh
}
export const draft = signal<Draft>({ side: "buy", kind: "limit", kwh: "", price: "" });

// The quarter to go on with, once the chosen one takes no more orders.
export const nextOpen = computed(() => {
  const next = chosen.value && firstOpen(chosen.value.zone, drawnNow());
  return chosen.value && next !== null && chosen.value.slot < next ? next : null;
});
export function moveOn(): void {
  if (chosen.value && nextOpen.value !== null) chosen.value = { ...chosen.value, slot: nextOpen.value };
}
// Who only looks is taken along; who has an order in hand is told, lest it be for another quarter.
effect(() => {
  const { kwh, price } = draft.value;
  if (nextOpen.value !== null && !kwh && !price) moveOn();
});
