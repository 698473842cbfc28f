// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who holds a thing, or a paper with its identifier, at a dock, in a shop or
// in an office; or who looks whether their partner's events have arrived.
// What they decide: whether the thing was where it is said to have been; which event to open.
// Visible at 360×640 unscrolled: the search field with its button, the filters' switch, the goods with the
// newest alarm, and the first two events with step, thing, place, age and state.
import { signal, useSignal, useSignalEffect } from "@preact/signals";
import { t } from "../../../web/lib/i18n";
import { Failure, Notice, State, Time } from "../../../web/shell/components";
import { GhostRows } from "../../../web/shell/ghost-rows";
import { Icon, type IconName } from "../../../web/shell/icons";
import { onNews } from "../../../web/shell/news";
import { goTo, linkTo, route, useHeadingFocus } from "../../../web/shell/route";
import { NewestAlarm } from "./alarms";
import { type EventItem, type EventPage, client } from "./api";
import { EVENT_TYPES, identifiersOf, summaryOf } from "./epcis";
import { type Naming, headingOf, kindOf, whatOf, whereOf } from "./words";

const PER_PAGE = 20;
const KEPT_CHARACTERS = 8; // at the end of an identifier
const FIELDS = ["epc", "type", "from", "to"] as const;
type Search = Record<(typeof FIELDS)[number], string>;

interface Results {
  is: "loading" | "there" | "failed";
  items: EventItem[];
  next: string | null;
  error: unknown;
  identifiers: string[]; // that were looked for; none: what was typed means nothing here
}
const NOTHING: Results = { is: "loading", items: [], next: null, error: null, identifiers: [] };

// Kept while an event is open, so that going back shows the list at once.
const results = signal<Results>(NOTHING);
const isOutdated = signal(false); // events came since
let loadedFor: string | null = null;
// "reset": news may have been missed. A capture, of whomever, brings events.
for (const type of ["event", "capture", "reset"] as const) onNews(type, () => (isOutdated.value = true));

function searchOf(query: URLSearchParams): Search {
  const of = (field: string): string => query.get(field)?.trim() ?? "";
  return { epc: of("epc"), type: of("type"), from: of("from"), to: of("to") };
}

// Days are the reader's own: from the first one's midnight to the midnight after the last.
function midnight(day: string, daysLater: number): string | null {
  const [year, month, date] = day.split("-").map(Number);
  const time = new Date(year ?? NaN, (month ?? NaN) - 1, (date ?? NaN) + daysLater);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

// What is no identifier may be a lot's number alone, which the server knows.
async function identifiersMeant({ epc }: Search, signal: AbortSignal): Promise<string[]> {
  const own = identifiersOf(epc);
  if (own.length > 0 || epc === "") return own;
  const found = await client.get<{ items: { kind: string; id: string }[] }>(`/v1/search?q=${encodeURIComponent(epc)}`, signal);
  return found.items.filter(({ kind }) => kind === "epc").map(({ id }) => id);
}

function parametersOf(search: Search, identifiers: string[], token: string | null): string {
  const parameters = new URLSearchParams({ perPage: String(PER_PAGE) });
  const set = (name: string, value: string | null): void => void (value && parameters.set(name, value));
  set("identifier", identifiers.join("|"));
  set("EQ_eventType", search.type);
  set("GE_eventTime", midnight(search.from, 0));
  set("LT_eventTime", midnight(search.to, 1));
  set("nextPageToken", token);
  return parameters.toString();
}

let running: AbortController | null = null;
async function load(search: Search, isMore = false): Promise<void> {
  running?.abort();
  const own = new AbortController();
  running = own;
  const before = isMore ? results.value : NOTHING;
  results.value = { ...before, is: "loading", error: null };
  if (!isMore) isOutdated.value = false;
  try {
    const identifiers = isMore ? before.identifiers : await identifiersMeant(search, own.signal);
    if (search.epc !== "" && identifiers.length === 0) {
      results.value = { ...NOTHING, is: "there" };
      return;
    }
    const path = `/v1/events?${parametersOf(search, identifiers, before.next)}`;
    const page = await client.get<EventPage>(path, own.signal);
    results.value = { is: "there", items: [...before.items, ...page.items], next: page.next, error: null, identifiers };
  } catch (error) {
    if (running === own) results.value = { ...before, is: "failed", error };
  }
}

function SearchForm({ search }: { search: Search }) {
  const isNarrow = search.type !== "" || search.from !== "" || search.to !== "";
  const isOpen = useSignal(isNarrow);
  const submit = (event: Event): void => {
    event.preventDefault();
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(event.currentTarget as HTMLFormElement))
      if (typeof value === "string" && value.trim()) query.set(name, value.trim());
    if (query.toString() === route.value.query.toString()) void load(search);
    else goTo([], query);
  };
  return (
    <form class="search" role="search" onSubmit={submit} key={JSON.stringify(search)}>
      <div class="search-line">
        <label class="unseen" for="epc">
          {t("home.epc")}
        </label>
        <input
          id="epc"
          name="epc"
          class="input"
          type="search"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          placeholder={t("home.epc")}
          aria-describedby="epc-hint"
          defaultValue={search.epc}
        />
        <button class="button main-action" aria-label={t("home.search")}>
          <Icon name="search" />
          <span class="wide">{t("home.search")}</span>
        </button>
      </div>
      <div class="search-hint">
        <p id="epc-hint" class="small soft">
          {t("home.epcHint")}
        </p>
        <button
          type="button"
          class="tool"
          aria-expanded={isOpen.value}
          aria-controls="filters"
          onClick={() => (isOpen.value = !isOpen.value)}
        >
          <span class="live">
            <Icon name="filter" />
            {t("home.filters")}
          </span>
        </button>
      </div>
      <div id="filters" class="filters" hidden={!isOpen.value}>
        <label class="field">
          {t("home.type")}
          <select name="type" class="input">
            <option value="">{t("home.anyType")}</option>
            {EVENT_TYPES.map((type) => {
              const value = `${type.charAt(0).toUpperCase()}${type.slice(1)}Event`;
              return (
                <option value={value} selected={value === search.type}>
                  {t(`type.${type}`)}
                </option>
              );
            })}
          </select>
        </label>
        <label class="field">
          {t("home.from")}
          <input name="from" type="date" class="input" defaultValue={search.from} />
        </label>
        <label class="field">
          {t("home.to")}
          <input name="to" type="date" class="input" defaultValue={search.to} />
        </label>
      </div>
    </form>
  );
}

