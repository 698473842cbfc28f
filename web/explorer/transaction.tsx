// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who was told that something was done, or whose own action failed.
// What they decide: whether it is final, whether it did what was said, and whom to ask if it did not.
// Visible at 360×640 unscrolled: what it did, whether it is final or failed and why, when, in which
// block, and who sent it; of one that is final, what it cost.
import { ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { Notice, State, Time, messageOfCode } from "../shell/components";
import { useHeadingFocus } from "../shell/route";
import { type Load, type Tx, client, useLoaded } from "./data";
import { Absent, AddressLink, Back, BlockLink, Curl, Facts, Hash, Lmm, Outcome, Title, number, titleOf } from "./parts";
import { ActionCard, Events } from "./told";

interface Status {
  status: "pending" | "included" | "final" | "failed";
  code?: string;
  message?: string;
}
type Found = { is: "final"; tx: Tx } | { is: "waiting" | "dropped"; status: Status };

// One that is final stays as it is; what is not is asked for with each block.
const isSettled = (found: Found): boolean => found.is === "final";

function finding(id: string): Load<Found> {
  const of = `/v1/transactions/${encodeURIComponent(id)}`;
  return async (signal) => {
    try {
      return { is: "final", tx: await client.get<Tx>(`${of}/decoded`, signal) };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
    const status = await client.get<Status>(of, signal);
    return { is: status.status === "failed" ? "dropped" : "waiting", status };
  };
}

function Signers({ tx }: { tx: Tx }) {
  return (
    <ul>
      {tx.signers?.map(({ role, account, key }, i) => (
        <li key={i}>
          <AddressLink address={account} />
          <span class="small soft"> {t(`explorer.role.${role}`)}</span>
          {key && <Hash hash={key} what="explorer.key" />}
        </li>
      ))}
    </ul>
  );
}

function Refusal({ tx }: { tx: Tx }) {
  if (tx.code === "OK") return null;
  return (
    <Notice icon="failed" title={messageOfCode(tx.code, tx.contract_message ?? tx.message)} isFailed>
      <p class="soft small mono">{tx.code}</p>
    </Notice>
  );
}

function Terms({ tx }: { tx: Tx }) {
  if (tx.is_timer) return null;
  return (
    <details class="details">
      <summary>{t("explorer.terms")}</summary>
      <Facts
        facts={[
          ["explorer.signers", <Signers tx={tx} />],
          ["explorer.gasLimit", number(tx.gas_limit ?? 0)],
          ["explorer.gasPrice", t("explorer.baseUnits", { n: tx.gas_price ?? 0 })],
          ["explorer.lane", number(tx.lane ?? 0)],
          ["explorer.seq", number(tx.seq ?? 0)],
          ["explorer.validUntil", t("explorer.block", { n: tx.valid_until ?? 0 })],
        ]}
      />
    </details>
  );
}

// Where only money moved there is no contract that could have told anything.
const mayTell = ({ events, actions }: Tx): boolean =>
  events.length > 0 || !actions?.every(({ kind }) => kind === "transfer");

function Shown({ tx }: { tx: Tx }) {
  useHeadingFocus();
  const isPaidFor = tx.payer !== undefined && tx.payer !== tx.sender;
  return (
    <>
      <div class="title">
        <Title text={titleOf(tx)} />
        <Outcome code={tx.code} />
      </div>
      <Refusal tx={tx} />
      <Facts
        facts={[
          ["explorer.when", <Time at={tx.time} isExact />],
          [
            "explorer.in",
            <>
              <BlockLink height={tx.height} /> <span class="soft">{t("explorer.place", { n: tx.index + 1 })}</span>
            </>,
          ],
          ["explorer.sender", tx.sender ? <AddressLink address={tx.sender} /> : t("explorer.byItself")],
          isPaidFor ? ["explorer.payer", <AddressLink address={tx.payer!} />] : null,
          tx.fee === undefined ? null : ["explorer.fee", <Lmm amount={tx.fee} />],
          ["explorer.gasUsed", number(tx.gas_used)],
          ["explorer.id", <Hash hash={tx.id} what="explorer.id" />],
        ]}
      />
      {tx.actions && (
        <section>
          <h2>{t(tx.code === "OK" ? "explorer.actions" : "explorer.actionsFailed")}</h2>
          <ol class="cards">
            {tx.actions.map((action, i) => (
              <ActionCard action={action} key={i} />
            ))}
          </ol>
        </section>
      )}
      {mayTell(tx) && (
        <section>
          <h2>{t("explorer.events")}</h2>
          <Events events={tx.events} />
        </section>
      )}
      <Terms tx={tx} />
    </>
  );
}

function Waiting({ id, found }: { id: string; found: Exclude<Found, { is: "final" }> }) {
  useHeadingFocus();
  const isDropped = found.is === "dropped";
  return (
    <>
      <div class="title">
        <Title text={t("explorer.transaction")} />
        <State name={isDropped ? "failed" : "pending"} />
      </div>
      <p>
        {isDropped ? messageOfCode(found.status.code ?? null, found.status.message ?? null) : t("explorer.waitingText")}
      </p>
      <Facts facts={[["explorer.id", <Hash hash={id} what="explorer.id" />]]} />
    </>
  );
}

export function TransactionPage({ id }: { id: string }) {
  const { value, error, reload } = useLoaded(id, finding(id), true, isSettled);
  const path = `/v1/transactions/${encodeURIComponent(id)}${value?.is === "final" ? "/decoded" : ""}`;
  return (
    <>
      <Back />
      {!value && <Absent title={t("explorer.transaction")} error={error} reload={reload} lines={7} />}
      {value?.is === "final" && <Shown tx={value.tx} />}
      {value && value.is !== "final" && <Waiting id={id} found={value} />}
      <Curl path={path} />
    </>
  );
}
