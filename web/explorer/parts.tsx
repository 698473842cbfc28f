// SPDX-License-Identifier: Apache-2.0
// What the explorer's pages are made of: links by address, rows of transactions, facts, values, curl.
import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { type Json } from "../lib/abi";
import { ApiError } from "../lib/api";
import { shortAddress } from "../lib/address";
import { unitsOf } from "../lib/amount";
import { formatLocale, hasText, t } from "../lib/i18n";
import { Amount } from "../shell/amount";
import { Failure, Notice, State, Time } from "../shell/components";
import { Icon, type IconName } from "../shell/icons";
import { Ident } from "../shell/ident";
import { useName } from "../shell/people";
import { linkTo, route, useSubject } from "../shell/route";
import { type Listed, type TxItem, findNames } from "./data";
import { curlOf, textIn } from "./text";

export const pageOf = (...path: (string | number)[]): string => linkTo(["explorer", ...path.map(String)]);

export const number = (value: number): string => value.toLocaleString(formatLocale.value);

// --- links ---

const names = signal<Map<string, string>>(new Map()); // of contracts

// An account, or a contract by its name; also one of those whose names are not known.
export function AddressLink({ address, isContract = false }: { address: string; isContract?: boolean }) {
  useEffect(() => void findNames().then((found) => (names.value = found)), []);
  const person = useName(address);
  const name = names.value.get(address) ?? person;
  const kind = isContract || names.value.has(address) ? "contracts" : "accounts";
  return (
    <a class={name ? "" : "mono"} href={pageOf(kind, address)} title={address}>
      {name || shortAddress(address)}
    </a>
  );
}

export const BlockLink = ({ height }: { height: number }) => (
  <a href={pageOf("blocks", height)}>{t("explorer.block", { n: height })}</a>
);

export const Lmm = ({ amount }: { amount: string }) => <Amount units={unitsOf(amount) ?? 0n} />;

// Of sums beside one another: what is less than an LMM tells nobody anything.
export const WholeLmm = ({ amount }: { amount: string }) => <Lmm amount={amount.replace(/\..*/, "")} />;

export function Title({ text }: { text: string }) {
  useSubject(text);
  return <h1 tabIndex={-1}>{text}</h1>;
}

export function Back() {
  return (
    <a class="back" href={pageOf()}>
      <Icon name="back" />
      {t("explorer.title")}
    </a>
  );
}

const TABS = ["", "contracts", "witnesses"] as const;
export function Tabs() {
  const asked = route.value.path[1] ?? "";
  const part = WITNESS_PARTS.some((one) => one === asked) ? "witnesses" : asked; // they are reached from there
  return (
    <nav class="tabs" aria-label={t("explorer.parts")}>
      {TABS.map((tab) => (
        <a href={tab ? pageOf(tab) : pageOf()} aria-current={part === tab ? "page" : undefined} key={tab}>
          {t(`explorer.tab.${tab || "newest"}`)}
        </a>
      ))}
    </nav>
  );
}

const WITNESS_PARTS = ["witnesses", "candidates", "epochs", "decisions", "network"] as const;
export function WitnessParts() {
  const part = route.value.path[1];
  return (
    <nav class="chips" aria-label={t("explorer.witnessParts")}>
      {WITNESS_PARTS.map((one) => (
        <a href={pageOf(one)} aria-current={part === one ? "page" : undefined} key={one}>
          {t(one === "witnesses" ? "explorer.servingNow" : `explorer.${one}`)}
        </a>
      ))}
    </nav>
  );
}

// --- what was read ---

export function Curl({ path, body }: { path: string; body?: string }) {
  const isCopied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(curlOf(location.origin, path, body));
    isCopied.value = true;
    setTimeout(() => (isCopied.value = false), 1500);
  };
  return (
    <span class="curl">
      <button type="button" class="tool" title={curlOf(location.origin, path, body)} onClick={() => void copy()}>
        <span class="live">
          <Icon name={isCopied.value ? "done" : "copy"} />
          {t("explorer.curl")}
        </span>
      </button>
      <span class="unseen" role="status">
        {isCopied.value ? t("copy.done") : ""}
      </span>
    </span>
  );
}

// --- facts ---

export type Fact = [name: string, value: ComponentChildren] | null;
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl class="entries">
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{t(fact[0])}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

export const Hash = ({ hash, what }: { hash: string; what: string }) => <Ident whole={hash} what={t(what)} />;

export function Ghosts({ lines }: { lines: number }) {
  return (
    <div class="ghosts" role="status">
      <span class="unseen">{t("explorer.loading")}</span>
      {Array.from({ length: lines }, (_, i) => (
        <span class="ghost" key={i} style={{ width: `${88 - ((i * 23) % 48)}%` }} />
      ))}
    </div>
  );
}

interface AbsentProps {
  title?: string; // of a page that is nothing else yet
  error: unknown;
  reload: () => void;
  lines: number;
}
// In place of what is not there: still asked for, not to be had, or nowhere.
export function Absent({ title, error, reload, lines }: AbsentProps) {
  const isMissing = error instanceof ApiError && error.status === 404;
  return (
    <>
      {title && <Title text={title} />}
      {isMissing && (
        <Notice icon="search" title={t("explorer.nothing")}>
          <p class="soft">{t("explorer.missingText")}</p>
        </Notice>
      )}
      {!isMissing && (error ? <Failure error={error} onRetry={reload} /> : <Ghosts lines={lines} />)}
    </>
  );
}

// --- transactions in lists ---

