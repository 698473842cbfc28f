// SPDX-License-Identifier: Apache-2.0
// What sensors measured and which bounds were set for it, in words: thousandths of a unit.
import { formatLocale, t } from "../../../web/lib/i18n";
import { symbolOf } from "./epcis";

export interface Bounds {
  uom: string;
  min_milli: number | null;
  max_milli: number | null;
}

export const valueOf = (milli: number): string => (milli / 1000).toLocaleString(formatLocale.value, { maximumFractionDigits: 3 });
export const measuredOf = (milli: number, uom: string): string => `${valueOf(milli)} ${symbolOf(uom)}`;
// EPCIS counts pieces where no unit is named.
export const quantityOf = ({ quantity_milli, uom }: { quantity_milli: number; uom: string }): string =>
  uom ? measuredOf(quantity_milli, uom) : t("quantity.pieces", { n: quantity_milli / 1000 });

export function boundsOf({ min_milli, max_milli, uom }: Bounds): string {
  const least = min_milli === null ? "" : measuredOf(min_milli, uom);
  const most = max_milli === null ? "" : measuredOf(max_milli, uom);
  if (!most) return t("bounds.noLess", { least });
  return least ? t("bounds.between", { least, most }) : t("bounds.noMore", { most });
}

export const isOutside = (milli: number, { min_milli, max_milli }: Bounds): boolean =>
  (max_milli !== null && milli > max_milli) || (min_milli !== null && milli < min_milli);
