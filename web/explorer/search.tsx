// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody with an id, an address, a height or a name of whatever kind.
// What they decide: which of the things that it may mean is theirs.
// Visible at 360×640 unscrolled: the field with what was looked for, and the first six finds. A
// single find is gone to at once.
import { useEffect } from "preact/hooks";
import { shortAddress } from "../lib/address";
import { hasText, t } from "../lib/i18n";
import { Notice } from "../shell/components";
import { Icon, type IconName } from "../shell/icons";
import { goTo, route, useHeadingFocus } from "../shell/route";
import { type Hit, client, useLoaded } from "./data";
import { Absent, Back, Curl, Title } from "./parts";
import { shortHash } from "./text";

export function SearchForm({ wanted = "" }: { wanted?: string }) {
  const submit = (event: Event): void => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget as HTMLFormElement).get("q")).trim();
    if (text) goTo(["explorer", "search"], new URLSearchParams({ q: text }));
  };
  return (
    <form class="search" role="search" onSubmit={submit}>
      <label class="unseen" for="explorer-q">
        {t("explorer.search")}
      </label>
      <div class="find">
        <input
          id="explorer-q"
          name="q"
          class="input"
          type="search"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={512}
          enterkeyhint="search"
          placeholder={t("explorer.searchHint")}
          defaultValue={wanted}
          key={wanted}
        />
        <button class="button main-action" aria-label={t("explorer.find")}>
          <Icon name="search" />
        </button>
      </div>
    </form>
  );
}

const ICONS: Record<string, IconName> = {
  block: "explorer",
  transaction: "transaction",
  account: "wallet",
  contract: "contract",
  witness: "final",
};
const kindName = (kind: string): string => (hasText(`explorer.kind.${kind}`) ? t(`explorer.kind.${kind}`) : kind);

const titleOf = ({ kind, id, title }: Hit): string =>
  kind === "block" ? t("explorer.block", { n: Number(id) }) : /^[0-9a-f]{64}$/.test(title) ? shortHash(title) : title.startsWith("lmm1") ? shortAddress(title) : title;

export function Search() {
  useHeadingFocus();
  const wanted = route.value.query.get("q") ?? "";
  const path = `/v1/search?${new URLSearchParams({ q: wanted }).toString()}`;
  const found = useLoaded(path, async (signal) => (await client.page<Hit>(path, signal)).items);
  const only = found.value?.length === 1 ? found.value[0]! : null;
  // In place of the search, so that going back leads to where it was begun.
  useEffect(() => void (only && location.replace(`#${only.path}`)), [only]);
  return (
    <>
      <Back />
      <Title text={t("explorer.found")} />
      <SearchForm wanted={wanted} />
      {!found.value ? (
        <Absent error={found.error} reload={found.reload} lines={3} />
      ) : found.value.length === 0 ? (
        <Notice icon="search" title={t("explorer.nothing")}>
          <p class="soft">{t("explorer.nothingText")}</p>
        </Notice>
      ) : (
        <ul class="rows finds">
          {found.value.map((hit) => (
            <li key={hit.path}>
              <a class="hit" href={`#${hit.path}`}>
                <Icon name={ICONS[hit.kind] ?? "object"} />
                <span class="small soft">{kindName(hit.kind)}</span>
                <strong class="hit-title" title={hit.title}>
                  {titleOf(hit)}
                </strong>
              </a>
            </li>
          ))}
        </ul>
      )}
      <Curl path={path} />
    </>
  );
}