const ICONS: Record<string, IconName> = { transfer: "send", call: "contract", deploy: "file", upgrade: "file", timer: "pending" };
export const iconOf = (action: string): IconName => ICONS[action] ?? "correction";
export const actionName = (kind: string): string => (hasText(`explorer.action.${kind}`) ? t(`explorer.action.${kind}`) : kind);
export const titleOf = ({ action, method }: TxItem): string => (action === "call" && method ? method : actionName(action));

export function Outcome({ code }: { code: string }) {
  return <State name={code === "OK" ? "final" : "failed"} />;
}

export function TxRow({ tx, isFresh }: { tx: TxItem; isFresh: boolean }) {
  const other = tx.contract ?? tx.to;
  return (
    <li class={isFresh ? "is-fresh" : ""}>
      <div class="row tx">
        <span class="row-icon">
          <Icon name={iconOf(tx.action)} />
        </span>
        <span class="row-what">
          <a class="tx-title" href={pageOf("transactions", tx.id)}>
            <strong>{titleOf(tx)}</strong>
            {tx.amount && (
              <>
                {" "}
                <Lmm amount={tx.amount} />
              </>
            )}
            {tx.action_count > 1 && <span class="small soft"> {t("explorer.andMore", { n: tx.action_count - 1 })}</span>}
          </a>
          <span class="small soft">
            {tx.sender ? <AddressLink address={tx.sender} /> : t("explorer.byItself")}
            {other && (
              <>
                {" → "}
                <AddressLink address={other} isContract={tx.contract !== null} />
              </>
            )}
          </span>
        </span>
        <span class="row-where small soft">
          <BlockLink height={tx.height} />
        </span>
        <span class="row-when small soft">
          <Time at={tx.time} />
        </span>
        <span class="row-state">
          <Outcome code={tx.code} />
        </span>
      </div>
    </li>
  );
}

interface RowsProps<Item> {
  list: Listed<Item>;
  empty: ComponentChildren;
  lines: number;
  row: (item: Item, isFresh: boolean) => ComponentChildren;
  keyOf: (item: Item) => string;
}
export function Rows<Item>({ list, empty, lines, row, keyOf }: RowsProps<Item>) {
  const { items, next, isLoading, error, more, reload, fresh } = list;
  if (items.length === 0)
    return isLoading || error ? <Absent error={error} reload={reload} lines={lines} /> : <>{empty}</>;
  return (
    <>
      <ul class="rows">{items.map((item) => row(item, fresh.has(keyOf(item))))}</ul>
      {error !== null && <Failure error={error} onRetry={more} />}
      {next && (
        <div class="rows-end">
          <span class="small soft" role="status">
            {isLoading ? t("explorer.loading") : t("explorer.shown", { n: items.length })}
          </span>
          <button type="button" class="button" disabled={isLoading} onClick={more}>
            {t("explorer.more")}
          </button>
        </div>
      )}
    </>
  );
}

export const txKey = (tx: TxItem): string => tx.id;
export function TxRows({ list }: { list: Listed<TxItem> }) {
  const none = (
    <Notice icon="empty" title={t("explorer.noTransactions")}>
      <p class="soft">{t("explorer.noTransactionsText")}</p>
    </Notice>
  );
  return (
    <Rows
      list={list}
      lines={6}
      keyOf={txKey}
      empty={none}
      row={(tx, isFresh) => <TxRow tx={tx} isFresh={isFresh} key={tx.id} />}
    />
  );
}

// --- values ---

const LONG = 64; // characters of bytes that are shown at once
const SHOWN_ITEMS = 5;

export function Bytes({ hex }: { hex: string }) {
  if (hex === "") return <span class="soft">{t("explorer.noBytes")}</span>;
  const text = hex.length > LONG ? textIn(hex) : null;
  const short = hex.length > LONG ? `${hex.slice(0, LONG)}…` : hex;
  return (
    <div class="bytes">
      <Ident whole={hex} short={short} what={t("explorer.bytesWhat")} />
      {hex.length > LONG && <span class="small soft">{t("explorer.bytes", { n: hex.length / 2 })}</span>}
      {text !== null && (
        <details class="details">
          <summary>{t("explorer.asText")}</summary>
          <pre class="mono" tabIndex={0}>
            {text}
          </pre>
        </details>
      )}
    </div>
  );
}

function Items({ items }: { items: Json[] }) {
  const isAll = useSignal(false);
  if (items.length === 0) return <span class="soft">{t("explorer.none")}</span>;
  const shown = isAll.value ? items : items.slice(0, SHOWN_ITEMS);
  return (
    <>
      <ol class="values">
        {shown.map((item, i) => (
          <li key={i}>
            <Value value={item} />
          </li>
        ))}
      </ol>
      {items.length > shown.length && (
        <button type="button" class="button" onClick={() => (isAll.value = true)}>
          {t("explorer.all", { n: items.length })}
        </button>
      )}
    </>
  );
}

// Of what type a value is, its form tells: an address, bytes in hex, or a text.
export function Value({ value }: { value: Json }) {
  if (value === null) return <span class="soft">{t("explorer.none")}</span>;
  if (Array.isArray(value)) return <Items items={value} />;
  if (typeof value === "object")
    return (
      <dl class="members">
        {Object.entries(value).map(([name, member]) => (
          <div key={name}>
            <dt class="mono">{name}</dt>
            <dd>
              <Value value={member} />
            </dd>
          </div>
        ))}
      </dl>
    );
  if (typeof value !== "string") return <span class="mono">{String(value)}</span>;
  if (/^lmm1[02-9ac-hj-np-z]{58}$/.test(value)) return <AddressLink address={value} />;
  if (value === "" || (/^([0-9a-f]{2})+$/.test(value) && value.length >= 32)) return <Bytes hex={value} />;
  return <span class={/^\d+$/.test(value) ? "mono" : "text"}>{value}</span>;
}
