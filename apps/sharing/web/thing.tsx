// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who found a thing, and wants it for some hours.
// What they decide: when; whether the whole price is right; to book.
// Visible at 360×640 unscrolled: what it is, its price and place, and for how long and from when; the
// whole price follows.
import "./pages.css";
import { signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError } from "../../../web/lib/api";
import { hexOf } from "../../../web/lib/bytes";
import { addTexts, t } from "../../../web/lib/i18n";
import { lmmText } from "../../../web/shell/amount";
import { findChain } from "../../../web/shell/chain";
import { chainNow } from "../../../web/shell/clock";
import { Failure, Notice, messageOf } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { drawnNow, onNews } from "../../../web/shell/news";
import { Person } from "../../../web/shell/people";
import { type Check, ProofPanel, VerdictChip } from "../../../web/shell/proof-panel";
import { goTo, linkTo, route, useHeadingFocus, useSubject } from "../../../web/shell/route";
import { address, findWallet } from "../../../web/wallet/keys";
import { WithWallet } from "../../../web/wallet/with-wallet";
import { type Asset, type Booking, MINUTE_MS, type Quote, assetPath, calendarOf, client, quoteOf, units } from "./api";
import { Art } from "./art";
import { Calendar } from "./calendar";
import { booking } from "./calls";
import { createUnlockingKey } from "./carried";
import { Deed } from "./deed";
import { categoryText, priceText } from "./home";
import { cancelCost, freeUntilMs, nextFree } from "./terms";
import { pageTexts } from "./texts.pages.en";
import { lengthText, localOf, minuteOf, rangeText, shortTime } from "./when";

addTexts(pageTexts);
const HOUR_MS = 60 * MINUTE_MS;
const LENGTHS = [1, 3, 8, 24]; // hours
const LOOK_AHEAD_MS = 31 * 24 * HOUR_MS; // for when it is free

type Loaded = { number: string; asset: Asset | null; error: unknown };
const loaded = signal<Loaded | null>(null);
const version = signal(0); // of what is taken

async function load(number: string): Promise<void> {
  const before = loaded.value?.number === number ? loaded.value.asset : null;
  loaded.value = { number, asset: before, error: null };
  try {
    const [asset] = await Promise.all([client.get<Asset>(assetPath(Number(number))), findChain()]);
    if (loaded.value.number === number) loaded.value = { number, asset, error: null };
  } catch (error) {
    if (loaded.value.number === number) loaded.value = { number, asset: before, error };
  }
}
const renew = (): void => {
  version.value++;
  if (loaded.value) void load(loaded.value.number);
};
for (const type of ["asset", "booking", "calendar", "reset"]) onNews(type, renew);

// ---- the price

function Price({ quote, asset }: { quote: Quote; asset: Asset }) {
  const rows: [string, string, string][] = [
    [t("book.rent"), quote.rent, t("book.rentOf", { length: lengthText(quote.minutes), price: priceText(asset) })],
    [t("book.deposit"), quote.deposit, t("book.depositBack")],
    [t("book.timer"), quote.timer, t("book.timerBack")],
  ];
  return (
    <dl class="price">
      {rows.map(([name, amount, note]) => (
        <div key={name}>
          <dt>
            {name} <span class="small soft">{note}</span>
          </dt>
          <dd>{t("price.lmm", { amount: lmmText(units(amount)) })}</dd>
        </div>
      ))}
      <div class="price-total">
        <dt>{t("book.total")}</dt>
        <dd>{t("price.lmm", { amount: lmmText(units(quote.total)) })}</dd>
      </div>
    </dl>
  );
}

// What it costs to think again, as it would be booked now.
function CancelTerms({ quote, asset, from }: { quote: Quote; asset: Asset; from: Date }) {
  const [rent, percent] = [units(quote.rent), asset.cancel_percent];
  const freeMs = freeUntilMs(asset, from.getTime());
  const cost = cancelCost(asset, rent, from.getTime(), drawnNow());
  const at = shortTime(new Date(freeMs));
  const said =
    percent === 0 || asset.cancel_free_minutes === 0
      ? t("book.cancelFree")
      : cost > 0n
        ? t("book.cancelLate", { percent, amount: lmmText(cost) })
        : t("book.cancelUntil", { at, percent });
  return <p class="small">{said}</p>;
}

const RULES = ["book.ruleMinutes", "book.ruleBegun", "book.ruleUnused", "book.ruleLate", "book.ruleEscrow"];
function Rules({ asset }: { asset: Asset }) {
  return (
    <details class="details">
      <summary>{t("book.rules")}</summary>
      <ul class="rules small">
        {RULES.map((rule) => (
          <li key={rule}>{t(rule, { late: lengthText(asset.late_cap_minutes) })}</li>
        ))}
      </ul>
    </details>
  );
}

