// SPDX-License-Identifier: Apache-2.0
// Amounts of LMM: base units, of which 10^8 are one LMM. Exact, as text and as bigint; never floating
// point.
export const UNITS = 100_000_000n;
const MAX = (1n << 64n) - 1n;

// "12.5": no zeros behind.
export function lmmOf(units: bigint): string {
  const rest = (units % UNITS).toString().padStart(8, "0").replace(/0+$/, "");
  return `${units / UNITS}${rest ? `.${rest}` : ""}`;
}

// What a person types, with a point or a comma for the decimals; null when it is no amount.
export function unitsOf(text: string): bigint | null {
  const found = /^(\d{1,12})(?:[.,](\d{1,8}))?$/.exec(text.trim());
  if (!found) return null;
  const units = BigInt(found[1]!) * UNITS + BigInt((found[2] ?? "").padEnd(8, "0"));
  return units <= MAX ? units : null;
}
