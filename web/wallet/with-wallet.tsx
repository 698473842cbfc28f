// SPDX-License-Identifier: Apache-2.0
// What needs a wallet, behind the one tap that makes it, and on a devnet behind the one that fills it:
// where somebody is, so that they need not go away and find back.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { addTexts, t } from "../lib/i18n";
import { lmmText } from "../shell/amount";
import { Failure } from "../shell/components";
import { onNews } from "../shell/news";
import { linkTo } from "../shell/route";
import { canHaveWallet, createWallet, wallet } from "./keys";
import { account, askFaucet, findAccount, findDevnet, isDevnet } from "./send";
import { stepTexts } from "./steps.en";

addTexts(stepTexts);

type Step = "unknown" | "wallet" | "money" | "ready";

const look = (): Promise<unknown> => Promise.all([findAccount(), findDevnet().catch(() => undefined)]);

function stepNow(): Step {
  if (wallet.value === undefined) return "unknown";
  if (wallet.value === null) return "wallet";
  return isDevnet.value && account.value?.units === "0" ? "money" : "ready";
}

// Stays where it is while a step is being taken, so that nothing comes and goes in between.
function useSteps() {
  const taken = useSignal<Step | null>(null);
  const error = useSignal<unknown>(null);
  const said = useRef<HTMLParagraphElement>(null);
  const wasTaken = useRef(false);
  const step = taken.value ?? stepNow();
  useEffect(() => {
    if (!wallet.value) return undefined;
    void look();
    return onNews("block", () => void (account.value?.units === "0" && findAccount()));
  }, [wallet.value]);
  // To the words, not to a button: a key pressed once too often buys nothing. Not away from a field.
  useEffect(() => {
    const isFree = !document.activeElement?.matches("input, select, textarea");
    if (wasTaken.current && isFree) said.current?.focus();
    wasTaken.current = false;
  }, [step]);
  const take = async (run: () => Promise<unknown>): Promise<void> => {
    [taken.value, error.value] = [step, null];
    try {
      await run();
      wasTaken.current = true;
    } catch (reason) {
      error.value = reason;
    } finally {
      taken.value = null;
    }
  };
  return { step, isBusy: taken.value !== null, error, said, take };
}

export function WithWallet({ why, children }: { why: string; children: ComponentChildren }) {
  const { step, isBusy, error, said, take } = useSteps();
  if (step === "unknown") return null;
  if (step === "ready")
    return (
      <>
        {account.value && (
          <p class="step-said small soft" ref={said} tabIndex={-1}>
            {t("steps.has", { amount: lmmText(BigInt(account.value.units)) })}
          </p>
        )}
        {children}
      </>
    );
  const [text, label, run] =
    step === "wallet"
      ? ([why, "steps.wallet", () => createWallet().then(look)] as const)
      : ([t("steps.empty"), "steps.faucet", askFaucet] as const);
  return (
    <div class="step">
      <p class="step-said small soft" ref={said} tabIndex={-1}>
        {text}
      </p>
      {error.value !== null && <Failure error={error.value} />}
      {canHaveWallet() ? (
        <button type="button" class="button main-action" disabled={isBusy} onClick={() => void take(run)}>
          {t(isBusy ? "steps.busy" : label)}
        </button>
      ) : (
        <a class="button main-action" href={linkTo(["wallet"])}>
          {t("steps.toWallet")}
        </a>
      )}
    </div>
  );
}
