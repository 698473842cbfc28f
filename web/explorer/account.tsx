// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody about to deal with an account, or who looks after their own.
// What they decide: whether this account is whom they think, holds what it says, and did what it says.
// Visible at 360×640 unscrolled: the balance, the address, and what is staked or who may sign; below
// that, its transactions.
import { t } from "../lib/i18n";
import { Amount } from "../shell/amount";
import { Time } from "../shell/components";
import { Ident } from "../shell/ident";
import { useName } from "../shell/people";
import { useHeadingFocus } from "../shell/route";
import { type Account, PER_PAGE, type TxItem, client, useList, useLoaded } from "./data";
import { Absent, AddressLink, Back, Curl, Facts, Hash, Lmm, Title, TxRows, number, txKey } from "./parts";

function Stake({ stake }: { stake: NonNullable<Account["stake"]> }) {
  return (
    <ul>
      <li>
        <Lmm amount={stake.locked} />
      </li>
      {stake.unlocks.map(({ amount, ready }) => (
        <li class="small soft" key={ready + amount}>
          <Lmm amount={amount} /> {t("explorer.unlocks")} <Time at={ready} isExact />
        </li>
      ))}
    </ul>
  );
}

function Authority({ authority }: { authority: Account["authority"] }) {
  if (!authority) return <span class="soft">{t("explorer.ownKey")}</span>;
  return (
    <ul>
      <li>{t("explorer.threshold", { n: authority.threshold })}</li>
      {authority.keys.map(({ key, weight }) => (
        <li key={key}>
          <span class="small soft">{t("explorer.weight", { n: weight })} </span>
          <Hash hash={key} what="explorer.key" />
        </li>
      ))}
    </ul>
  );
}

function Candidate({ candidate }: { candidate: NonNullable<Account["candidate"]> }) {
  const share = number(candidate.commission / 100);
  return (
    <>
      {t(candidate.left ? `explorer.left.${candidate.left}` : "explorer.stands", { share })}
      {candidate.left ? " " : ": "}
      {candidate.left && t("explorer.votesStay")}
      <Lmm amount={candidate.votes} />
      {candidate.punished_in !== null && <p class="small standing">{t("explorer.punishedIn", { n: candidate.punished_in })}</p>}
    </>
  );
}

function Votes({ votes }: { votes: string[] }) {
  return (
    <ul>
      {votes.map((address) => (
        <li key={address}>
          <AddressLink address={address} />
        </li>
      ))}
    </ul>
  );
}

function Shown({ account }: { account: Account }) {
  useHeadingFocus();
  const role = useName(account.address);
  return (
    <>
      <Title text={role ? t("explorer.accountOf", { role }) : t("explorer.kind.account")} />
      <p class="holding">
        <Amount units={BigInt(account.units)} isLarge />
      </p>
      <Facts
        facts={[
          ["explorer.address", <Ident whole={account.address} what={t("explorer.address")} />],
          account.stake ? ["explorer.staked", <Stake stake={account.stake} />] : null,
          account.candidate ? ["explorer.candidate", <Candidate candidate={account.candidate} />] : null,
          account.votes.length > 0 ? ["explorer.votes", <Votes votes={account.votes} />] : null,
          ["explorer.authority", <Authority authority={account.authority} />],
          ["explorer.sentCount", number(account.next_seq)],
        ]}
      />
    </>
  );
}

export function AddressTransactions({ address }: { address: string }) {
  const path = `/v1/transactions?account=${encodeURIComponent(address)}&perPage=${PER_PAGE}`;
  const list = useList<TxItem>(path, txKey, true);
  return (
    <section>
      <div class="part-head">
        <h2>{t("explorer.transactions")}</h2>
        <Curl path={path} />
      </div>
      <TxRows list={list} />
    </section>
  );
}

export function AccountPage({ address }: { address: string }) {
  const path = `/v1/accounts/${encodeURIComponent(address)}`;
  const { value, error, reload } = useLoaded(path, (signal) => client.get<Account>(path, signal), true);
  return (
    <>
      <Back />
      {value ? (
        <Shown account={value} />
      ) : (
        <Absent title={t("explorer.kind.account")} error={error} reload={reload} lines={6} />
      )}
      <Curl path={path} />
      {value && <AddressTransactions address={address} />}
    </>
  );
}
