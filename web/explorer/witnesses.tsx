// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody with LMM to vote with, or who asks whom this chain's finality rests on.
// What they decide: whether the witnesses do their work; for whom to vote.
// Visible at 360×640 unscrolled: how many must sign, and of the first witness its share of the blocks,
// the last of them, its votes and what it keeps of rewards; the next one's share.
import { formatLocale, t } from "../lib/i18n";
import { Ident, Notice } from "../shell/components";
import { useHeadingFocus } from "../shell/route";
import { type Witness, type Witnesses, client, useLoaded } from "./data";
import { Absent, AddressLink, BlockLink, Curl, Lmm, Tabs, Title, WitnessParts, number } from "./parts";
import { shortHash } from "./text";

// Whether it stands in the next election, and what it was punished for.
function Standing({ witness: { left, punished_in, is_absent } }: { witness: Witness }) {
  return (
    <>
      {left && <p class="small standing">{t(`explorer.left.${left}`)}</p>}
      {is_absent && !left && <p class="small standing">{t("explorer.isAbsent")}</p>}
      {punished_in !== null && left !== "expelled" && <p class="small standing">{t("explorer.punishedIn", { n: punished_in })}</p>}
    </>
  );
}

// How many lead before it does.
function Turn({ turns }: { turns: number }) {
  if (turns < 0) return null;
  return <span class={turns === 0 ? "small turn is-next" : "small turn soft"}>{turns === 0 ? t("explorer.leadsNext") : t("explorer.leadsIn", { n: turns })}</span>;
}

interface RowProps {
  witness: Witness;
  total: number;
  named: number;
  turns: number;
}
function Row({ witness, total, named, turns }: RowProps) {
  const { index, key, account, produced, last_height, taken, missed, silent, votes, commission } = witness;
  const share = total > 0 ? produced / total : 0;
  const percent = share.toLocaleString(formatLocale.value, { style: "percent", maximumFractionDigits: 1 });
  return (
    <li class="witness">
      <h2>
        {t("explorer.witnessN", { n: index })} <Turn turns={turns} />
      </h2>
      <Ident whole={key} short={shortHash(key)} what={t("explorer.key")} />
      <Standing witness={witness} />
      <dl class="figures">
        <div class="share">
          <dt>{t("explorer.produced")}</dt>
          <dd>
            {number(produced)} <span class="soft">{percent}</span>
            <meter class="unseen" min={0} max={1} value={share} aria-label={t("explorer.produced")} />
            <span class="bar" aria-hidden="true">
              <span style={{ width: `${100 * share}%` }} />
            </span>
          </dd>
        </div>
        <div>
          <dt>{t("explorer.lastBlock")}</dt>
          <dd>{last_height === null ? t("explorer.none") : <BlockLink height={last_height} />}</dd>
        </div>
        <div>
          <dt>{t("explorer.turns")}</dt>
          <dd>
            {number(taken)} <span class="soft">{t("explorer.missed", { n: missed })}</span>
          </dd>
        </div>
        <div>
          <dt>{t("explorer.signed")}</dt>
          <dd>{t("explorer.ofBlocks", { n: named - silent, total: named })}</dd>
        </div>
        {account && (
          <div>
            <dt>{t("explorer.earns")}</dt>
            <dd>
              <AddressLink address={account} />
            </dd>
          </div>
        )}
        {votes !== null && (
          <div>
            <dt>{t("explorer.votesFor")}</dt>
            <dd>
              <Lmm amount={votes} />
            </dd>
          </div>
        )}
        {commission !== null && (
          <div>
            <dt>{t("explorer.commission")}</dt>
            <dd>{number(commission / 100)} %</dd>
          </div>
        )}
      </dl>
    </li>
  );
}

function Shown({ witnesses: { quorum, items, epoch, named, leads } }: { witnesses: Witnesses }) {
  const total = items.reduce((sum, { produced }) => sum + produced, 0);
  if (items.length === 0) return <Notice icon="empty" title={t("explorer.noWitnesses")} />;
  return (
    <>
      <p class="pulse">
        <strong>{t("explorer.quorum", { n: quorum, total: items.length })}</strong>
        <span class="soft">{t("explorer.epochN", { n: epoch })}</span>
      </p>
      <ol class="rows witnesses">
        {items.map((witness) => (
          <Row witness={witness} total={total} named={named} turns={leads.indexOf(witness.index)} key={witness.key} />
        ))}
      </ol>
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
