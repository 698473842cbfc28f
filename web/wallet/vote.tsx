// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who holds LMM, and may never have heard of witnesses.
// What they decide: whom to trust with making blocks, up to thirty of them; whether to take what their
// votes have earned.
// Visible at 360×640 unscrolled: that voting costs nothing of what they hold; what they have earned,
// with its button; the first candidates. From the first change on, what each choice would count and the
// button to vote stay in sight, however long the list.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Candidate, findCandidates } from "../explorer/data";
import { idOfAddress, shortAddress } from "../lib/address";
import { unitsOf } from "../lib/amount";
import { bytesOfHex, hexOf } from "../lib/bytes";
import { formatLocale, t } from "../lib/i18n";
import { Amount, lmmText } from "../shell/amount";
import { Failure, Notice } from "../shell/components";
import { Icon } from "../shell/icons";
import { useName } from "../shell/people";
import { linkTo, useHeadingFocus } from "../shell/route";
import { ActEnd, useAct } from "./act";
import { account, client } from "./send";

const MOST = 30; // choices, by the chain's own rule
const SHOWN_FIRST = 30;

const most = ({ votes }: Candidate): bigint => unitsOf(votes) ?? 0n;
const percent = (hundredths: number): string => (hundredths / 100).toLocaleString(formatLocale.value);

interface ChoiceProps {
  candidate: Candidate;
  isChosen: boolean;
  isFixed: boolean;
  onChange: (isChosen: boolean) => void;
}
function Choice({ candidate, isChosen, isFixed, onChange }: ChoiceProps) {
  const { address, votes, commission, left } = candidate;
  const name = useName(address);
  return (
    <li>
      <label class="check choice">
        <input type="checkbox" checked={isChosen} disabled={isFixed} onChange={(event) => onChange(event.currentTarget.checked)} />
        <span class={name ? "" : "mono"} title={address}>
          {name ?? shortAddress(address)}
        </span>
        <Amount units={unitsOf(votes.replace(/\..*/, "")) ?? 0n} />
        <span class={left ? "small is-pending" : "small soft"}>{left ? t(`vote.left.${left}`) : t("vote.shares", { share: percent(10_000 - commission) })}</span>
      </label>
    </li>
  );
}

function Earned() {
  const act = useAct();
  const earned = unitsOf(account.value?.earned ?? "0") ?? 0n;
  if ((account.value?.votes.length ?? 0) === 0) return null;
  const claim = (): void =>
    void act.ask([{ kind: "claim_shares" }], t("vote.claimed"), t("vote.claimSure", { amount: lmmText(earned) }));
  return (
    <section class="earned">
      <div class="earned-row">
        <div>
          <h2 class="small soft">{t("vote.earned")}</h2>
          <p>
            <Amount units={earned} />
          </p>
        </div>
        {!act.asked && (
          <button type="button" class="button" disabled={earned === 0n || act.isBusy} onClick={claim}>
            {t("vote.claim")}
          </button>
        )}
      </div>
      <details class="details">
        <summary>{t("vote.earnedHow")}</summary>
        <p class="small soft">{t("vote.earnedText")}</p>
      </details>
      <ActEnd act={act} />
    </section>
  );
}

// In the order of their ids, as the chain wants them.
const sortedIds = (addresses: Iterable<string>): string[] =>
  [...addresses].map((address) => hexOf(idOfAddress(address))).sort();

function Weight({ count }: { count: number }) {
  const units = BigInt(account.value?.units ?? 0);
  if (count === 0) return <p class="small soft">{t("vote.none")}</p>;
  return (
    <p class="small soft" role="status">
      {t("vote.weight", { n: count, amount: lmmText(units / BigInt(count)) })}
    </p>
  );
}

