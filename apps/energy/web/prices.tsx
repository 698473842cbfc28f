// SPDX-License-Identifier: Apache-2.0
// What was paid for a quarter over the time that it was traded, once there is more than a moment of it.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatLocale, loadBeside, t } from "../../../web/lib/i18n";
import { type Candle, priceText } from "./api";

export function Prices({ candles }: { candles: Candle[] }) {
  const box = useRef<HTMLDivElement>(null);
  const isAbsent = useSignal(false);
  const isDrawn = candles.length > 1;
  useEffect(() => {
    let isOver = false;
    let end = (): void => undefined;
    if (isDrawn)
      loadBeside<typeof import("./plot")>("./plot.js").then(
        ({ draw }) => {
          if (isOver || !box.current) return;
          end = draw(box.current, {
            times: candles.map(({ start }) => Date.parse(start) / 1000),
            values: candles.map(({ close }) => Number(priceText(close))),
            least: null,
            most: null,
            unit: "",
            locale: formatLocale.value,
          });
        },
        () => (isAbsent.value = true),
      );
    return () => {
      isOver = true;
      end();
    };
  }, [candles, isDrawn]);
  if (!isDrawn) return null;
  const closes = candles.map(({ close }) => close);
  const [low, high] = [priceText(Math.min(...closes)), priceText(Math.max(...closes))];
  return (
    <figure class="prices">
      <figcaption class="small soft">{low === high ? t("prices.one", { price: low }) : t("prices.range", { low, high })}</figcaption>
      <div class="plot-box" ref={box} aria-hidden="true" />
      {isAbsent.value && <p class="small soft">{t("prices.noPlot")}</p>}
    </figure>
  );
}
