// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody at a dock who is handed goods, or who hands them on; or who holds goods.
// What they decide: whether to take over what is offered, as it fared on its way; what to open.
// Visible at 360×640 unscrolled: who acts, and the first offer with goods, quantity, condition, and the
// buttons that accept and refuse.
import "./custody.css";
import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { addTexts, t } from "../../../web/lib/i18n";
import { Failure, Notice, Time } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { onNews } from "../../../web/shell/news";
import { linkTo, route, useHeadingFocus } from "../../../web/shell/route";
import { Answer } from "./answer";
import { client } from "./api";
import { type HandOver, type Shipment, me, nameOf, whoIsThere, withdrawing } from "./custody-data";
import { Account, Actors, AlarmMark, Conditions, Paid, Parted, useDeed } from "./custody-parts";
import { quantityOf } from "./measures";
import { ShipmentPage } from "./shipment";
import { custodyTexts } from "./texts.custody.en";
import { wordTexts } from "./texts.words.en";

addTexts({ ...custodyTexts, ...wordTexts });

interface Lists {
  of: string; // whose
  offered: HandOver[];
  offering: HandOver[];
  held: Shipment[];
  returned: HandOver[]; // that others refused of what was offered to them
  refused: HandOver[]; // by whom it is
}
const REFUSED_SHOWN = 10; // the newest
const lists = signal<Lists | null>(null);
const error = signal<unknown>(null);
const isKnown = signal(false);
void whoIsThere.finally(() => (isKnown.value = true));

async function load(): Promise<void> {
  const of = me.value;
  if (!of) return;
  try {
    const [offered, offering, held, returned, refused] = await Promise.all([
      client.page<HandOver>(`/v1/hand-overs?to=${of}&state=offered&perPage=100`),
      client.page<HandOver>(`/v1/hand-overs?from=${of}&state=offered&perPage=100`),
      client.page<Shipment>(`/v1/shipments?custodian=${of}&perPage=100`),
      client.page<HandOver>(`/v1/hand-overs?from=${of}&state=refused&perPage=${REFUSED_SHOWN}`),
      client.page<HandOver>(`/v1/hand-overs?to=${of}&state=refused&perPage=${REFUSED_SHOWN}`),
    ]);
    const there = { offered: offered.items, offering: offering.items, held: held.items };
    if (of === me.value) [lists.value, error.value] = [{ of, ...there, returned: returned.items, refused: refused.items }, null];
  } catch (reason) {
    error.value = reason;
  }
}
// Others' pages bring this module with them, and ask for none of it.
const isShown = (): boolean => route.value.path[0] === "custody" && route.value.path[1] === undefined;
effect(() => {
  if (isShown() && me.value) void load();
});
for (const type of ["hand_over", "shipment", "alarm", "reset"] as const)
  onNews(type, () => {
    if (isShown()) void load();
  });

function Goods({ one }: { one: HandOver }) {
  return (
    <>
      <h3>
        <a href={linkTo(["custody", String(one.shipment)])}>{nameOf(one.epc)}</a>
      </h3>
      <p class="offer-sum">
        <strong>{quantityOf(one)}</strong>
        <AlarmMark count={one.alarms_now} />
        <span class="small soft">
          <Time at={one.offered} />
        </span>
      </p>
    </>
  );
}

function Offered({ one }: { one: HandOver }) {
  return (
    <li class="offer">
      <Goods one={one} />
      <p class="small">
        {t("custody.from")} <Account address={one.from} />
      </p>
      <Conditions items={one.conditions} />
      {one.alarms_now > one.alarms && <p class="small is-failed">{t("custody.since", { n: one.alarms_now - one.alarms })}</p>}
      {one.alarms_earlier > 0 && <p class="small is-failed">{t("custody.alarmsEarlier", { n: one.alarms_earlier })}</p>}
      <Answer one={one} onDone={() => void load()} />
    </li>
  );
}

