// SPDX-License-Identifier: Apache-2.0
// Times as people pick and read them, in their own zone.
import { formatLocale } from "../../../web/lib/i18n";

const two = (n: number): string => String(n).padStart(2, "0");
export const dayOf = (time: Date): string => `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
// Of <input type="datetime-local">: minutes, so that what is booked begins and ends with one.
export const localOf = (time: Date): string => `${dayOf(time)}T${two(time.getHours())}:${two(time.getMinutes())}`;

export const minuteOf = (ms: number): Date => new Date(Math.floor(ms / 60_000) * 60_000);

const format = (options: Intl.DateTimeFormatOptions) => (time: Date): string =>
  new Intl.DateTimeFormat(formatLocale.value, options).format(time);
export const shortTime = format({ weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
export const monthName = format({ month: "long", year: "numeric" });
export const dayName = format({ weekday: "short", day: "numeric", month: "short" });
export const weekday = format({ weekday: "narrow" });

export const startOfDay = (time: Date): Date => new Date(time.getFullYear(), time.getMonth(), time.getDate());
export const addDays = (time: Date, days: number): Date =>
  new Date(time.getFullYear(), time.getMonth(), time.getDate() + days, time.getHours(), time.getMinutes());

export function rangeText(from: string, until: string): string {
  const [a, b] = [new Date(from), new Date(until)];
  return new Intl.DateTimeFormat(formatLocale.value, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "2-digit",
  }).formatRange(a, b);
}

export function lengthText(minutes: number): string {
  const parts: [number, string][] = [
    [Math.floor(minutes / 1440), "day"],
    [Math.floor(minutes / 60) % 24, "hour"],
    [minutes % 60, "minute"],
  ];
  const said = parts
    .filter(([n]) => n > 0)
    .map(([n, unit]) => new Intl.NumberFormat(formatLocale.value, { style: "unit", unit, unitDisplay: "long" }).format(n));
  return said.length > 0 ? said.join(" ") : new Intl.NumberFormat(formatLocale.value, { style: "unit", unit: "minute" }).format(0);
}