function Ballot({ candidates }: { candidates: Candidate[] }) {
  const act = useAct();
  const now = account.value?.votes ?? [];
  const chosen = useSignal<ReadonlySet<string> | null>(null); // null: as it is
  const wanted = useSignal("");
  const isAll = useSignal(false);
  const choice = chosen.value ?? new Set(now);
  const isChanged = useComputed(() => {
    const before = new Set(account.value?.votes ?? []);
    const after = chosen.value;
    return after !== null && (after.size !== before.size || [...after].some((one) => !before.has(one)));
  });
  useEffect(() => {
    if (act.done?.state === "final") chosen.value = null;
  }, [act.done]);
  const set = (address: string, isChosen: boolean): void => {
    const next = new Set(choice);
    if (isChosen) next.add(address);
    else next.delete(address);
    chosen.value = next;
  };
  const vote = (): void =>
    void act.ask(
      [{ kind: "vote", candidates: sortedIds(choice).map(bytesOfHex) }],
      choice.size > 0 ? t("vote.voted", { n: choice.size }) : t("vote.takenBack"),
      choice.size > 0 ? t("vote.sure", { n: choice.size }) : t("vote.sureNone"),
    );
  const text = wanted.value.trim().toLowerCase();
  const found = candidates.filter(({ address }) => !text || address.includes(text));
  // Only while it is low: what is asked and what went wrong stand at the end of the list, and are gone to.
  const isOpen = isChanged.value && act.asked === null && act.error === null;
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const hasEnded = act.error !== null || act.done?.state === "final";
    // Once it is drawn where it belongs then.
    if (hasEnded) requestAnimationFrame(() => bar.current?.scrollIntoView({ block: "nearest" }));
  }, [act.error, act.done]);
  const shown = isAll.value || text ? found : found.filter(({ address }, i) => i < SHOWN_FIRST || choice.has(address));
  return (
    <section class="stack">
      <h2>{t("vote.candidates")}</h2>
      <p class="small soft">{t("vote.equal")}</p>
      {candidates.length > SHOWN_FIRST && (
        <label class="field">
          {t("vote.find")}
          <input class="input" type="search" value={wanted.value} onInput={(event) => (wanted.value = event.currentTarget.value)} />
        </label>
      )}
      <ul class="rows choices">
        {shown.map((candidate) => (
          <Choice
            candidate={candidate}
            isChosen={choice.has(candidate.address)}
            isFixed={act.asked !== null || (choice.size >= MOST && !choice.has(candidate.address))}
            onChange={(isChosen) => set(candidate.address, isChosen)}
            key={candidate.address}
          />
        ))}
      </ul>
      {shown.length === 0 && <p class="soft">{t("vote.notFound")}</p>}
      {!text && shown.length < found.length && (
        <button type="button" class="button" onClick={() => (isAll.value = true)}>
          {t("vote.all", { n: found.length })}
        </button>
      )}
      <div ref={bar} class={isOpen ? "vote-bar stack is-open" : "vote-bar stack"}>
        <Weight count={choice.size} />
        {!act.asked && (
          <div class="actions">
            <button type="button" class="button main-action" disabled={!isChanged.value || act.isBusy} onClick={vote}>
              {t(now.length > 0 && choice.size === 0 ? "vote.takeBack" : "vote.do")}
            </button>
            <span class="small soft">{t("vote.chosen", { n: choice.size, most: MOST })}</span>
          </div>
        )}
        <ActEnd act={act} />
      </div>
    </section>
  );
}

function useCandidates(): { candidates: Candidate[] | null; error: unknown; load: () => Promise<void> } {
  const candidates = useSignal<Candidate[] | null>(null);
  const error = useSignal<unknown>(null);
  const load = async (): Promise<void> => {
    error.value = null;
    try {
      const found = await findCandidates(client);
      candidates.value = found.sort((a, b) => (most(b) > most(a) ? 1 : most(b) < most(a) ? -1 : 0));
    } catch (reason) {
      error.value = reason;
    }
  };
  useEffect(() => void load(), []);
  return { candidates: candidates.value, error: error.value, load };
}

export function Vote() {
  useHeadingFocus();
  const { candidates, error, load } = useCandidates();
  const isKnown = candidates !== null && account.value !== null;
  // Of those who stand no longer, only whom this account still votes for.
  const own = new Set(account.value?.votes ?? []);
  const listed = candidates?.filter(({ left, address }) => left === null || own.has(address)) ?? [];
  return (
    <div class="narrow vote">
      <a class="back" href={linkTo(["wallet"])}>
        <Icon name="back" />
        {t("wallet.back")}
      </a>
      <h1 tabIndex={-1}>{t("vote.title")}</h1>
      <p class="soft">{t("vote.lead")}</p>
      {error !== null && <Failure error={error} onRetry={() => void load()} />}
      {!isKnown && error === null && (
        <div role="status">
          <span class="unseen">{t("wallet.looking")}</span>
          <ul class="rows choices" aria-hidden="true">
            {Array.from({ length: 6 }, (_, i) => (
              <li class="choice-ghost" key={i}>
                <div class="ghost" />
              </li>
            ))}
          </ul>
        </div>
      )}
      {isKnown && <Earned />}
      {isKnown && listed.length === 0 && (
        <Notice icon="empty" title={t("vote.nobody")}>
          <p class="soft">{t("vote.emptyText")}</p>
        </Notice>
      )}
      {isKnown && listed.length > 0 && <Ballot candidates={listed} />}
      <p class="small to-stake">
        <a href={linkTo(["wallet", "stake"])}>{t("vote.toStake")}</a>
      </p>
    </div>
  );
}
