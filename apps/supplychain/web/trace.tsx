// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who has to know what a lot is made of, or where all of it went: a buyer who asks
// for its origin, a producer who calls it back.
// What they decide: whom to ask, whom to warn, and which of it to stop.
// Visible at 360×640 unscrolled: the goods, how many things they came from and went into, and the first of
// what they were made from or became.
import "./trace.css";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { addTexts, t } from "../../../web/lib/i18n";
import { Failure, Notice, Time } from "../../../web/shell/components";
import { Icon, type IconName } from "../../../web/shell/icons";
import { Ident } from "../../../web/shell/ident";
import { linkTo, route, useHeadingFocus, useSubject } from "../../../web/shell/route";
import { type EventItem, type EventPage, client } from "./api";
import { identify, summaryOf } from "./epcis";
import { quantityOf } from "./measures";
import { traceTexts } from "./texts.trace.en";
import { wordTexts } from "./texts.words.en";
import { type Direction, type Found, type Holding, type Trace, askTrace, foundOf } from "./trace-data";
import { headingOf, kindOf, textOf, whereOf } from "./words";

addTexts({ ...traceTexts, ...wordTexts });

const EVENTS_MOST = 100;
const STEPS_SHOWN = 6; // further ones are set no further in

interface Whole {
  trace: Trace;
  events: EventItem[];
  isMore: boolean;
}
const loaded = signal<{ epc: string; whole: Whole | null; error: unknown } | null>(null);

async function load(epc: string): Promise<void> {
  if (loaded.value?.epc !== epc) loaded.value = { epc, whole: null, error: null };
  try {
    const named = new URLSearchParams({ identifier: epc, perPage: String(EVENTS_MOST) });
    const [trace, events] = await Promise.all([askTrace(epc), client.get<EventPage>(`/v1/events?${named.toString()}`)]);
    const whole = { trace, events: events.items, isMore: events.next != null };
    if (loaded.value?.epc === epc) loaded.value = { epc, whole, error: null };
  } catch (error) {
    if (loaded.value?.epc === epc) loaded.value = { epc, whole: loaded.value.whole, error };
  }
}

const traceLink = (epc: string): string => linkTo(["trace"], new URLSearchParams({ epc }));
const shortOf = (address: string): string => `${address.slice(0, 8)}…${address.slice(-6)}`;

// ---- who holds it

function Held({ one }: { one: Holding }) {
  return (
    <span class="small held">
      <a href={linkTo(["custody", String(one.shipment)])}>{t("trace.holds", { amount: quantityOf(one) })}</a>
      <Ident whole={one.custodian} short={shortOf(one.custodian)} what={t("trace.account")} />
      {one.alarms > 0 && (
        <span class="state is-failed">
          <Icon name="failed" />
          {t("trace.alarms", { n: one.alarms })}
        </span>
      )}
    </span>
  );
}

// ---- where it came from, where it went

function Thing({ one }: { one: Found }) {
  const id = identify(one.epc);
  return (
    <li class="traced" style={{ "--steps": Math.min(one.steps, STEPS_SHOWN) - 1 }}>
      <span class="small soft">
        {t(`trace.how.${one.how}`, { of: one.of && one.steps > 1 ? identify(one.of).short : t("trace.it") })}
      </span>
      <a href={traceLink(one.epc)}>
        <strong>{id.short}</strong>
      </a>
      <span class="small soft">
        {[id.kind === "other" ? "" : kindOf(id), one.amount].filter(Boolean).join(" · ")}
        {one.event && (
          <>
            {" · "}
            <a href={linkTo(["event", one.event.id])}>
              <Time at={one.event.eventTime} isExact />
            </a>
          </>
        )}
      </span>
      {one.shipments.map((held) => (
        <Held one={held} key={held.shipment} />
      ))}
      {one.stranger && (
        <span class="small beside">
          <Icon name="waiting" />
          <span>
            {t("trace.stranger")} <Ident whole={one.stranger} short={shortOf(one.stranger)} what={t("trace.account")} />
          </span>
        </span>
      )}
    </li>
  );
}

function Way({ way, found }: { way: Direction; found: Found[] }) {
  const own = found.filter(({ direction }) => direction === way);
  return (
    <section class="trace-way">
      <h2>{t(`trace.${way}`)}</h2>
      {own.length === 0 ? (
        <p class="soft">{t(`trace.${way}None`)}</p>
      ) : (
        <ul class="trace-list">
          {own.map((one) => (
            <Thing one={one} key={one.epc} />
          ))}
        </ul>
      )}
    </section>
  );
}