// ---- the times

function useTimes() {
  const { query } = route.value;
  const given = ["from", "until"].map((name) => new Date(query.get(name) ?? ""));
  const isGiven = given.every((time) => time.getTime() > 0) && given[0]! < given[1]!;
  const start = minuteOf(chainNow());
  const from = useSignal(isGiven ? given[0]! : start);
  const until = useSignal(isGiven ? given[1]! : new Date(start.getTime() + HOUR_MS));
  return { from, until };
}
type Times = ReturnType<typeof useTimes>;

function Picker({ from, until }: Times) {
  const set = (times: Times["from"], text: string): void => {
    const time = new Date(text);
    if (!Number.isNaN(time.getTime())) times.value = time;
  };
  const hours = (until.value.getTime() - from.value.getTime()) / HOUR_MS;
  return (
    <>
      <div class="lengths" role="group" aria-label={t("book.howLong")}>
        {LENGTHS.map((length) => (
          <button
            type="button"
            class="button"
            aria-pressed={hours === length}
            key={length}
            onClick={() => (until.value = new Date(from.value.getTime() + length * HOUR_MS))}
          >
            {lengthText(length * 60)}
          </button>
        ))}
      </div>
      <div class="both">
        <label class="field">
          {t("book.from")}
          <input type="datetime-local" class="input" value={localOf(from.value)} onChange={(event) => set(from, event.currentTarget.value)} />
        </label>
        <label class="field">
          {t("book.until")}
          <input type="datetime-local" class="input" value={localOf(until.value)} onChange={(event) => set(until, event.currentTarget.value)} />
        </label>
      </div>
    </>
  );
}

// When what is wanted is taken: the next time that is as long.
function NextFree({ asset, from, until }: { asset: number } & Times) {
  const found = useSignal<Date | null>(null);
  const [fromMs, lengthMs] = [from.value.getTime(), until.value.getTime() - from.value.getTime()];
  useEffect(() => {
    let isCurrent = true;
    found.value = null;
    calendarOf(asset, from.value, new Date(fromMs + LOOK_AHEAD_MS)).then(
      (slots) => isCurrent && (found.value = new Date(nextFree(slots, fromMs, lengthMs))),
      () => undefined, // the calendar below says so
    );
    return () => void (isCurrent = false);
  }, [asset, fromMs, lengthMs, version.value]);
  const at = found.value;
  if (!at || at.getTime() === fromMs) return null;
  const end = new Date(at.getTime() + lengthMs);
  const take = (): void => {
    from.value = at;
    until.value = end;
  };
  return (
    <div class="next-free">
      <p>{t("book.nextFree", { when: rangeText(at.toISOString(), end.toISOString()) })}</p>
      <button type="button" class="button" onClick={take}>
        {t("book.takeThat")}
      </button>
    </div>
  );
}

