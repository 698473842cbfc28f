// SPDX-License-Identifier: Apache-2.0
// Who is here: a receiver, an auditor or a buyer who follows a link to one event.
// What they decide: whether to believe it and act on it: accept the goods, file it, or ask back.
// Visible at 360×640 unscrolled: what happened, whether it was declared wrong, that it is final;
// the thing, the place and the time; the browser's own verdict in a word, at 1280 all of it.
import "./event.css";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { ApiError } from "../../../web/lib/api";
import { addTexts, t } from "../../../web/lib/i18n";
import { Failure, Notice, State, Time } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { Ident } from "../../../web/shell/ident";
import { itemOf } from "../../../web/shell/item";
import { linkTo, useHeadingFocus } from "../../../web/shell/route";
import { type EventItem, client } from "./api";
import { partiesOf, readingsOf } from "./details";
import { type Identity, type Summary, type Thing, summaryOf } from "./epcis";
import { type Check, ProofPanel, type Provable, VerdictChip } from "../../../web/shell/proof-panel";
import { Readings } from "./readings";
import { eventTexts } from "./texts.event.en";
import { wordTexts } from "./texts.words.en";
import { headingOf, kindOf, textOf, whatOf, wordOf } from "./words";

addTexts({ ...eventTexts, ...wordTexts });

const SHOWN_FIRST = 6;

const useEvent = itemOf({
  page: "event",
  read: (id, abort) => client.get<EventItem>(`/v1/events/${encodeURIComponent(id)}`, abort),
  news: ["event"],
  isOf: (news, id) => (news as { id: string } | null)?.id === id,
});

