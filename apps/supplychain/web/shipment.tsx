// SPDX-License-Identifier: Apache-2.0
// Who is here: who holds a shipment, is to receive it, or has to answer for it.
// What they decide: whether the goods are as they should be, and on whose watch they were not; whom to
// hand them to.
// Visible at 360×640 unscrolled: the goods with their quantity and state, the alarm with value, time and
// custodian, and what accepts or refuses them where they are offered, else the plot's begin.
import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../../../web/lib/api";
import { formatLocale, loadBeside, t } from "../../../web/lib/i18n";
import { Failure, Notice, Time } from "../../../web/shell/components";
import { Icon, type IconName } from "../../../web/shell/icons";
import { Ident } from "../../../web/shell/ident";
import { onNews } from "../../../web/shell/news";
import { linkTo, useHeadingFocus, useSubject } from "../../../web/shell/route";
import { Answer } from "./answer";
import { client } from "./api";
import { type Alarm, type HandOver, type Journey, type Measured, type Shipment, me, milliOf, nameOf, offering } from "./custody-data";
import { Account, Actors, AlarmMark, Conditions, Paid, Parted, useDeed } from "./custody-parts";
import { symbolOf } from "./epcis";
import { boundsOf, isOutside, measuredOf, quantityOf } from "./measures";
import { measureOf } from "./words";

const READINGS_MOST = 1000;
const JOURNEYS_MOST = 20;

interface Whole {
  shipment: Shipment;
  readings: Measured[];
  isMore: boolean;
  alarms: Alarm[];
  handOvers: HandOver[];
  journeys: Journey[]; // the last first
}
const loaded = signal<{ id: number; whole: Whole | null; error: unknown } | null>(null);

async function load(id: number): Promise<void> {
  if (loaded.value?.id !== id) loaded.value = { id, whole: null, error: null };
  try {
    const [shipment, readings, alarms, handOvers, journeys] = await Promise.all([
      client.get<Shipment>(`/v1/shipments/${id}`),
      client.page<Measured>(`/v1/shipments/${id}/readings?perPage=${READINGS_MOST}`),
      client.page<Alarm>(`/v1/alarms?shipment=${id}&perPage=100`),
      client.page<HandOver>(`/v1/hand-overs?shipment=${id}&perPage=100`),
      client.page<Journey>(`/v1/shipments/${id}/journeys?perPage=${JOURNEYS_MOST}`),
    ]);
    const whole = {
      ...{ shipment, readings: readings.items, isMore: readings.next !== null, alarms: alarms.items },
      ...{ handOvers: handOvers.items, journeys: journeys.items },
    };
    if (loaded.value?.id === id) loaded.value = { id, whole, error: null };
  } catch (error) {
    if (loaded.value?.id === id) loaded.value = { id, whole: loaded.value.whole, error };
  }
}

const saidOf = ({ signed, late }: Measured): string =>
  [t(signed ? "custody.bySensor" : "custody.byWord"), ...(late ? [t("custody.late")] : [])].join(" · ");

function AlarmNotice({ alarms }: { alarms: Alarm[] }) {
  const newest = alarms[0];
  if (!newest) return null;
  return (
    <div class="alarm">
      <Notice icon="failed" title={t("custody.alarm", { value: measuredOf(newest.value_milli, newest.uom) })} isFailed>
        <p>
          <Time at={newest.time} isExact /> · {t("custody.heldBy")} <Account address={newest.custodian} />
        </p>
        <p class="small soft">{saidOf(newest)}</p>
      </Notice>
    </div>
  );
}

// ---- readings

type Rule = NonNullable<Shipment["rules"]>[number];

