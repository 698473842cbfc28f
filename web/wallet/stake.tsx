// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who stands for election as a witness, or did, and has LMM locked for it.
// What they decide: how much to lock; when to get it back.
// Visible at 360×640 unscrolled: what is locked, what is on its way back and from when it can be taken,
// and the field to lock more.
import { useSignal } from "@preact/signals";
import { unitsOf } from "../lib/amount";
import { t } from "../lib/i18n";
import { Amount, lmmText } from "../shell/amount";
import { Failure, Time } from "../shell/components";
import { Icon } from "../shell/icons";
import { chainNow } from "../shell/clock";
import { linkTo, useHeadingFocus } from "../shell/route";
import { ActEnd, useAct } from "./act";
import { account, accountError, findAccount } from "./send";

type Kind = "lock_stake" | "unlock_stake";

interface MoveProps {
  kind: Kind;
  limit: bigint; // of what there is
}
function Move({ kind, limit }: MoveProps) {
  const act = useAct();
  const text = useSignal("");
  const wasTried = useSignal(false);
  const units = unitsOf(text.value);
  const fault = !units ? t("send.amountWrong") : units > limit ? t("stake.most", { amount: lmmText(limit) }) : null;
  const ask = (event: Event): void => {
    event.preventDefault();
    wasTried.value = true;
    if (fault || !units || act.asked) return;
    const amount = lmmText(units);
    void act.ask([{ kind, amount: units }], t(`stake.did.${kind}`, { amount }), t(`stake.sure.${kind}`, { amount }));
  };
  const shown = wasTried.value ? fault : null;
  return (
    <section class="stack">
      <h2>{t(`stake.title.${kind}`)}</h2>
      <form class="form" noValidate onSubmit={ask}>
        <div class="field">
          <label for={kind}>{t("send.amount")}</label>
          <input
            id={kind}
            class="input"
            inputMode="decimal"
            autocomplete="off"
            value={text.value}
            readOnly={act.asked !== null}
            aria-invalid={shown !== null}
            aria-describedby={`${kind}-hint`}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
          <p id={`${kind}-hint`} class={shown ? "is-failed" : ""} role={shown ? "alert" : undefined}>
            {shown ?? t(`stake.hint.${kind}`, { amount: lmmText(limit) })}
          </p>
        </div>
        {!act.asked && (
          <div class="actions">
            <button class="button" disabled={act.isBusy}>
              {t(`stake.do.${kind}`)}
            </button>
          </div>
        )}
      </form>
      <ActEnd act={act} />
    </section>
  );
}

function Unlocks() {
  const act = useAct();
  const unlocks = account.value?.stake?.unlocks ?? [];
  if (unlocks.length === 0) return null;
  const ready = unlocks.filter(({ ready }) => Date.parse(ready) <= chainNow());
  const sum = ready.reduce((all, { amount }) => all + (unitsOf(amount) ?? 0n), 0n);
  const take = (): void =>
    void act.ask([{ kind: "withdraw_stake" }], t("stake.taken"), t("stake.takeSure", { amount: lmmText(sum) }));
  return (
    <section class="stack">
      <h2>{t("stake.unlocking")}</h2>
      <ul class="rows">
        {unlocks.map(({ amount, ready }) => (
          <li class="unlock" key={ready + amount}>
            <Amount units={unitsOf(amount) ?? 0n} />
            <span class="small soft">
              {Date.parse(ready) <= chainNow() ? t("stake.ready") : <>{t("stake.from")} <Time at={ready} isExact /></>}
            </span>
          </li>
        ))}
      </ul>
      {!act.asked && (
        <div class="actions">
          <button type="button" class="button" disabled={sum === 0n || act.isBusy} onClick={take}>
            {t("stake.take")}
          </button>
        </div>
      )}
      <ActEnd act={act} />
    </section>
  );
}

export function Stake() {
  useHeadingFocus();
  const info = account.value;
  const locked = unitsOf(info?.stake?.locked ?? "0") ?? 0n;
  return (
    <div class="narrow staked">
      <a class="back" href={linkTo(["wallet", "vote"])}>
        <Icon name="back" />
        {t("vote.title")}
      </a>
      <h1 tabIndex={-1}>{t("stake.title")}</h1>
      <p class="soft">{t("stake.lead")}</p>
      {!info && accountError.value !== null && <Failure error={accountError.value} onRetry={() => void findAccount()} />}
      {!info && accountError.value === null && (
        <div class="ghost balance-ghost" role="status">
          <span class="unseen">{t("wallet.looking")}</span>
        </div>
      )}
      {info && (
        <>
          <section class="balance">
            <h2 class="soft">{t("stake.locked")}</h2>
            <p>
              <Amount units={locked} isLarge />
            </p>
          </section>
          <Unlocks />
          <Move kind="lock_stake" limit={BigInt(info.units)} />
          {locked > 0n && <Move kind="unlock_stake" limit={locked} />}
          <p class="small soft">{t("stake.register")}</p>
        </>
      )}
    </div>
  );
}
