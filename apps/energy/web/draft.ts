// SPDX-License-Identifier: Apache-2.0
// What the person is looking at, and the order that they are about to place: the book fills it, the
// form changes it.
import { signal } from "@preact/signals";
import type { Kind, Side, Zone } from "./api";

export const chosen = signal<{ zone: Zone; slot: number } | null>(null);

export interface Draft {
  side: Side;
  kind: Kind;
  kwh: string;
  price: string; // LMM a kWh
}
export const draft = signal<Draft>({ side: "buy", kind: "limit", kwh: "", price: "" });
