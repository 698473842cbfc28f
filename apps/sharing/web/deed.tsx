// SPDX-License-Identifier: Apache-2.0
// Something that a person's wallet signs: tried first, so that a refusal comes before anything is paid;
// asked once more with what it costs; then followed to its end.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { unitsOf } from "../../../web/lib/amount";
import { ApiError } from "../../../web/lib/api";
import { t } from "../../../web/lib/i18n";
import type { Action } from "../../../web/lib/tx";
import { lmmText } from "../../../web/shell/amount";
import { Failure, State, messageOfCode } from "../../../web/shell/components";
import { Icon, type IconName } from "../../../web/shell/icons";
import { transact, tryOut } from "../../../web/wallet/send";

interface Tried {
  actions: Action[];
  gasLimit: bigint;
  fee: bigint;
  isSponsored: boolean;
}

export interface DeedProps {
  label: string;
  name: string; // among what the wallet did
  question?: (fee: string) => string;
  prepare: () => Promise<Action[]> | Action[];
  onDone: () => Promise<void> | void;
  isMain?: boolean;
  isDisabled?: boolean;
  icon?: IconName;
}

async function tried(prepare: DeedProps["prepare"]): Promise<Tried> {
  const actions = await prepare();
  const { outcome, gasLimit, isSponsored } = await tryOut(actions);
  if (outcome.code !== "OK")
    throw new ApiError(422, {
      code: outcome.code,
      detail: messageOfCode(outcome.code, outcome.contract_message ?? outcome.message),
    });
  return { actions, gasLimit, fee: unitsOf(outcome.fee) ?? 0n, isSponsored };
}

// To a person a hundredth of a cent tells nothing, and it is an estimate.
const FEE_STEP = 10_000n;
const roughly = (fee: bigint): bigint => ((fee + FEE_STEP - 1n) / FEE_STEP) * FEE_STEP;

type Step = "idle" | "trying" | "asked" | "sending";

function useDeed({ name, prepare, onDone }: DeedProps) {
  const step = useSignal<Step>("idle");
  const found = useSignal<Tried | null>(null);
  const error = useSignal<unknown>(null);
  const guard = async (during: Step, run: () => Promise<Step>): Promise<void> => {
    if (step.value === "trying" || step.value === "sending") return;
    [step.value, error.value] = [during, null];
    try {
      step.value = await run();
    } catch (reason) {
      [step.value, error.value] = ["idle", reason];
    }
  };
  const ask = () =>
    guard("trying", async () => {
      found.value = await tried(prepare);
      return "asked";
    });
  const send = () =>
    guard("sending", async () => {
      const { actions, gasLimit } = found.value!;
      const { state, code, message } = await (await transact({ actions, gasLimit, what: { kind: "call", name } })).end;
      if (state !== "final") throw new ApiError(422, { code: code ?? "", detail: messageOfCode(code, message) });
      await onDone();
      return "idle";
    });
  return { step, found, error, ask, send };
}

export function Deed(props: DeedProps) {
  const { label, isMain, isDisabled, icon, question } = props;
  const { step, found, error, ask, send } = useDeed(props);
  const asked = useRef<HTMLParagraphElement>(null);
  // Away from the button: a key held down, or pressed once too often, says yes to nothing.
  useEffect(() => {
    if (step.value === "asked") asked.current?.focus();
  }, [step.value]);
  const fee = found.value?.isSponsored ? "0" : lmmText(roughly(found.value?.fee ?? 0n));
  const isBusy = step.value === "trying" || step.value === "sending";
  if (step.value === "asked" || step.value === "sending")
    return (
      <div class="deed">
        <p ref={asked} tabIndex={-1}>
          {question ? question(fee) : t("deed.sure", { fee })}
        </p>
        <div class="actions">
          <button type="button" class="button main-action" disabled={isBusy} onClick={() => void send()}>
            {t(isBusy ? "deed.doing" : "deed.yes")}
          </button>
          <button type="button" class="button" disabled={isBusy} onClick={() => (step.value = "idle")}>
            {t("deed.no")}
          </button>
        </div>
        {isBusy && (
          <p role="status">
            <State name="pending" />
          </p>
        )}
      </div>
    );
  return (
    <div class="deed">
      {error.value !== null && <Failure error={error.value} />}
      <button
        type="button"
        class={isMain ? "button main-action" : "button"}
        disabled={isDisabled || isBusy}
        onClick={() => void ask()}
      >
        {icon && <Icon name={icon} />}
        {isBusy ? t("deed.trying") : label}
      </button>
    </div>
  );
}
