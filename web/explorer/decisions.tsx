// SPDX-License-Identifier: Apache-2.0
// Who is here: a witness who is asked to agree; a holder who asks what will change, and who wants it.
// What they decide: whether to approve too, with `lmm approve`; whether to vote for others.
// Visible at 360×640 unscrolled: how many have to agree; of the first question what would change from
// what to what, how many agree so far, and when it would take effect.
import { t } from "../lib/i18n";
import { Notice } from "../shell/components";
import { Ident } from "../shell/ident";
import { useHeadingFocus } from "../shell/route";
import { type Approval, type Ballots, type Question, client, useLoaded } from "./data";
import { Absent, AddressLink, Curl, Facts, Tabs, Title, WitnessParts, number } from "./parts";

function Changes({ changes }: { changes: Approval["changes"] }) {
  if (changes.length === 0) return <p class="soft">{t("explorer.changesNothing")}</p>;
  return (
    <dl class="entries">
      {changes.map(({ name, now, then }) => (
        <div key={name}>
          <dt>{t(`explorer.parameter.${name}`)}</dt>
          <dd>
            <span class="soft">{number(now)}</span> → <strong>{number(then)}</strong>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Content({ approval, isOpen }: { approval: Approval; isOpen: boolean }) {
  const { changes, contract, code_hash, arguments_hash, takes_effect } = approval;
  const effect = takes_effect && t(isOpen ? "explorer.effectIf" : "explorer.effectAt", { n: takes_effect.height });
  return (
    <>
      {contract ? (
        <Facts
          facts={[
            ["explorer.member.contract", <AddressLink address={contract} isContract />],
            code_hash ? ["explorer.member.code_hash", <Ident whole={code_hash} what={t("explorer.member.code_hash")} />] : null,
            arguments_hash
              ? ["explorer.member.arguments_hash", <Ident whole={arguments_hash} what={t("explorer.member.arguments_hash")} />]
              : null,
          ]}
        />
      ) : (
        <Changes changes={changes} />
      )}
      <p class="small soft">{effect ?? t("explorer.effectOfCode")}</p>
    </>
  );
}

const titleOf = ({ approves }: Approval): string => t(`explorer.approves.${approves}`);

function Asked({ question, quorum }: { question: Question; quorum: number }) {
  const { approvals, witnesses } = question;
  return (
    <li class="card decision">
      <h3>{titleOf(question)}</h3>
      <p>
        <strong>{t("explorer.approvals", { n: approvals, quorum })}</strong>
        <meter class="unseen" min={0} max={quorum} value={approvals} aria-label={t("explorer.approvedBy")} />
        <span class="bar" aria-hidden="true">
          <span style={{ width: `${Math.min(100, (100 * approvals) / quorum)}%` }} />
        </span>
      </p>
      <Content approval={question} isOpen />
      <details class="details">
        <summary>{t("explorer.approvedBy")}</summary>
        <ul>
          {witnesses.map(({ index, account }) => (
            <li key={index}>
              {t("explorer.witnessN", { n: index })} <AddressLink address={account} />
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

function Shown({ ballots: { items, decided, quorum, seats, epoch } }: { ballots: Ballots }) {
  const isQuiet = items.length === 0 && decided.length === 0;
  return (
    <>
      <p class="pulse">
        <strong>{t("explorer.decides", { n: quorum, total: seats })}</strong>
        <span class="soft">{t("explorer.epochN", { n: epoch })}</span>
      </p>
      {isQuiet && (
        <Notice icon="empty" title={t("explorer.noDecisions")}>
          <p class="soft">{t("explorer.noDecisionsText")}</p>
        </Notice>
      )}
      {items.length > 0 && <h2>{t("explorer.open")}</h2>}
      <ol class="cards">
        {items.map((question) => (
          <Asked question={question} quorum={quorum} key={question.content} />
        ))}
      </ol>
      {decided.length > 0 && <h2>{t("explorer.decided")}</h2>}
      <ol class="cards">
        {decided.map((approval) => (
          <li class="card decision" key={approval.content}>
            <h3>{titleOf(approval)}</h3>
            <Content approval={approval} isOpen={false} />
          </li>
        ))}
      </ol>
    </>
  );
}

export function DecisionsPage() {
  useHeadingFocus();
  const path = "/v1/ballots";
  const { value, error, reload } = useLoaded(path, (signal) => client.get<Ballots>(path, signal), true);
  return (
    <>
      <Title text={t("explorer.decisions")} />
      <Tabs />
      <WitnessParts />
      {value ? <Shown ballots={value} /> : <Absent error={error} reload={reload} lines={6} />}
      <Curl path={path} />
    </>
  );
}
