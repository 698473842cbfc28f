// SPDX-License-Identifier: Apache-2.0
// Times for people: relative, with the exact one on hover.
import { formatLocale } from "../lib/i18n";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

export function relative(time: Date, nowMs: number): string {
  const seconds = (time.getTime() - nowMs) / 1000;
  const size = Math.abs(seconds);
  const [unit, length] = STEPS.find(([, step]) => size >= step) ?? STEPS[5]!;
  const format = new Intl.RelativeTimeFormat(formatLocale.value, { numeric: "auto", style: "short" });
  return format.format(size < 5 ? 0 : Math.trunc(seconds / length), size < 5 ? "second" : unit);
}

export function exact(time: Date): string {
  return new Intl.DateTimeFormat(formatLocale.value, { dateStyle: "medium", timeStyle: "medium" }).format(time);
}

export function clock(time: Date): string {
  return new Intl.DateTimeFormat(formatLocale.value, { timeStyle: "short" }).format(time);
}