function Offering({ one }: { one: HandOver }) {
  const { isBusy, error, run, outcome } = useDeed(() => void load());
  return (
    <li class="offer">
      <Goods one={one} />
      <p class="small">
        {t("custody.to")} <Account address={one.to} />
      </p>
      <Paid method="withdraw" error={error.value}>
        <div class="actions">
          <button type="button" class="button" disabled={isBusy.value} onClick={() => void run(withdrawing(one))}>
            {t("custody.withdraw")}
          </button>
        </div>
      </Paid>
      {outcome}
    </li>
  );
}

// `isMine`: refused by whom this page is for, else to it.
function Refused({ items, isMine }: { items: HandOver[]; isMine: boolean }) {
  if (items.length === 0) return null;
  return (
    <section class="offers">
      <h2>{t(isMine ? "custody.refused" : "custody.returned")}</h2>
      <ul class="offer-list">
        {items.map((one) => (
          <li class="offer" key={one.id}>
            <h3>
              <a href={linkTo(["custody", String(one.shipment)])}>{nameOf(one.epc)}</a>
            </h3>
            <p class="offer-sum">
              <strong>{quantityOf(one)}</strong>
              <q>{one.reason}</q>
            </p>
            <p class="small">
              {t(isMine ? "custody.stayedWith" : "custody.refusedBy")} <Account address={isMine ? one.from : one.to} />{" "}
              {one.closed && <Time at={one.closed} isExact />}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Held({ one }: { one: Shipment }) {
  return (
    <li>
      <a class="row" href={linkTo(["custody", String(one.id)])}>
        <span class="row-icon">
          <Icon name="object" />
        </span>
        <span class="row-what">
          <strong>
            <Parted name={nameOf(one.epc)} />
          </strong>
          <span class="small soft">{`${quantityOf(one)} · ${t(`custody.state.${one.state}`)}`}</span>
        </span>
        <span class="row-state">
          <AlarmMark count={one.alarms} />
        </span>
      </a>
    </li>
  );
}

function Inbox({ offered, offering, held, returned, refused }: Lists) {
  return (
    <>
      <section class="offers" aria-labelledby="offered">
        <h2 id="offered">{t("custody.offered")}</h2>
        {offered.length === 0 && (
          <Notice icon="empty" title={t("custody.nothing")}>
            <p class="soft">{t("custody.nothingText")}</p>
          </Notice>
        )}
        <ul class="offer-list">
          {offered.map((one) => (
            <Offered one={one} key={one.id} />
          ))}
        </ul>
      </section>
      {offering.length > 0 && (
        <section class="offers">
          <h2>{t("custody.offering")}</h2>
          <ul class="offer-list">
            {offering.map((one) => (
              <Offering one={one} key={one.id} />
            ))}
          </ul>
        </section>
      )}
      <section class="offers">
        <h2>{t("custody.held")}</h2>
        {held.length === 0 && <p class="soft">{t("custody.heldNone")}</p>}
        <ul class="rows">
          {held.map((one) => (
            <Held one={one} key={one.id} />
          ))}
        </ul>
      </section>
      <Refused items={returned} isMine={false} />
      <Refused items={refused} isMine />
    </>
  );
}

function InboxPage() {
  useHeadingFocus();
  useEffect(() => void load(), []);
  const there = lists.value?.of === me.value ? lists.value : null;
  return (
    <>
      <div class="lead">
        <h1 tabIndex={-1}>{t("custody.title")}</h1>
        {isKnown.value && <Actors />}
      </div>
      {error.value !== null && <Failure error={error.value} onRetry={() => void load()} />}
      {there && <Inbox {...there} />}
      {!there && me.value !== "" && error.value === null && (
        <div class="ghost-page" aria-hidden="true">
          <span class="ghost" />
          <span class="ghost" />
        </div>
      )}
    </>
  );
}

export function Page() {
  const number = Number(route.value.path[1] ?? "");
  return Number.isSafeInteger(number) && number > 0 ? <ShipmentPage id={number} key={number} /> : <InboxPage />;
}
