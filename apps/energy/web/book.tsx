// SPDX-License-Identifier: Apache-2.0
// The book of the quarter that is looked at: the best prices of both sides around the last one, further
// ones on request. One's own orders are marked, and stand there however far off they are.
import { type Signal, effect, signal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../../web/lib/i18n";
import { onNews } from "../../../web/shell/news";
import { address } from "../../../web/wallet/keys";
import { type Book, type Change, type Level, type Order, type Rung, type Side, client, kwhOf, priceText, rungsOf } from "./api";
import { chosen, draft } from "./draft";
import { kwhText } from "./shown";

const NARROW = matchMedia("(max-width: 719px)");
const FIRST = { narrow: 3, wide: 6 }; // prices of each side
const MORE = 20; // at a time
const OWN_MOST = 100; // orders of one's own that are looked for

// ---- one's own

const own = signal<Order[]>([]);
let [isAsking, isWanted] = [false, false];

async function loadOwn(): Promise<void> {
  const [place, account] = [chosen.peek(), address.peek()];
  if (!place || !account) return;
  const query = new URLSearchParams({ zone: `${place.zone.zone}`, slot: `${place.slot}`, account, status: "resting", perPage: `${OWN_MOST}` });
  try {
    const { items } = await client.page<Order>(`/v1/orders?${query}`);
    if (chosen.peek() === place && address.peek() === account) own.value = items;
  } catch {
    own.value = []; // the book stands without them
  }
}
// One question at a time; what moves the book meanwhile makes one more.
async function lookForOwn(): Promise<void> {
  isWanted = true;
  if (isAsking) return;
  isAsking = true;
  while (isWanted) {
    isWanted = false;
    await loadOwn();
  }
  isAsking = false;
}
effect(() => {
  void [chosen.value, address.value];
  own.value = [];
  void lookForOwn();
});
onNews("book", (data) => {
  const { zone, slot } = data as Change;
  if (chosen.value?.zone.zone === zone && chosen.value.slot === slot) void lookForOwn();
});
onNews("reset", () => void lookForOwn());

// ---- what is drawn

const first = signal(FIRST.wide);
const measure = (): void => void (first.value = NARROW.matches ? FIRST.narrow : FIRST.wide);
NARROW.addEventListener("change", measure);
measure();

interface LadderProps {
  side: Side;
  rungs: Rung[];
  most: number;
}
function Ladder({ side, rungs, most }: LadderProps) {
  const take = ({ price, sum }: Rung): void =>
    void (draft.value = { ...draft.value, side: side === "buy" ? "sell" : "buy", price: priceText(price), kwh: kwhOf(sum) });
  if (rungs.length === 0) return <p class="ladder-empty small soft">{t(side === "buy" ? "book.noBids" : "book.noAsks")}</p>;
  const said = (rung: Rung): string => {
    const offered = t(side === "buy" ? "book.sellTo" : "book.buyFrom", { kwh: kwhText(rung.sum), price: priceText(rung.price) });
    return rung.own > 0 ? `${offered}; ${t("book.ownOf", { kwh: kwhText(rung.own) })}` : offered;
  };
  return (
    <ul class={`ladder is-${side}`}>
      {(side === "sell" ? [...rungs].reverse() : rungs).map((rung) => (
        <li class={`${rung.own > 0 ? "is-own" : ""} ${rung.hasGap ? "has-gap" : ""}`} key={rung.price}>
          <button type="button" class="rung" aria-label={said(rung)} onClick={() => take(rung)}>
            <span class="rung-bar" style={{ inlineSize: `${Math.min(100, (100 * rung.sum) / most)}%` }} />
            <span>
              <strong>{priceText(rung.price)}</strong>
              {rung.own > 0 && (
                <span class="rung-own" title={t("book.ownOf", { kwh: kwhText(rung.own) })}>
                  {t("book.own")}
                </span>
              )}
            </span>
            <span>{kwhText(rung.wh)}</span>
            <span class="soft">{kwhText(rung.sum)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface LineProps {
  last: number;
  more: Signal<number>; // than the first ones
  hasMore: boolean;
}
// What stands between both sides stays where it is while they grow; the keyboard stays there too, when the
// button that was pressed is of no more use.
function Line({ last, more, hasMore }: LineProps) {
  const line = useRef<HTMLDivElement>(null);
  const top = useRef<number | null>(null);
  const show = (count: number): void => {
    top.current = line.current?.getBoundingClientRect().top ?? null;
    more.value = count;
  };
  useLayoutEffect(() => {
    if (top.current === null || !line.current) return;
    scrollBy(0, line.current.getBoundingClientRect().top - top.current);
    top.current = null;
    if (!line.current.contains(document.activeElement)) line.current.querySelector("button")?.focus({ preventScroll: true });
  }, [more.value]);
  return (
    <div class="ladder-last" ref={line}>
      <span>{last > 0 ? t("book.last", { price: priceText(last) }) : t("book.never")}</span>
      <span class="ladder-more">
        {more.value > 0 && (
          <button type="button" class="link" key="fewer" onClick={() => show(0)}>
            {t("book.fewer")}
          </button>
        )}
        {hasMore && (
          <button type="button" class="link" key="more" onClick={() => show(more.value + MORE)}>
            {t("book.more")}
          </button>
        )}
      </span>
    </div>
  );
}

const sumOf = (levels: Level[]): number => levels.reduce((sum, { wh }) => sum + wh, 0);

export function BookOf({ read, last }: { read: Book; last: number }) {
  const more = useSignal(0);
  const count = first.value + more.value;
  const sides = [read.asks, read.bids];
  const most = Math.max(1, ...sides.map((levels) => sumOf(levels.slice(0, count))));
  const rungs = (side: Side, levels: Level[]): Rung[] => rungsOf(levels, own.value.filter((one) => one.side === side), count);
  return (
    <>
      <p class="ladder-head small soft" aria-hidden="true">
        <span>{t("book.price")}</span>
        <span>{t("book.kwh")}</span>
        <span>{t("book.sum")}</span>
      </p>
      <Ladder side="sell" rungs={rungs("sell", read.asks)} most={most} />
      <Line last={last} more={more} hasMore={sides.some(({ length }) => length > count)} />
      <Ladder side="buy" rungs={rungs("buy", read.bids)} most={most} />
    </>
  );
}