// Where there is not room for all of it, the middle goes: an identifier's end, and what is said behind
// it, stay.
function Cut({ text: { before, id, after } }: { text: Naming }) {
  const characters = [...id];
  const end = characters.slice(-KEPT_CHARACTERS).join("");
  return (
    <span class="cut">
      <span>{before + id.slice(0, id.length - end.length)}</span>
      <span>{end + after}</span>
    </span>
  );
}

export function EventRow({ item }: { item: EventItem }) {
  const summary = summaryOf(item.event);
  const icon = (summary.declaration ? "correction" : summary.type) as IconName;
  return (
    <li>
      <a class="row" href={linkTo(["event", item.id])}>
        <span class="row-icon">
          <Icon name={icon} />
        </span>
        <span class="row-what">
          <strong>{headingOf(summary)}</strong>
          <span class="small soft">
            <Cut text={whatOf(summary)} />
          </span>
        </span>
        <span class="row-where small soft">
          {summary.place && <span class="unseen">{kindOf(summary.place)} </span>}
          <Cut text={whereOf(summary.place)} />
        </span>
        <span class="row-when small soft">
          <Time at={item.eventTime} />
        </span>
        <span class="row-state">
          <State name={item.final ? "final" : "pending"} />
        </span>
      </a>
    </li>
  );
}

function Found({ search, isSearch }: { search: Search; isSearch: boolean }) {
  const { is, items, next, error, identifiers } = results.value;
  const isUnknown = search.epc !== "" && identifiers.length === 0;
  if (is === "failed" && items.length === 0) return <Failure error={error} onRetry={() => void load(search)} />;
  if (is === "loading" && items.length === 0) return <GhostRows />;
  if (items.length === 0)
    return isSearch ? (
      <Notice icon="search" title={t(isUnknown ? "home.noIdentifier" : "home.none")}>
        <p class="soft">{t(isUnknown ? "home.noIdentifierText" : "home.noneText")}</p>
        <div class="actions">
          <a class="button" href="#/">
            {t("home.clear")}
          </a>
        </div>
      </Notice>
    ) : (
      <Notice icon="empty" title={t("home.empty")}>
        <p class="soft">{t("home.emptyText")}</p>
        <div class="actions">
          <a class="button main-action" href={linkTo(["capture"])}>
            {t("home.emptyAction")}
          </a>
        </div>
      </Notice>
    );
  return (
    <>
      <div class="row row-head small soft" aria-hidden="true">
        <span class="row-icon" />
        <span>{t("home.colWhat")}</span>
        <span>{t("home.colWhere")}</span>
        <span>{t("home.colWhen")}</span>
        <span>{t("home.colState")}</span>
      </div>
      <ul class="rows">
        {items.map((item) => (
          <EventRow item={item} key={item.id} />
        ))}
      </ul>
      {is === "failed" && <Failure error={error} onRetry={() => void load(search, true)} />}
      <div class="rows-end">
        <span class="small soft" role="status">
          {is === "loading" ? t("home.loading") : t("home.shown", { n: items.length })}
        </span>
        {next && is === "there" && (
          <button type="button" class="button" onClick={() => void load(search, true)}>
            {t("home.more")}
          </button>
        )}
      </div>
    </>
  );
}

export function Home() {
  useHeadingFocus();
  const search = searchOf(route.value.query);
  const isSearch = FIELDS.some((field) => search[field] !== "");
  useSignalEffect(() => {
    const wanted = searchOf(route.value.query);
    const key = JSON.stringify(wanted);
    const isHere = route.value.path.length === 0 || route.value.path[0] === "search";
    if (!isHere || (key === loadedFor && results.peek().is === "there" && !isOutdated.peek())) return;
    loadedFor = key;
    void load(wanted);
  });
  return (
    <>
      <div class="lead">
        <h1 tabIndex={-1}>{t("home.title")}</h1>
        <p class="soft wide">{t("home.lead")}</p>
      </div>
      <SearchForm search={search} />
      {!isSearch && <NewestAlarm />}
      <section class="results" aria-busy={results.value.is === "loading"}>
        <div class="results-head">
          <h2>{t(isSearch ? "home.results" : "home.latest")}</h2>
          {isOutdated.value && !isSearch ? (
            <button type="button" class="button" onClick={() => void load(search)}>
              {t("home.news")}
            </button>
          ) : (
            isSearch && (
              <a class="button" href="#/">
                {t("home.clear")}
              </a>
            )
          )}
        </div>
        <Found search={search} isSearch={isSearch} />
      </section>
    </>
  );
}