function Plot({ rule, readings }: { rule: Rule; readings: Measured[] }) {
  const box = useRef<HTMLDivElement>(null);
  const isAbsent = useSignal(false);
  useEffect(() => {
    let isOver = false;
    let end = (): void => undefined;
    loadBeside<typeof import("./plot")>("./plot.js").then(
      ({ draw }) => {
        if (isOver || !box.current) return;
        end = draw(box.current, {
          times: readings.map(({ time }) => Date.parse(time) / 1000),
          values: readings.map(({ value_milli }) => value_milli / 1000),
          least: rule.min_milli === null ? null : rule.min_milli / 1000,
          most: rule.max_milli === null ? null : rule.max_milli / 1000,
          unit: symbolOf(rule.uom),
          locale: formatLocale.value,
        });
      },
      () => (isAbsent.value = true),
    );
    return () => {
      isOver = true;
      end();
    };
  }, [readings, rule]);
  const values = readings.map(({ value_milli }) => value_milli);
  const out = readings.filter(({ value_milli }) => isOutside(value_milli, rule));
  const range = {
    low: measuredOf(Math.min(...values), rule.uom),
    high: measuredOf(Math.max(...values), rule.uom),
    n: readings.length,
  };
  return (
    <figure class="journey">
      <figcaption>
        <strong>{measureOf(rule.property)}</strong> <span class="small soft">{boundsOf(rule)}</span>
        <p class="small">
          {t("custody.range", range)} {out.length > 0 && <span class="is-failed">{t("custody.outCount", { n: out.length })}</span>}
        </p>
      </figcaption>
      <div class="plot-box" ref={box} aria-hidden="true" />
      {isAbsent.value && <p class="small soft">{t("custody.noPlot")}</p>}
    </figure>
  );
}

// A plot for each rule of a journey that has readings.
function Plots({ of, readings }: { of: { journey: number | null; rules?: Rule[] | undefined }; readings: Measured[] }) {
  return of.rules?.map((rule) => {
    const own = readings.filter((one) => one.journey === of.journey && one.rule === rule.rule);
    return own.length > 0 && <Plot rule={rule} readings={own} key={rule.rule} />;
  });
}