// ---- what happened to it

function Timeline({ events, isMore }: { events: EventItem[]; isMore: boolean }) {
  const inOrder = [...events].sort((a, b) => Date.parse(a.eventTime) - Date.parse(b.eventTime));
  return (
    <section class="trace-way">
      <h2>{t("trace.timeline")}</h2>
      {events.length === 0 && <p class="soft">{t("trace.noEvents")}</p>}
      <ol class="trace-list">
        {inOrder.map((item) => {
          const summary = summaryOf(item.event);
          return (
            <li class="moment" key={item.id}>
              <Icon name={(summary.declaration ? "correction" : summary.type) as IconName} />
              <div>
                <a href={linkTo(["event", item.id])}>
                  <strong>{headingOf(summary)}</strong>
                </a>
                {summary.place && <span class="small soft">{textOf(whereOf(summary.place))}</span>}
                <span class="small soft">
                  <Time at={item.eventTime} isExact />
                </span>
              </div>
            </li>
          );
        })}
      </ol>
      {isMore && <p class="small soft">{t("trace.moreEvents", { n: EVENTS_MOST })}</p>}
    </section>
  );
}

const Cut = ({ text }: { text: string }) => (
  <p class="small beside" role="note">
    <Icon name="waiting" />
    <span>{text}</span>
  </p>
);

function Shown({ epc, whole: { trace, events, isMore } }: { epc: string; whole: Whole }) {
  const found = foundOf(trace);
  const id = identify(epc);
  const count = (way: Direction): number => found.filter(({ direction }) => direction === way).length;
  useHeadingFocus();
  useSubject(id.short);
  return (
    <>
      <div class="lead">
        <h1 tabIndex={-1}>
          {id.short.split(/(?<=[./])/).map((part) => [part, <wbr />])}
        </h1>
        <p class="soft">
          {t("trace.from", { n: count("backward") })} {t("trace.into", { n: count("forward") })}
        </p>
        {trace.identifiers[0]?.shipments.map((one) => <Held one={one} key={one.shipment} />)}
        {trace.cut.some((bound) => bound !== "shipments") && <Cut text={t("trace.cut")} />}
        {trace.cut.includes("shipments") && <Cut text={t("trace.cutHolders")} />}
      </div>
      <div class="two">
        <div>
          <Way way="backward" found={found} />
          <Way way="forward" found={found} />
          {count("forward") > 0 && (
            <p class="small">
              <a href={`/v1/recall?${new URLSearchParams({ epc, format: "csv" }).toString()}`} download>
                {t("trace.recall")}
              </a>
            </p>
          )}
        </div>
        <Timeline events={events} isMore={isMore} />
      </div>
    </>
  );
}

export function Page() {
  useHeadingFocus();
  const epc = route.value.query.get("epc") ?? "";
  useEffect(() => {
    if (epc) void load(epc);
  }, [epc]);
  const { whole, error } = loaded.value?.epc === epc ? loaded.value : { whole: null, error: null };
  const isUnknown = whole !== null && whole.events.length === 0 && whole.trace.identifiers.length <= 1 && !whole.trace.identifiers[0]?.shipments.length;
  return (
    <>
      <a class="back small" href={epc ? linkTo([], new URLSearchParams({ epc })) : "#/"}>
        <Icon name="back" />
        {t("trace.search")}
      </a>
      {whole && !isUnknown && <Shown epc={epc} whole={whole} key={epc} />}
      {(!whole || isUnknown) && (
        <h1 tabIndex={-1} class={error || isUnknown || !epc ? "unseen" : "waiting-head"}>
          {t(error || isUnknown || !epc ? "trace.title" : "trace.loading")}
        </h1>
      )}
      {!whole && error === null && epc && <div class="ghost-page" aria-hidden="true"><span class="ghost" /><span class="ghost" /><span class="ghost" /></div>}
      {(isUnknown || !epc) && (
        <Notice icon="search" title={t("trace.unknown")}>
          <p class="soft">{t("trace.unknownText")}</p>
        </Notice>
      )}
      {error !== null && <Failure error={error} onRetry={() => void load(epc)} />}
    </>
  );
}