function Fact({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Id({ id }: { id: Identity }) {
  return (
    <span class="thing">
      {id.kind !== "other" && <span class="small soft">{kindOf(id)}</span>}
      <Ident whole={id.uri} short={id.short} what={kindOf(id)} />
    </span>
  );
}

// EPCIS counts pieces where no unit is named.
const amountOf = ({ amount }: Thing): string => (Number.isNaN(Number(amount)) ? amount : t("quantity.pieces", { n: Number(amount) }));

function Things({ items }: { items: Thing[] }) {
  const isAll = useSignal(false);
  const shown = isAll.value ? items : items.slice(0, SHOWN_FIRST);
  return (
    <>
      <ul class="things">
        {shown.map((thing) => (
          <li class="thing">
            <span class="small soft">{kindOf(thing)}</span>
            <span class="ident">
              {thing.amount && <strong>{amountOf(thing)}</strong>}
              <Ident whole={thing.uri} short={thing.short} what={kindOf(thing)} />
              <a
                class="copy"
                href={linkTo([], new URLSearchParams({ epc: thing.uri }))}
                aria-label={`${t("event.trace")}: ${thing.short}`}
              >
                <Icon name="search" />
              </a>
            </span>
          </li>
        ))}
      </ul>
      {items.length > shown.length && (
        <button type="button" class="button" onClick={() => (isAll.value = true)}>
          {t("event.all", { n: items.length })}
        </button>
      )}
    </>
  );
}

function What({ summary }: { summary: Summary }) {
  return (
    <Fact title={t("event.what")}>
      {summary.groups.length === 0 && <span class="soft">{t("event.noThings")}</span>}
      {summary.groups.map((group) => (
        <div class="group">
          {group.role !== "things" && <p class="small group-name">{t(`role.${group.role}`)}</p>}
          <Things items={group.items} />
        </div>
      ))}
    </Fact>
  );
}

function Line({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="line">
      <span class="small soft">{name}</span>
      <span>{children}</span>
    </div>
  );
}

function Facts({ item, summary }: { item: EventItem; summary: Summary }) {
  const { sources, destinations, documents } = partiesOf(item.event);
  const parties = [
    ...sources.map((party) => ({ ...party, way: "party.from" })),
    ...destinations.map((party) => ({ ...party, way: "party.to" })),
  ];
  const offset = String(item.event["eventTimeZoneOffset"] ?? "");
  return (
    <dl class="facts">
      <What summary={summary} />
      <Fact title={t("event.where")}>
        {summary.readPoint && (
          <Line name={t("event.readPoint")}>
            <Id id={summary.readPoint} />
          </Line>
        )}
        {summary.location && (
          <Line name={t("event.location")}>
            <Id id={summary.location} />
          </Line>
        )}
        {!summary.place && <span class="soft">{t("where.none")}</span>}
      </Fact>
      <Fact title={t("event.when")}>
        <Line name={t("event.happened")}>
          <Time at={item.eventTime} isExact />
          {offset && <span class="small soft"> ({t("event.zone", { offset })})</span>}
        </Line>
        <Line name={t("event.recorded")}>
          <Time at={item.recordTime} isExact />
        </Line>
      </Fact>
      <Fact title={t("event.why")}>
        {summary.step && <Line name={t("event.step")}>{wordOf("step", summary.step)}</Line>}
        {summary.disposition && (
          <Line name={t("event.disposition")}>{wordOf("disposition", summary.disposition)}</Line>
        )}
        <Line name={t("event.kind")}>{t(`type.${summary.type}`)}</Line>
        {documents.map((document) => (
          <Line name={wordOf("btt", document.type)}>
            <Id id={document.id} />
          </Line>
        ))}
      </Fact>
      {parties.length > 0 && (
        <Fact title={t("event.who")}>
          {parties.map((party) => (
            <Line name={t(party.way, { role: wordOf("party", party.type) })}>
              <Id id={party.id} />
            </Line>
          ))}
        </Fact>
      )}
    </dl>
  );
}

// What was right, in words; its identifier is told by the Proof panel.
function Corrective({ id }: { id: string }) {
  const found = useSignal<EventItem | null>(null);
  const isMissing = useSignal(false);
  useEffect(() => {
    client.get<EventItem>(`/v1/events/${encodeURIComponent(id)}`).then(
      (item) => (found.value = item),
      (error: unknown) => (isMissing.value = error instanceof ApiError && error.status === 404),
    );
  }, [id]);
  if (isMissing.value) return <p class="soft">{t("event.correctiveMissing")}</p>;
  const item = found.value;
  return (
    <p>
      {t("event.corrective")}{" "}
      <a href={linkTo(["event", id])}>{item ? headingOf(summaryOf(item.event)) : t("event.title")}</a>
      {item && (
        <span class="soft">
          {" "}
          <Time at={item.eventTime} isExact />
        </span>
      )}
    </p>
  );
}

function Declaration({ declaration }: { declaration: NonNullable<Summary["declaration"]> }) {
  return (
    <Notice icon="correction" title={t("event.declared")}>
      <p>
        {declaration.reason && `${wordOf("reason", declaration.reason)} `}
        {t("event.declaredOn")} <Time at={declaration.time} isExact />
      </p>
      {declaration.corrective.map((id) => (
        <Corrective id={id} key={id} />
      ))}
    </Notice>
  );
}

const provableOf = (item: EventItem, summary: Summary): Provable => ({
  id: item.id,
  proof: item.proof,
  shown: { event: item.event, hash: item.hash },
  hashes: [
    ["proof.hash", item.hash.replace(/^ni:\/\/\/sha-256;|\?.*$/g, "")],
    ...(summary.declaration?.corrective ?? []).map((id): [string, string] => ["event.corrective", id]),
  ],
});

function Shown({ item }: { item: EventItem }) {
  useHeadingFocus();
  const summary = summaryOf(item.event);
  const check = useSignal<Check>({ is: "checking" });
  const isRefused = check.value.is === "checked" && !check.value.verdict.isProven;
  return (
    <>
      <div class="event-head">
        <h1 tabIndex={-1}>{headingOf(summary)}</h1>
        <p class="event-sum">
          {!isRefused && <State name={item.final ? "final" : "pending"} />}
          <VerdictChip now={check.value} />
          <span class="soft">{textOf(whatOf(summary))}</span>
          <span class="soft">
            <Time at={item.eventTime} />
          </span>
        </p>
      </div>
      {summary.declaration && (
        <div class="declared">
          <Declaration declaration={summary.declaration} />
        </div>
      )}
      <div class="two">
        <div class="event-body">
          <Facts item={item} summary={summary} />
          <Readings rows={readingsOf(item.event)} />
          <details class="details raw">
            <summary>{t("event.raw")}</summary>
            <p class="small soft">
              {t("event.id")}: <Ident whole={item.eventID} what={t("event.id")} />
            </p>
            <pre class="mono" tabIndex={0}>
              {JSON.stringify(item.event, null, 2)}
            </pre>
          </details>
        </div>
        <ProofPanel item={provableOf(item, summary)} now={check} />
      </div>
    </>
  );
}

export function Page() {
  useHeadingFocus();
  const { item, error, isMissing, isWaiting, reload } = useEvent();
  return (
    <>
      <a class="back small" href="#/">
        <Icon name="back" />
        {t("event.back")}
      </a>
      {item && <Shown item={item} key={JSON.stringify(item)} />}
      {!item && (
        <h1 tabIndex={-1} class={isWaiting ? "waiting-head" : "unseen"}>
          {t(isWaiting ? "event.loading" : "event.title")}
        </h1>
      )}
      {isWaiting && <div class="ghost-page" aria-hidden="true"><span class="ghost" /><span class="ghost" /><span class="ghost" /></div>}
      {isMissing && (
        <Notice icon="search" title={t("event.missing")}>
          <p class="soft">{t("event.missingText")}</p>
        </Notice>
      )}
      {error !== null && <Failure error={error} onRetry={reload} />}
    </>
  );
}
