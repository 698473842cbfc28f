// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody with a roof full of sun or a car to charge, who buys or sells for a quarter of
// an hour that is still open.
// What they decide: for which quarter, at what price, and how much; whether to take what is offered.
// Visible at 360×640 unscrolled: zone and quarter, and the best prices of both sides; a tap on a price
// fills the form below.
import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { formatLocale, t } from "../../../web/lib/i18n";
import { findChain } from "../../../web/shell/chain";
import { chainNow } from "../../../web/shell/clock";
import { Failure, Notice, Time } from "../../../web/shell/components";
import { drawnNow, onNews } from "../../../web/shell/news";
import { Person } from "../../../web/shell/people";
import { useHeadingFocus } from "../../../web/shell/route";
import { Waiting } from "../../../web/shell/waiting";
import { findWallet } from "../../../web/wallet/keys";
import { type Book, type Candle, type Change, SLOT_MS, type Trade, type Zone } from "./api";
import { applyChange, client, firstOpen, openSlots, priceText } from "./api";
import { BookOf } from "./book";
import { Closed } from "./closed";
import { chosen } from "./draft";
import { OrderForm } from "./form";
import { Prices } from "./prices";
import { kwhText, slotText } from "./shown";
import "./home.css";

const SLOTS = 96;
const TRADES = 8;
const CANDLE_MS = 300_000;
void findWallet();

const zones = signal<Zone[] | null>(null);
const book = signal<Book | null>(null);
const trades = signal<Trade[]>([]);
const candles = signal<Candle[]>([]);
const error = signal<unknown>(null);

async function loadZones(): Promise<void> {
  error.value = null;
  try {
    const [{ items }] = await Promise.all([client.page<Zone>("/v1/zones?perPage=100"), findChain()]);
    zones.value = [...items].sort((a, b) => a.zone - b.zone);
    const zone = zones.value[0];
    if (zone && !chosen.value) chosen.value = { zone, slot: firstOpen(zone, chainNow()) };
  } catch (reason) {
    error.value = reason;
  }
}

async function loadBook(): Promise<void> {
  const place = chosen.value;
  if (!place) return;
  const query = `zone=${place.zone.zone}&slot=${place.slot}`;
  try {
    const [read, { items }, prices] = await Promise.all([
      client.get<Book>(`/v1/book?${query}&depth=200`),
      client.page<Trade>(`/v1/trades?${query}&perPage=${TRADES}`),
      client.page<Candle>(`/v1/candles?${query}`),
    ]);
    if (chosen.value !== place) return; // somebody went on meanwhile
    [book.value, trades.value, candles.value, error.value] = [read, items, prices.items, null];
  } catch (reason) {
    if (chosen.value === place) error.value = reason;
  }
}

effect(() => {
  if (!chosen.value) return;
  book.value = null;
  void loadBook();
});
onNews("book", (data) => {
  const next = book.value && applyChange(book.value, data as Change);
  if (next) book.value = next;
  else if (book.value) void loadBook();
});
onNews("trade", (data) => {
  const trade: Trade = { ...(data as Omit<Trade, "time">), time: new Date(chainNow()).toISOString() };
  if (trade.zone !== book.value?.zone || trade.slot !== book.value.slot) return;
  trades.value = [trade, ...trades.value.filter(({ number }) => number !== trade.number)].slice(0, TRADES);
  candles.value = withTrade(candles.value, trade.price);
});
for (const type of ["reset", "zone"]) onNews(type, () => void loadZones().then(loadBook));

// The candle of this moment closes at the price.
function withTrade(before: Candle[], close: number): Candle[] {
  const start = new Date(Math.floor(chainNow() / CANDLE_MS) * CANDLE_MS).toISOString();
  return [...before.filter((one) => Date.parse(one.start) !== Date.parse(start)), { start, close }];
}

function Place() {
  const place = chosen.value;
  if (!place || !zones.value) return null;
  const slots = openSlots(place.zone, drawnNow(), SLOTS);
  const shown = slots.includes(place.slot) ? slots : [place.slot, ...slots];
  const go = (zone: Zone, slot: number): void => void (chosen.value = { zone, slot });
  return (
    <div class="place">
      <label class="field">
        {t("place.zone")}
        <select
          class="input"
          value={place.zone.zone}
          onChange={({ currentTarget }) =>
            go(zones.value!.find(({ zone }) => zone === Number(currentTarget.value))!, place.slot)
          }
        >
          {zones.value.map(({ zone, name }) => (
            <option value={zone} key={zone}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {t("place.slot")}
        <select
          id="slot"
          class="input"
          value={place.slot}
          onChange={({ currentTarget }) => go(place.zone, Number(currentTarget.value))}
        >
          {shown.map((slot) => (
            <option value={slot} key={slot}>
              {slotText(slot)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Trades() {
  if (trades.value.length === 0) return <p class="soft">{t("trades.none")}</p>;
  return (
    <ul class="trades">
      {trades.value.map((trade) => (
        <li key={trade.number}>
          <strong>{priceText(trade.price)}</strong>
          <span>{t("trades.kwh", { kwh: kwhText(trade.wh) })}</span>
          <span class="small soft">
            <Time at={trade.time} />
          </span>
        </li>
      ))}
    </ul>
  );
}

// Who trades in a zone trusts its operator to approve only meters that measure.
function ZoneFacts({ zone }: { zone: Zone }) {
  const { operator } = zone;
  const facts = { price: priceText(zone.cap), minutes: zone.gate_ms / 60_000 };
  return (
    <p class="zone-facts small soft">
      {t("zone.operator")} <Person address={operator} what={t("zone.operator")} />
      <span>{t("zone.facts", facts)}</span>
    </p>
  );
}

export function Home() {
  useHeadingFocus();
  useEffect(() => void (zones.value ?? loadZones()), []);
  const place = chosen.value;
  const day = place && new Intl.DateTimeFormat(formatLocale.value, { weekday: "long", day: "numeric", month: "long" });
  return (
    <>
      <div class="lead place-lead">
        <h1 tabIndex={-1}>{t("home.title")}</h1>
        {place && <p class="small soft">{day!.format(new Date(place.slot * SLOT_MS))}</p>}
      </div>
      {error.value !== null && <Failure error={error.value} onRetry={() => void loadZones().then(loadBook)} />}
      {zones.value?.length === 0 && (
        <Notice icon="empty" title={t("home.empty")}>
          <p class="soft">{t("home.emptyText")}</p>
        </Notice>
      )}
      {!zones.value && error.value === null && <Waiting word={t("home.loading")} />}
      <Place />
      {place && <Closed to="slot" isSaid />}
      {place && (
        <div class="two market">
          <section aria-busy={book.value === null}>
            <h2>{t("book.title")}</h2>
            {book.value ? <BookOf read={book.value} last={trades.value[0]?.price ?? book.value.last_price} key={`${place.zone.zone}-${place.slot}`} /> : <Waiting word={t("home.loading")} />}
          </section>
          <OrderForm />
          <section class="last-trades">
            <h2>{t("trades.title")}</h2>
            <Prices candles={candles.value} />
            <Trades />
            <ZoneFacts zone={place.zone} />
          </section>
        </div>
      )}
    </>
  );
}
