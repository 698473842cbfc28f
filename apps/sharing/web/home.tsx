// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who needs a drill for an afternoon, and has never heard of chains.
// What they decide: which thing to look at; whether it is near, free and cheap enough.
// Visible at 360×640 unscrolled: the search, and the first things with drawing, price and place.
import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { unitsOf } from "../../../web/lib/amount";
import { hasText, t } from "../../../web/lib/i18n";
import { lmmText } from "../../../web/shell/amount";
import { Failure, Notice } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { onNews } from "../../../web/shell/news";
import { goTo, linkTo, route, useHeadingFocus } from "../../../web/shell/route";
import { Waiting } from "../../../web/shell/waiting";
import { type Asset, CATEGORIES, client, priceOf } from "./api";
import { Art } from "./art";

const PER_PAGE = 24;
const NEAR_M = "5000";

interface Found {
  is: "loading" | "there" | "failed";
  key: string; // what was asked
  items: Asset[];
  next: string | null;
  error: unknown;
}
const found = signal<Found>({ is: "loading", key: "", items: [], next: null, error: null });

// What the address asks for, in the server's words; null: nothing can be found so.
function askedOf(query: URLSearchParams): string {
  const asked = new URLSearchParams({ perPage: String(PER_PAGE) });
  for (const name of ["text", "category", "near"]) {
    const value = query.get(name)?.trim();
    if (value) asked.set(name, value);
  }
  const most = unitsOf(query.get("price") ?? ""); // an hour
  if (most) asked.set("maxPricePerMinute", lmmPlain(most / 60n));
  const [from, until] = [query.get("from"), query.get("until")].map((text) => new Date(text ?? ""));
  if (from && until && from < until) {
    asked.set("from", from.toISOString());
    asked.set("until", until.toISOString());
  }
  return `/v1/assets?${asked}`;
}
const lmmPlain = (units: bigint): string => `${units / 100_000_000n}.${(units % 100_000_000n).toString().padStart(8, "0")}`;

async function load(key: string, isMore = false): Promise<void> {
  const before = found.value;
  const items = isMore || before.key === key ? before.items : [];
  found.value = { ...before, is: "loading", key, items, error: null };
  try {
    const page = await client.page<Asset>(isMore && before.next ? before.next : key);
    if (found.value.key !== key) return;
    found.value = { is: "there", key, items: isMore ? [...items, ...page.items] : page.items, next: page.next, error: null };
  } catch (error) {
    if (found.value.key === key) found.value = { ...found.value, is: "failed", error };
  }
}
for (const type of ["asset", "reset"]) onNews(type, () => found.value.key && void load(found.value.key));

export function priceText(asset: Pick<Asset, "price_per_minute" | "unit">): string {
  return t(`price.${asset.unit}`, { amount: lmmText(priceOf(asset)) });
}
export const categoryText = (category: string): string =>
  hasText(`category.${category}`) ? t(`category.${category}`) : category;

function Card({ asset, dates }: { asset: Asset; dates: URLSearchParams }) {
  return (
    <li>
      <a class="offer" href={linkTo(["thing", String(asset.number)], dates)}>
        <Art category={asset.category} />
        <strong>{asset.title}</strong>
        <span>{priceText(asset)}</span>
        <span class="small soft">{asset.place}</span>
        {dates.has("from") && (
          <span class="state is-final">
            <Icon name="final" />
            {t("home.free")}
          </span>
        )}
      </a>
    </li>
  );
}