function Readings({ whole }: { whole: Whole }) {
  const { shipment, readings, isMore } = whole;
  return (
    <section class="journey-part">
      <h2>{t("custody.readings")}</h2>
      {readings.length === 0 && <p class="soft">{t("custody.noReadings")}</p>}
      <Plots of={{ journey: shipment.journey, rules: shipment.rules }} readings={readings} />
      {isMore && <p class="small soft">{t("custody.firstReadings", { n: READINGS_MOST })}</p>}
      {readings.length > 0 && (
        <details class="details">
          <summary>{t("custody.table")}</summary>
          <div class="scroll" tabIndex={0} role="region" aria-label={t("custody.readings")}>
            <table class="small">
              <thead>
                <tr>
                  <th>{t("custody.time")}</th>
                  <th>{t("custody.what")}</th>
                  <th class="number">{t("custody.value")}</th>
                  <th>{t("custody.said")}</th>
                </tr>
              </thead>
              <tbody>
                {readings.map((one) => (
                  <tr>
                    <td>
                      <Time at={one.time} isExact />
                    </td>
                    <td>{measureOf(one.property)}</td>
                    <td class="number">{measuredOf(one.value_milli, one.uom)}</td>
                    <td>{saidOf(one)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p class="small">
            <a href={`/v1/shipments/${shipment.id}/readings?format=csv&perPage=1000`} download>
              {t("custody.csv")}
            </a>
          </p>
        </details>
      )}
    </section>
  );
}

// ---- earlier journeys

function Earlier({ one, readings }: { one: Journey; readings: Measured[] }) {
  const whole = useSignal<Journey | null>(null);
  const error = useSignal<unknown>(null);
  const ask = async (): Promise<void> => {
    try {
      whole.value ??= await client.get<Journey>(`/v1/shipments/${one.shipment}/journeys/${one.journey}`);
      error.value = null;
    } catch (reason) {
      error.value = reason;
    }
  };
  return (
    <details class="details" onToggle={(event) => event.currentTarget.open && void ask()}>
      <summary>
        <span>{t("custody.journey", { n: one.journey })}</span>
        <span class="small soft">
          <Time at={one.departed} isExact />
        </span>
      </summary>
      <p class="small">
        {t("custody.from")} <Account address={one.shipper} /> {t("custody.to")} <Account address={one.destination} />
      </p>
      {whole.value && <Conditions items={whole.value.rules ?? []} />}
      {whole.value && <Plots of={whole.value} readings={readings} />}
      {error.value !== null && <Failure error={error.value} onRetry={() => void ask()} />}
    </details>
  );
}

function EarlierJourneys({ whole: { shipment, journeys, readings } }: { whole: Whole }) {
  const earlier = journeys.filter(({ journey }) => journey !== shipment.journey);
  if (earlier.length === 0) return null;
  return (
    <section class="journey-part">
      <h2>{t("custody.earlier")}</h2>
      {earlier.map((one) => (
        <Earlier one={one} readings={readings} key={one.journey} />
      ))}
    </section>
  );
}

// ---- the chain of custody

interface Step {
  at: string;
  icon: IconName;
  isBad?: boolean;
  text: string;
  who?: string;
  more?: string;
}

function stepsOf({ shipment, alarms, handOvers, journeys }: Whole): Step[] {
  const steps: Step[] = [{ at: shipment.registered, icon: "object", text: t("custody.step.registered"), who: shipment.origin }];
  for (const { departed, arrived, shipper } of journeys) {
    steps.push({ at: departed, icon: "send", text: t("custody.step.departed"), who: shipper });
    if (arrived) steps.push({ at: arrived, icon: "receive", text: t("custody.step.arrived") });
  }
  for (const one of handOvers) {
    const isRefused = one.state === "refused";
    steps.push({
      at: one.closed ?? one.offered,
      icon: isRefused ? "failed" : one.state === "accepted" ? "final" : "pending",
      isBad: isRefused,
      text: t(`custody.step.${one.state}`, { quantity: quantityOf(one) }),
      who: one.to,
      more: one.reason,
    });
  }
  for (const one of alarms)
    steps.push({ at: one.time, icon: "failed", isBad: true, text: t("custody.alarm", { value: measuredOf(one.value_milli, one.uom) }), who: one.custodian });
  return steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function Chain({ whole }: { whole: Whole }) {
  return (
    <section class="journey-part">
      <h2>{t("custody.chain")}</h2>
      <ol class="chain">
        {stepsOf(whole).map((step) => (
          <li class={step.isBad ? "is-bad" : undefined}>
            <Icon name={step.icon} />
            <div>
              <strong>{step.text}</strong>
              {step.who && <Account address={step.who} />}
              {step.more && <q class="small">{step.more}</q>}
              <span class="small soft">
                <Time at={step.at} isExact />
              </span>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

// ---- handing on

function OfferForm({ shipment }: { shipment: Shipment }) {
  const left = shipment.quantity_milli - shipment.offered_milli;
  const { isBusy, error, run, outcome } = useDeed(() => void load(shipment.id));
  const to = useSignal("");
  const quantity = useSignal(String(left / 1000));
  const fault = useSignal<string | null>(null);
  const submit = (event: Event): void => {
    event.preventDefault();
    const milli = milliOf(quantity.value);
    const isAddress = /^lmm1[02-9ac-hj-np-z]{58}$/.test(to.value.trim());
    fault.value = !isAddress ? "custody.badAddress" : milli === null || milli === 0 || milli > left ? "custody.badQuantity" : null;
    if (fault.value === null && milli !== null) void run(offering(shipment, milli, to.value.trim()));
  };
  return (
    <section class="journey-part">
      <h2>{t("custody.handOn")}</h2>
      <form class="hand-on" onSubmit={submit} noValidate>
        <label class="field">
          {t("custody.toWhom")}
          <input class="input mono" name="to" autocomplete="off" spellcheck={false} value={to.value} onInput={(event) => (to.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          {t("custody.howMuch", { unit: symbolOf(shipment.uom) || t("quantity.unit") })}
          <input class="input" name="quantity" inputMode="decimal" value={quantity.value} onInput={(event) => (quantity.value = event.currentTarget.value)} />
        </label>
        {fault.value && (
          <p class="small is-failed" role="alert">
            {t(fault.value)}
          </p>
        )}
        <Paid method="offer" error={error.value}>
          <div class="actions">
            <button class="button main-action" disabled={isBusy.value || left === 0}>
              {t("custody.offerDo")}
            </button>
          </div>
        </Paid>
        {outcome}
      </form>
    </section>
  );
}

// What is offered of it to whom the page is for.
function Offered({ whole: { shipment, handOvers } }: { whole: Whole }) {
  const offered = handOvers.filter(({ state, to }) => state === "offered" && to === me.value);
  return offered.map((one) => (
    <section class="offer" key={one.id}>
      <h2>{t("custody.offered")}</h2>
      <p class="offer-sum">
        <strong>{quantityOf(one)}</strong>
        <span class="small">
          {t("custody.from")} <Account address={one.from} />
        </span>
      </p>
      <Answer one={one} onDone={() => void load(shipment.id)} />
    </section>
  ));
}

function Shown({ whole }: { whole: Whole }) {
  const { shipment } = whole;
  useHeadingFocus();
  useSubject(nameOf(shipment.epc));
  return (
    <>
      <div class="lead">
        <h1 tabIndex={-1}>
          <Parted name={nameOf(shipment.epc)} />
        </h1>
        <p class="offer-sum">
          <strong>{quantityOf(shipment)}</strong>
          <span class="small soft">{t(`custody.state.${shipment.state}`)}</span>
          <AlarmMark count={shipment.alarms} />
        </p>
        <p class="small">
          {t("custody.heldBy")} <Account address={shipment.custodian} />
        </p>
      </div>
      <AlarmNotice alarms={whole.alarms} />
      <Offered whole={whole} />
      <div class="two">
        <div>
          <Readings whole={whole} />
          <section class="journey-part">
            <h2>{t("custody.condition")}</h2>
            <Conditions items={shipment.rules ?? []} />
          </section>
          <EarlierJourneys whole={whole} />
        </div>
        <div>
          <Chain whole={whole} />
          {shipment.custodian === me.value && <OfferForm shipment={shipment} key={shipment.offered_milli} />}
          <p class="small journey-part">
            <Ident whole={shipment.epc} what={t("custody.goods")} />
            <a href={linkTo(["trace"], new URLSearchParams({ epc: shipment.epc }))}>{t("custody.trace")}</a>
            {shipment.event && <a href={linkTo(["event", shipment.event])}>{t("custody.event")}</a>}
            {shipment.parent && <a href={linkTo(["custody", String(shipment.parent)])}>{t("custody.parent")}</a>}
          </p>
          <Actors />
        </div>
      </div>
    </>
  );
}

export function ShipmentPage({ id }: { id: number }) {
  useHeadingFocus();
  useEffect(() => {
    void load(id);
    const ends = ["shipment", "hand_over", "alarm", "reset"].map((type) => onNews(type, () => void load(id)));
    return () => ends.forEach((end) => end());
  }, [id]);
  const { whole, error } = loaded.value?.id === id ? loaded.value : { whole: null, error: null };
  const isMissing = error instanceof ApiError && error.status === 404;
  return (
    <>
      <a class="back small" href="#/custody">
        <Icon name="back" />
        {t("custody.all")}
      </a>
      {whole && <Shown whole={whole} />}
      {!whole && <h1 tabIndex={-1} class={error ? "unseen" : "waiting-head"}>{t("custody.loading")}</h1>}
      {!whole && error === null && <div class="ghost-page" aria-hidden="true"><span class="ghost" /><span class="ghost" /><span class="ghost" /></div>}
      {isMissing && (
        <Notice icon="search" title={t("custody.missing")}>
          <p class="soft">{t("custody.missingText")}</p>
        </Notice>
      )}
      {error !== null && !isMissing && <Failure error={error} onRetry={() => void load(id)} />}
    </>
  );
}
