// SPDX-License-Identifier: Apache-2.0
// Who is here: a renter who looks for their booking; an owner who looks after their things (#/mine/things).
// What they decide: which to open; the owner, whether an incoming booking wants something of them.
// Visible at 360×640 unscrolled: what is rented now or next, or the things with what is booked of them.
import "./pages.css";
import { signal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { addTexts, t } from "../../../web/lib/i18n";
import { lmmText } from "../../../web/shell/amount";
import { findChain } from "../../../web/shell/chain";
import { Failure, Notice, State } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { onNews } from "../../../web/shell/news";
import { PersonName } from "../../../web/shell/people";
import { linkTo, route, useHeadingFocus } from "../../../web/shell/route";
import { Waiting } from "../../../web/shell/waiting";
import { address, findWallet, wallet } from "../../../web/wallet/keys";
import { type Asset, type Booking, client, units } from "./api";
import { Art } from "./art";
import { Calendar } from "./calendar";
import { withdrawing } from "./calls";
import { Deed } from "./deed";
import { priceText } from "./home";
import { BindLock } from "./bind-lock";
import { Keep } from "./keep";
import { sendWaiting, waiting } from "./outgoing";
import { pageTexts } from "./texts.pages.en";
import { rangeText } from "./when";

addTexts(pageTexts);

interface Mine {
  renting: Booking[];
  lent: Booking[];
  things: Asset[];
  named: Map<number, Asset>;
}
const mine = signal<Mine | null>(null);
const error = signal<unknown>(null);
const version = signal(0);
const MOST = 100;

const listOf = async <Item,>(path: string, query: Record<string, string>): Promise<Item[]> =>
  (await client.page<Item>(`${path}?${new URLSearchParams({ ...query, perPage: String(MOST) })}`)).items;

async function load(): Promise<void> {
  if (!address.value) return;
  const own = address.value;
  try {
    const [renting, lent, things] = await Promise.all([
      listOf<Booking>("/v1/bookings", { renter: own }),
      listOf<Booking>("/v1/bookings", { owner: own }),
      listOf<Asset>("/v1/assets", { owner: own }),
      findChain(),
    ]);
    const named = new Map(things.map((one) => [one.number, one]));
    const strange = [...new Set(renting.map(({ asset }) => asset))].filter((number) => !named.has(number));
    for (const asset of await Promise.all(strange.map((number) => client.get<Asset>(`/v1/assets/${number}`))))
      named.set(asset.number, asset);
    [mine.value, error.value] = [{ renting, lent, things, named }, null];
    version.value++;
  } catch (reason) {
    error.value = reason;
  }
}
for (const type of ["asset", "booking", "calendar", "reset"]) onNews(type, () => void load());

interface RowProps {
  booking: Booking;
  asset: Asset | undefined | null; // null: the list is of one thing's bookings
  isOwners?: boolean;
}
function BookingRow({ booking, asset, isOwners }: RowProps) {
  const isWaiting = waiting.value.some((one) => one.booking === booking.number);
  const { state, outcome } = booking;
  const isOfOne = asset === null;
  const range = rangeText(booking.from, booking.until);
  const renter = <PersonName address={booking.renter} />;
  const said = state === "settled" ? t(`booking.outcome.${outcome ?? "returned"}`) : t(`booking.state.${state}`);
  return (
    <li>
      <a class="row" href={linkTo(["booking", String(booking.number)])}>
        <span class="row-icon">
          <Icon name="object" />
        </span>
        <span class="row-what">
          <strong>{isOfOne ? range : (asset?.title ?? t("booking.one"))}</strong>
          <span class="small soft">{isOfOne ? renter : range}</span>
        </span>
        {!isOfOne && <span class="row-where small soft">{isOwners && renter}</span>}
        <span class="row-when small soft">
          {t("price.lmm", { amount: lmmText(units(state === "settled" ? booking.bill : booking.rent)) })}
        </span>
        <span class="row-state">
          <State name={isWaiting ? "pending" : state === "running" || state === "ending" ? "pending" : "final"} word={said} />
        </span>
      </a>
    </li>
  );
}

function Renting({ renting, named }: Mine) {
  if (renting.length === 0)
    return (
      <Notice icon="empty" title={t("mine.noBookings")}>
        <p class="soft">{t("mine.noBookingsText")}</p>
        <div class="actions">
          <a class="button main-action" href="#/">
            {t("home.title")}
          </a>
        </div>
      </Notice>
    );
  const isOpen = ({ state }: Booking): boolean => state !== "settled";
  const parts: [string, Booking[]][] = [
    ["mine.open", renting.filter(isOpen)],
    ["mine.before", renting.filter((one) => !isOpen(one))],
  ];
  return (
    <>
      {parts.map(
        ([title, list]) =>
          list.length > 0 && (
            <section key={title}>
              <h2>{t(title)}</h2>
              <ul class="rows bookings">
                {list.map((booking) => (
                  <BookingRow booking={booking} asset={named.get(booking.asset)} key={booking.number} />
                ))}
              </ul>
            </section>
          ),
      )}
    </>
  );
}

function Things({ things, lent, named }: Mine) {
  const offered = things.filter(({ is_withdrawn }) => !is_withdrawn);
  const open = lent.filter(({ state }) => state !== "settled");
  const earned = lent.reduce((sum, { bill }) => sum + units(bill), 0n);
  return (
    <>
      <div class="actions">
        <a class="button main-action" href={linkTo(["list"])}>
          {t("list.new")}
        </a>
        {earned > 0n && <p class="soft">{t("mine.earned", { amount: lmmText(earned) })}</p>}
      </div>
      {offered.length === 0 ? (
        <Notice icon="empty" title={t("mine.noThings")}>
          <p class="soft">{t("mine.noThingsText")}</p>
        </Notice>
      ) : (
        <ul class="offers">
          {offered.map((asset) => (
            <li key={asset.number}>
              <a class="offer" href={linkTo(["mine", "things", String(asset.number)])}>
                <Art category={asset.category} />
                <strong>{asset.title}</strong>
                <span>{priceText(asset)}</span>
                <span class="small soft">{t("mine.booked", { n: open.filter((one) => one.asset === asset.number).length })}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {open.length > 0 && (
        <section>
          <h2>{t("mine.incoming")}</h2>
          <ul class="rows bookings">
            {open.map((booking) => (
              <BookingRow booking={booking} asset={named.get(booking.asset)} isOwners key={booking.number} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Thing({ asset, lent }: { asset: Asset; lent: Booking[] }) {
  const own = lent.filter((one) => one.asset === asset.number);
  const { number, title } = asset;
  return (
    <>
      <header class="thing-head">
        <Art category={asset.category} />
        <div>
          <h2>{title}</h2>
          <p>{priceText(asset)}</p>
          {asset.is_withdrawn && <State name="failed" word={t("thing.withdrawn")} />}
        </div>
      </header>
      <div class="two">
        <div>
          <h2>{t("thing.calendar")}</h2>
          <Calendar asset={number} isOwners version={version.value} />
          {!asset.is_withdrawn && <Keep asset={number} onDone={load} />}
          <h2>{t("mine.bookings")}</h2>
          {own.length === 0 && <p class="soft">{t("mine.noneYet")}</p>}
          <ul class="rows bookings of-one">
            {own.map((booking) => (
              <BookingRow booking={booking} asset={null} isOwners key={booking.number} />
            ))}
          </ul>
        </div>
        <div class="stack">
          {!asset.is_withdrawn && (
            <a class="button" href={linkTo(["list", String(number)])}>
              <Icon name="correction" />
              {t("list.change")}
            </a>
          )}
          <a class="button" href={linkTo(["thing", String(number)])}>
            {t("booking.thing")}
          </a>
          <BindLock asset={asset} onDone={load} />
          {!asset.is_withdrawn && (
            <Deed label={t("list.withdraw")} name={title} prepare={() => withdrawing(number)} question={(fee) => t("list.withdrawSure", { fee })} onDone={load} />
          )}
        </div>
      </div>
    </>
  );
}

function Content({ part, number }: { part: string | undefined; number: string | undefined }) {
  const { value } = mine;
  if (!value) return error.value === null ? <Waiting word={t("home.loading")} /> : <Failure error={error.value} onRetry={() => void load()} />;
  if (part !== "things") return <Renting {...value} />;
  const asset = value.things.find((one) => String(one.number) === number);
  return asset ? <Thing asset={asset} lent={value.lent} key={asset.number} /> : <Things {...value} />;
}

export function Page() {
  useHeadingFocus();
  useEffect(() => void findWallet().then(sendWaiting), []);
  useSignalEffect(() => {
    if (address.value) void load();
  });
  const [, part, number] = route.value.path;
  const tabs: [string, string[]][] = [
    ["mine.renting", ["mine"]],
    ["mine.things", ["mine", "things"]],
  ];
  return (
    <>
      <div class="lead">
        <h1 tabIndex={-1}>{t("mine.title")}</h1>
        <nav class="parts" aria-label={t("mine.parts")}>
          {tabs.map(([title, path]) => (
            <a href={linkTo(path)} aria-current={(part === "things") === (path.length > 1) ? "page" : undefined} key={title}>
              {t(title)}
            </a>
          ))}
        </nav>
      </div>
      {wallet.value === null ? (
        <Notice icon="wallet" title={t("mine.noWallet")}>
          <p class="soft">{t("mine.noWalletText")}</p>
          <div class="actions">
            <a class="button main-action" href="#/">
              {t("home.title")}
            </a>
            <a class="button" href={linkTo(["list"])}>
              {t("list.new")}
            </a>
          </div>
        </Notice>
      ) : (
        <Content part={part} number={number} />
      )}
    </>
  );
}
