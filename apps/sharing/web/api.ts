// SPDX-License-Identifier: Apache-2.0
// What the server answers of things and bookings.
import { unitsOf } from "../../../web/lib/amount";
import { createClient } from "../../../web/lib/api";

export interface Asset {
  number: number;
  title: string;
  text: string;
  place: string;
  latitude: number;
  longitude: number;
  category: string;
  photo: string | null; // hash
  price_per_minute: string;
  unit: "minute" | "hour";
  deposit: string;
  late_cap_minutes: number;
  cancel_free_minutes: number; // before the beginning
  cancel_percent: number; // of the rent, later
  owner: string;
  lock: string | null; // its public key
  is_withdrawn: boolean;
  changed: string;
  tx: string;
  proof: string;
}

export interface Booking {
  number: number;
  asset: number;
  owner: string;
  renter: string;
  renter_key: string;
  lock: string | null;
  from: string;
  until: string;
  price_per_minute: string;
  late_cap_minutes: number;
  cancel_free_minutes: number; // before the beginning
  cancel_percent: number; // of the rent, later
  rent: string;
  deposit: string;
  state: "booked" | "running" | "ending" | "settled";
  outcome: string | null;
  started: string | null;
  ended: string | null;
  minutes: number;
  bill: string;
  refund: string;
  settles: string;
  booked: string;
  changed: string;
  tx: string;
  proof: string;
}

export interface Slot {
  from: string;
  until: string;
  booking: number | null; // null: its owner's
}

export interface Quote {
  minutes: number;
  rent: string;
  deposit: string;
  timer: string;
  total: string;
  is_free: boolean;
}

export const client = createClient();

export const assetPath = (number: number): string => `/v1/assets/${number}`;
export const bookingPath = (number: number): string => `/v1/bookings/${number}`;

// Amounts come as LMM.
export const units = (lmm: string): bigint => unitsOf(lmm) ?? 0n;

// What is asked for an hour or a minute, as its owner thinks of it.
export const priceOf = ({ price_per_minute, unit }: Pick<Asset, "price_per_minute" | "unit">): bigint =>
  units(price_per_minute) * (unit === "hour" ? 60n : 1n);

export const CATEGORIES = ["Tools", "Cameras", "Bikes", "Vehicles", "Outdoors", "Events", "Rooms", "Other"] as const;
export type Category = (typeof CATEGORIES)[number];
export const categoryOf = (text: string): Category =>
  (CATEGORIES as readonly string[]).includes(text) ? (text as Category) : "Other";

export const MINUTE_MS = 60_000;
export const startedMinutes = (fromMs: number, untilMs: number): number => Math.ceil((untilMs - fromMs) / MINUTE_MS);

export async function calendarOf(asset: number, from: Date, until: Date): Promise<Slot[]> {
  const query = new URLSearchParams({ from: from.toISOString(), until: until.toISOString(), perPage: "1000" });
  return (await client.page<Slot>(`${assetPath(asset)}/calendar?${query}`)).items;
}

export const quoteOf = (asset: number, from: Date, until: Date): Promise<Quote> => {
  const query = new URLSearchParams({ asset: String(asset), from: from.toISOString(), until: until.toISOString() });
  return client.get<Quote>(`/v1/quotes?${query}`);
};