function Filters({ query, onNear }: { query: URLSearchParams; onNear: () => void }) {
  return (
    <div class="filters">
      <label class="field">
        {t("home.category")}
        <select name="category" class="input" value={query.get("category") ?? ""}>
          <option value="">{t("home.all")}</option>
          {CATEGORIES.map((name) => (
            <option value={name} key={name}>
              {categoryText(name)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {t("home.price")}
        <input name="price" class="input" inputMode="decimal" value={query.get("price") ?? ""} />
      </label>
      <label class="field">
        {t("book.from")}
        <input name="from" type="datetime-local" class="input" value={query.get("from") ?? ""} />
      </label>
      <label class="field">
        {t("book.until")}
        <input name="until" type="datetime-local" class="input" value={query.get("until") ?? ""} />
      </label>
      <input name="near" type="hidden" value={query.get("near") ?? ""} />
      <div class="actions">
        <button class="button">{t("home.filter")}</button>
        <button type="button" class="button" onClick={onNear}>
          {t("home.near")}
        </button>
        {query.size > 0 && (
          <a class="button" href="#/">
            {t("home.clear")}
          </a>
        )}
      </div>
    </div>
  );
}

function Search() {
  const { query } = route.value;
  const isFar = useSignal(false); // where this is was not told
  const search = (form: HTMLFormElement, near?: string): void => {
    const next = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) next.set(name, String(value));
    if (near) next.set("near", near);
    goTo([], next);
  };
  const findNear = (): void => {
    const form = document.querySelector<HTMLFormElement>("#search")!;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => search(form, `${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)},${NEAR_M}`),
      () => (isFar.value = true),
    );
  };
  const hasFilters = ["category", "price", "from", "near"].some((name) => query.has(name));
  return (
    <form
      id="search"
      key={query.toString()}
      onSubmit={(event) => (event.preventDefault(), search(event.currentTarget))}
    >
      <div class="search-line">
        <input name="text" type="search" class="input" aria-label={t("home.search")} placeholder={t("home.hint")} value={query.get("text") ?? ""} />
        <button class="button main-action" aria-label={t("home.find")}>
          <Icon name="search" />
        </button>
      </div>
      <details class="details" open={hasFilters}>
        <summary>{t("home.filters")}</summary>
        <Filters query={query} onNear={findNear} />
        {isFar.value && <p class="small is-failed" role="alert">{t("home.noPlace")}</p>}
      </details>
    </form>
  );
}

function Results({ asked }: { asked: string }) {
  const { is, items, next, error } = found.value;
  const { query } = route.value;
  const dates = new URLSearchParams(["from", "until"].flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : [])));
  if (is === "failed" && items.length === 0) return <Failure error={error} onRetry={() => void load(asked)} />;
  if (is === "loading" && items.length === 0) return <Waiting word={t("home.loading")} />;
  if (items.length === 0)
    return (
      <Notice icon="empty" title={t(query.size > 0 ? "home.none" : "home.empty")}>
        <p class="soft">{t(query.size > 0 ? "home.noneText" : "home.emptyText")}</p>
        <div class="actions">
          <a class="button" href={query.size > 0 ? "#/" : linkTo(["list"])}>
            {t(query.size > 0 ? "home.clear" : "list.new")}
          </a>
        </div>
      </Notice>
    );
  return (
    <>
      <ul class="offers">
        {items.map((asset) => (
          <Card asset={asset} dates={dates} key={asset.number} />
        ))}
      </ul>
      {is === "failed" && <Failure error={error} onRetry={() => void load(asked, true)} />}
      <div class="rows-end">
        <span class="small soft" role="status">
          {is === "loading" ? t("home.loading") : t("home.shown", { n: items.length })}
        </span>
        {next && is === "there" && (
          <button type="button" class="button" onClick={() => void load(asked, true)}>
            {t("home.more")}
          </button>
        )}
      </div>
    </>
  );
}

export function Home() {
  useHeadingFocus();
  const asked = askedOf(route.value.query);
  useEffect(() => void (found.value.key !== asked && load(asked)), [asked]);
  return (
    <>
      <div class="lead">
        <h1 tabIndex={-1}>{t("home.title")}</h1>
      </div>
      <Search />
      <section aria-busy={found.value.is === "loading"}>
        <h2 class="unseen">{t("home.things")}</h2>
        <Results asked={asked} />
      </section>
    </>
  );
}
