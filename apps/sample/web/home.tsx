// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who was told of the book, or has signed it and looks for their entry.
// What they decide: which entry to open; whether to sign.
// Visible at 360×640 unscrolled: what this is, the button that signs, and the first entries with
// text, age and state.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../../web/lib/i18n";
import { Failure, Notice, State, Time } from "../../../web/shell/components";
import { GhostRows } from "../../../web/shell/ghost-rows";
import { Icon } from "../../../web/shell/icons";
import { onNews } from "../../../web/shell/news";
import { linkTo, useHeadingFocus } from "../../../web/shell/route";
import { type Entry, client } from "./api";

const PER_PAGE = 20;

interface Book {
  is: "loading" | "there" | "failed";
  items: Entry[];
  next: string | null;
  error: unknown;
}
const book = signal<Book>({ is: "loading", items: [], next: null, error: null });
const isOutdated = signal(true);
// The reader says when rows may move; where there is none, the first may come by itself.
for (const type of ["entry", "reset"])
  onNews(type, () => {
    isOutdated.value = true;
    if (book.value.is === "there") fillEmpty();
  });
const fillEmpty = (): void => void (book.value.items.length === 0 && isOutdated.value && load());

async function load(isMore = false): Promise<void> {
  const before = book.value;
  book.value = { ...before, is: "loading", error: null };
  if (!isMore) isOutdated.value = false;
  try {
    const path = isMore && before.next ? before.next : `/v1/entries?perPage=${PER_PAGE}`;
    const { items, next } = await client.page<Entry>(path);
    book.value = { is: "there", items: isMore ? [...before.items, ...items] : items, next, error: null };
    fillEmpty();
  } catch (error) {
    book.value = { ...before, is: "failed", error };
  }
}

function Row({ entry }: { entry: Entry }) {
  return (
    <li>
      <a class="row" href={linkTo(["entry", String(entry.number)])}>
        <span class="row-icon">
          <Icon name="file" />
        </span>
        <span class="row-what">
          <strong class="cut">
            <span>{entry.text}</span>
          </strong>
        </span>
        <span class="row-when small soft">
          <Time at={entry.changed} />
        </span>
        <span class="row-state">
          <State name={entry.final ? "final" : "pending"} />
        </span>
      </a>
    </li>
  );
}

function Entries() {
  const { is, items, next, error } = book.value;
  if (is === "failed" && items.length === 0) return <Failure error={error} onRetry={() => void load()} />;
  if (is === "loading" && items.length === 0) return <GhostRows />;
  if (items.length === 0)
    return (
      <Notice icon="empty" title={t("home.empty")}>
        <p class="soft">{t("home.emptyText")}</p>
      </Notice>
    );
  return (
    <>
      <ul class="rows">
        {items.map((entry) => (
          <Row entry={entry} key={entry.number} />
        ))}
      </ul>
      {is === "failed" && <Failure error={error} onRetry={() => void load(true)} />}
      <div class="rows-end">
        <span class="small soft" role="status">
          {is === "loading" ? t("home.loading") : t("home.shown", { n: items.length })}
        </span>
        {next && is === "there" && (
          <button type="button" class="button" onClick={() => void load(true)}>
            {t("home.more")}
          </button>
        )}
      </div>
    </>
  );
}

export function Home() {
  useHeadingFocus();
  useEffect(() => void (isOutdated.value && load()), []);
  return (
    <>
      <div class="lead">
        <h1 tabIndex={-1}>{t("home.title")}</h1>
        <div class="actions">
          <a class="button main-action" href={linkTo(["sign"])}>
            {t("sign.title")}
          </a>
          {isOutdated.value && book.value.is !== "loading" && (
            <button type="button" class="button" onClick={() => void load()}>
              {t("home.news")}
            </button>
          )}
        </div>
      </div>
      <section class="entries" aria-busy={book.value.is === "loading"}>
        <h2>{t("home.latest")}</h2>
        <Entries />
      </section>
    </>
  );
}