// Until the rows have it, which is a moment after it is final.
async function findBooked(asset: number, renterKey: string): Promise<number> {
  const query = new URLSearchParams({ renter: address.value, asset: String(asset), perPage: "10" });
  for (let tries = 0; ; tries++) {
    const { items } = await client.page<Booking>(`/v1/bookings?${query}`);
    const found = items.find(({ renter_key }) => renter_key === renterKey);
    if (found) return found.number;
    if (tries === 40) throw new ApiError(503, { code: "unreachable" });
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function useQuote(asset: Asset, { from, until }: Times) {
  const quote = useSignal<Quote | null>(null);
  const error = useSignal<unknown>(null);
  useEffect(() => {
    let isCurrent = true;
    quoteOf(asset.number, from.value, until.value).then(
      (found) => isCurrent && ([quote.value, error.value] = [found, null]),
      (reason: unknown) => isCurrent && ([quote.value, error.value] = [null, reason]),
    );
    return () => void (isCurrent = false);
  }, [asset.number, from.value.getTime(), until.value.getTime(), version.value]);
  return { quote, error };
}

function Book({ asset }: { asset: Asset }) {
  const times = useTimes();
  const { quote, error } = useQuote(asset, times);
  const key = useSignal("");
  const isRefused = error.value instanceof ApiError && error.value.status === 422;
  const prepare = async () => {
    const [{ total }, renterKey] = [quote.value!, await createUnlockingKey()];
    key.value = hexOf(renterKey);
    return booking(asset.number, [times.from.value, times.until.value], renterKey, units(total));
  };
  const show = async (): Promise<void> => goTo(["booking", String(await findBooked(asset.number, key.value))]);
  const isTaken = quote.value?.is_free === false;
  return (
    <section class="book">
      <h2>{t("book.title")}</h2>
      <Picker {...times} />
      {quote.value && <Price quote={quote.value} asset={asset} />}
      {quote.value && <CancelTerms quote={quote.value} asset={asset} from={times.from.value} />}
      {isTaken && (
        <>
          <p class="is-failed" role="alert">
            {t("book.taken")}
          </p>
          <NextFree asset={asset.number} {...times} />
        </>
      )}
      {isRefused && (
        <p class="is-failed" role="alert">
          {messageOf(error.value)}
        </p>
      )}
      {error.value !== null && !isRefused && <Failure error={error.value} />}
      <WithWallet why={t("book.wallet")}>
        <Deed
          label={t("book.do")}
          name={t("book.named", { title: asset.title })}
          icon="capture"
          isMain
          isDisabled={!quote.value || isTaken}
          prepare={prepare}
          question={(fee) =>
            t("book.sure", {
              total: lmmText(units(quote.value?.total ?? "0")),
              back: lmmText(units(quote.value?.deposit ?? "0")),
              when: rangeText(times.from.value.toISOString(), times.until.value.toISOString()),
              fee,
            })
          }
          onDone={show}
          key={`${times.from.value.getTime()}-${times.until.value.getTime()}`}
        />
      </WithWallet>
      <Rules asset={asset} />
    </section>
  );
}

// ---- the page

function Told({ asset }: { asset: Asset }) {
  return (
    <>
      {asset.text && <p class="prose">{asset.text}</p>}
      <p class="small soft">
        {t("thing.owner")} <Person address={asset.owner} what={t("thing.owner")} />
      </p>
      <h2>{t("thing.calendar")}</h2>
      <Calendar asset={asset.number} version={version.value} />
      <h2>{t("thing.lock")}</h2>
      <p class="prose">{t(asset.lock ? "thing.lockText" : "thing.noLock")}</p>
    </>
  );
}

function Shown({ asset }: { asset: Asset }) {
  useHeadingFocus();
  useSubject(asset.title);
  const now = useSignal<Check>({ is: "checking" });
  const { number, owner, title, text, place, price_per_minute, deposit } = asset;
  const isOwn = owner === address.value;
  return (
    <>
      <header class="thing-head">
        <Art category={asset.category} />
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          <p class="thing-price">{priceText(asset)}</p>
          <p class="small soft">
            {categoryText(asset.category)} · {place}
          </p>
          <p>
            <VerdictChip now={now.value} />
          </p>
        </div>
      </header>
      <div class="two">
        <div>
          {isOwn && (
            <Notice icon="object" title={t("thing.yours")}>
              <div class="actions">
                <a class="button" href={linkTo(["mine", "things", String(number)])}>
                  {t("thing.manage")}
                </a>
              </div>
            </Notice>
          )}
          {!isOwn && asset.is_withdrawn && <Notice icon="empty" title={t("thing.withdrawn")} />}
          {!isOwn && !asset.is_withdrawn && <Book asset={asset} key={number} />}
          <Told asset={asset} />
        </div>
        <ProofPanel
          item={{
            id: `asset-${number}`,
            proof: asset.proof,
            shown: { asset: { number, owner, title, text, place, price_per_minute, deposit } },
            hashes: asset.photo ? [["thing.photo", asset.photo]] : [],
          }}
          now={now}
        />
      </div>
    </>
  );
}

export function Page() {
  useHeadingFocus();
  const number = route.value.path[1] ?? "";
  useEffect(() => void findWallet(), []);
  useSignalEffect(() => {
    const [page, wanted = ""] = route.value.path;
    if (page === "thing" && loaded.peek()?.number !== wanted) void load(wanted);
  });
  const { asset, error } = loaded.value?.number === number ? loaded.value : { asset: null, error: null };
  const isMissing = error instanceof ApiError && error.status === 404;
  return (
    <>
      <a class="back small" href="#/">
        <Icon name="back" />
        {t("thing.back")}
      </a>
      {asset && <Shown asset={asset} key={asset.tx} />}
      {!asset && <h1 tabIndex={-1} class={error ? "" : "waiting-head"}>{t(error ? "thing.one" : "home.loading")}</h1>}
      {isMissing && (
        <Notice icon="search" title={t("thing.missing")}>
          <p class="soft">{t("missing.text")}</p>
        </Notice>
      )}
      {error !== null && !isMissing && <Failure error={error} onRetry={() => void load(number)} />}
    </>
  );
}
