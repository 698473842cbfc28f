// SPDX-License-Identifier: Apache-2.0
// Who is here: an engineer who writes a program against this server, or asks whether they could.
// What they decide: which operation gives them what they need, and what they must send for it.
// Visible at 360×640 unscrolled: what this is, where the document lies, the filter, and the first
// operations with their methods, paths and summaries.
import "./docs.css";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { createClient } from "../lib/api";
import { addTexts, t } from "../lib/i18n";
import { Failure, Notice } from "../shell/components";
import { route, useHeadingFocus } from "../shell/route";
import { type Document, groupsOf, matches, operationsOf } from "./document";
import { OperationRow } from "./operation";
import { docsTexts } from "./texts.en";

addTexts(docsTexts);
const client = createClient();

function Filter({ text, count, onFilter }: { text: string; count: number; onFilter: (text: string) => void }) {
  return (
    <div class="docs-filter">
      <label class="field" for="docs-filter">
        {t("docs.filter")}
      </label>
      <input
        id="docs-filter"
        class="input"
        type="search"
        value={text}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onFilter(event.currentTarget.value)}
      />
      <span class="small soft" role="status">
        {t("docs.count", { n: count })}
      </span>
    </div>
  );
}

function Operations({ document: whole }: { document: Document }) {
  const filter = useSignal("");
  const [, linked = ""] = route.value.path;
  const all = operationsOf(whole);
  const shown = all.filter((operation) => matches(operation, filter.value.trim()));
  useEffect(() => void (linked && (filter.value = "")), [linked]); // so that it is there to be seen
  if (all.length === 0)
    return (
      <Notice icon="empty" title={t("docs.none")}>
        <p class="soft">{t("docs.noneText")}</p>
      </Notice>
    );
  const isUnknown = linked !== "" && filter.value === "" && !all.some(({ id }) => id === linked);
  return (
    <>
      <Filter text={filter.value} count={shown.length} onFilter={(text) => (filter.value = text)} />
      {isUnknown && <p role="status">{t("docs.unknown", { id: linked })}</p>}
      {shown.length === 0 && (
        <Notice icon="filter" title={t("docs.noMatch")}>
          <button type="button" class="button" onClick={() => (filter.value = "")}>
            {t("docs.clear")}
          </button>
        </Notice>
      )}
      {groupsOf(shown).map(({ name, operations }) => (
        <section key={name}>
          <h2 class="mono">{name}</h2>
          <ul class="rows">
            {operations.map((operation) => (
              <OperationRow whole={whole} operation={operation} isLinked={operation.id === linked} key={operation.id} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Ghosts() {
  return (
    <div class="docs-ghosts" role="status">
      <span class="unseen">{t("docs.loading")}</span>
      {Array.from({ length: 9 }, (_, i) => (
        <span class="ghost" key={i} style={{ width: `${90 - ((i * 23) % 48)}%` }} />
      ))}
    </div>
  );
}

export function Page() {
  useHeadingFocus();
  const found = useSignal<{ document?: Document; error?: unknown }>({});
  const ending = useRef(new AbortController());
  const load = async (): Promise<void> => {
    found.value = {};
    const { signal } = ending.current;
    try {
      found.value = { document: await client.get<Document>("/openapi.json", signal) };
    } catch (error) {
      if (!signal.aborted) found.value = { error };
    }
  };
  useEffect(() => {
    void load();
    return () => ending.current.abort();
  }, []);
  const { document: whole, error } = found.value;
  return (
    <div class="docs">
      <div class="lead">
        <h1 tabIndex={-1}>{t("docs.heading")}</h1>
        <p class="soft">
          {t("docs.lead")}{" "}
          <a class="mono" href="/openapi.json">
            {"/openapi.json"}
          </a>
        </p>
      </div>
      {whole ? <Operations document={whole} /> : error ? <Failure error={error} onRetry={() => void load()} /> : <Ghosts />}
    </div>
  );
}
