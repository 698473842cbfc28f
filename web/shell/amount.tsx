// SPDX-License-Identifier: Apache-2.0
// Amounts are LMM. Beside one may stand what it comes to in a currency that the person reckons in, at a
// rate that they gave themselves: always with "about", the rate, and whose it is.
import { signal } from "@preact/signals";
import { UNITS, lmmOf } from "../lib/amount";
import { formatLocale, t } from "../lib/i18n";

export interface Rate {
  currency: string; // ISO 4217
  perLmm: number;
}

const KEPT = "lmm-rate";
const LONG = 7; // characters before the decimals, from where on a phone has no room for the largest type
function read(): Rate | null {
  try {
    const rate = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Rate | null;
    return rate && /^[A-Z]{3}$/.test(rate.currency) && rate.perLmm > 0 ? rate : null;
  } catch {
    return null;
  }
}
export const rate = signal<Rate | null>(read());

export function chooseRate(next: Rate | null): void {
  rate.value = next;
  if (next) localStorage.setItem(KEPT, JSON.stringify(next));
  else localStorage.removeItem(KEPT);
}

const inCurrency = (value: number, currency: string): string =>
  new Intl.NumberFormat(formatLocale.value, { style: "currency", currency, maximumSignificantDigits: 6 }).format(value);

// "1,234" and ".5": the language's own marks, and no digit lost.
function partsOf(units: bigint): [string, string] {
  const [whole = "0", rest] = lmmOf(units).split(".");
  const format = new Intl.NumberFormat(formatLocale.value);
  const point = format.formatToParts(1.5).find(({ type }) => type === "decimal")?.value ?? ".";
  return [format.format(BigInt(whole)), rest ? point + rest : ""];
}
export const lmmText = (units: bigint): string => partsOf(units).join("");

export function Amount({ units, isLarge }: { units: bigint; isLarge?: boolean }) {
  const [whole, rest] = partsOf(units);
  return (
    <span class={`amount ${isLarge ? "is-large" : ""} ${whole.length > LONG ? "is-long" : ""}`}>
      {whole}
      {rest && <span class="rest">{rest}</span>} <span class="unit">LMM</span>
    </span>
  );
}

export function AboutInCurrency({ units }: { units: bigint }) {
  if (!rate.value) return null;
  const { currency, perLmm } = rate.value;
  const value = inCurrency((Number(units) / Number(UNITS)) * perLmm, currency);
  return <span class="small soft">{t("amount.about", { value, rate: inCurrency(perLmm, currency) })}</span>;
}
