// SPDX-License-Identifier: Apache-2.0
// Quantities and quarters of an hour as people read them.
import { formatLocale, t } from "../../../web/lib/i18n";
import { clock } from "../../../web/shell/time";
import { SLOT_MS } from "./api";

// kWh, thousands apart, in the language's own marks.
export const kwhText = (wh: number): string =>
  new Intl.NumberFormat(formatLocale.value, { maximumFractionDigits: 3 }).format(wh / 1000);

export const slotText = (slot: number): string =>
  `${clock(new Date(slot * SLOT_MS))}–${clock(new Date((slot + 1) * SLOT_MS))}`;

export function quarterText(slot: number): string {
  const day = new Intl.DateTimeFormat(formatLocale.value, { day: "numeric", month: "short" });
  return t("place.on", { day: day.format(new Date(slot * SLOT_MS)), slot: slotText(slot) });
}
