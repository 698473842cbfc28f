// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody with LMM to vote with, or who asks whom this chain's finality rests on.
// What they decide: whether the witnesses do their work; for whom to vote.
// Visible at 360×640 unscrolled: how many must sign; of the first witness its share of the blocks, its
// votes, the turns that it took and missed and the blocks that it signed, the rest a tap away; the next
// one's name. With room it is a table, a line each.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { formatLocale, t } from "../lib/i18n";
import { Notice } from "../shell/components";
import { Icon } from "../shell/icons";
import { Ident } from "../shell/ident";
import { useHeadingFocus } from "../shell/route";
import { type Witness, type Witnesses, client, useLoaded } from "./data";
import { Absent, AddressLink, Curl, Tabs, Title, WholeLmm, WitnessParts, number, pageOf } from "./parts";
import { shortHash } from "./text";

const SHOWN_FIRST = 25;

// Whether it stands in the next election, and what it was punished for.
function Standing({ witness: { left, punished_in, is_absent } }: { witness: Witness }) {
  const isPunished = punished_in !== null && left !== "expelled";
  const fault = left ? t(`explorer.left.${left}`) : is_absent ? t("explorer.isAbsent") : null;
  if (!fault && !isPunished) return null;
  return (
    <div class="standing small">
      {fault && (
        <p class={left === "expelled" ? "is-failed" : "is-pending"}>
          <Icon name={left === "expelled" ? "failed" : "waiting"} />
          {fault}
        </p>
      )}
      {isPunished && (
        <p class="is-pending">
          <Icon name="waiting" />
          {t("explorer.punishedIn", { n: punished_in })}
        </p>
      )}
    </div>
  );
}

// How many lead before it does.
function Turn({ turns }: { turns: number }) {
  if (turns < 0) return null;
  return <span class={turns === 0 ? "small turn is-next" : "small turn soft"}>{turns === 0 ? t("explorer.leadsNext") : t("explorer.leadsIn", { n: turns })}</span>;
}

// Of all blocks; the bar beside whoever made most, since a hundredth shows in no bar.
function Share({ produced, total, most }: { produced: number; total: number; most: number }) {
  const share = total > 0 ? produced / total : 0;
  const percent = share.toLocaleString(formatLocale.value, { style: "percent", maximumFractionDigits: 1 });
  return (
    <>
      {number(produced)} <span class="soft">{percent}</span>
      <meter class="unseen" min={0} max={1} value={share} aria-label={t("explorer.produced")} />
      <span class="bar" aria-hidden="true">
        <span style={{ width: `${most > 0 ? (100 * produced) / most : 0}%` }} />
      </span>
    </>
  );
}

interface RowProps {
  witness: Witness;
  total: number;
  most: number;
  named: number;
  turns: number;
}
const none = () => <span class="soft">–</span>;
// In the order of the columns; a phone shows the first ones, and the others when it is asked to.
const FIGURES: [name: string, value: (props: RowProps) => ComponentChildren][] = [
  ["produced", ({ witness: { produced }, total, most }) => <Share produced={produced} total={total} most={most} />],
  ["votesFor", ({ witness: { votes } }) => (votes === null ? none() : <WholeLmm amount={votes} />)],
  [
    "turns",
    ({ witness: { taken, missed } }) => (
      <>
        {number(taken)} <span class={missed > 0 ? "" : "soft"}>· {t("explorer.missed", { n: missed })}</span>
      </>
    ),
  ],
  ["signed", ({ witness: { silent }, named }) => t("explorer.nOf", { n: named - silent, total: named })],
  ["lastBlock", ({ witness: { last_height } }) => (last_height === null ? none() : <a href={pageOf("blocks", last_height)}>{number(last_height)}</a>)],
  ["commission", ({ witness: { commission } }) => (commission === null ? none() : `${number(commission / 100)} %`)],
  ["earns", ({ witness: { account } }) => (account === null ? none() : <AddressLink address={account} />)],
];
const SHOWN_ON_PHONES = 4;

function Row(props: RowProps) {
  const { witness, turns } = props;
  const isOpen = useSignal(false);
  const name = t("explorer.witnessN", { n: witness.index });
  return (
    <li class={isOpen.value ? "witness is-open" : "witness"}>
      <div class="who">
        <h2>{name}</h2>
        <Turn turns={turns} />
        <span class="witness-key">
          <Ident whole={witness.key} short={shortHash(witness.key)} what={t("explorer.key")} />
        </span>
      </div>
      <button
        type="button"
        class="copy unfold"
        aria-expanded={isOpen.value}
        aria-label={t("explorer.moreOf", { name })}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        <Icon name="next" />
      </button>
      <dl class="figures">
        {FIGURES.map(([figure, value], i) => (
          <div class={i < SHOWN_ON_PHONES ? figure : `${figure} folded`} key={figure}>
            <dt>{t(`explorer.${figure}`)}</dt>
            <dd>{value(props)}</dd>
          </div>
        ))}
      </dl>
      <Standing witness={witness} />
    </li>
  );
}

function Shown({ witnesses: { quorum, items, epoch, named, leads } }: { witnesses: Witnesses }) {
  const isAll = useSignal(false);
  const total = items.reduce((sum, { produced }) => sum + produced, 0);
  const most = Math.max(0, ...items.map(({ produced }) => produced));
  const shown = isAll.value ? items : items.slice(0, SHOWN_FIRST);
  if (items.length === 0)
    return (
      <Notice icon="empty" title={t("explorer.noWitnesses")}>
        <p class="soft">{t("explorer.noWitnessesText")}</p>
      </Notice>
    );
  return (
    <>
      <p class="pulse">
        <strong>{t("explorer.quorum", { n: quorum, total: items.length })}</strong>
        <span class="soft">{t("explorer.epochN", { n: epoch })}</span>
      </p>
      <div class="witness-head figures small soft" aria-hidden="true">
        {FIGURES.map(([figure]) => (
          <span key={figure}>{t(`explorer.${figure}`)}</span>
        ))}
      </div>
      <ol class="rows witnesses">
        {shown.map((witness) => (
          <Row witness={witness} total={total} most={most} named={named} turns={leads.indexOf(witness.index)} key={witness.key} />
        ))}
      </ol>
      {shown.length < items.length && (
        <button type="button" class="button" onClick={() => (isAll.value = true)}>
          {t("explorer.all", { n: items.length })}
        </button>
      )}
    </>
  );
}

export function WitnessesPage() {
  useHeadingFocus();
  const path = "/v1/witnesses";
  const { value, error, reload } = useLoaded(path, (signal) => client.get<Witnesses>(path, signal), true);
  return (
    <>
      <Title text={t("explorer.tab.witnesses")} />
      <Tabs />
      <WitnessParts />
      {value ? <Shown witnesses={value} /> : <Absent error={error} reload={reload} lines={8} />}
      <Curl path={path} />
    </>
  );
}
