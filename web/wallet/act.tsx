// SPDX-License-Identifier: Apache-2.0
// What a person does with their account beside sending: tried out on the chain's state, asked once
// more with its fee, signed, and followed to its end where they are.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import type { Action } from "../lib/tx";
import { lmmText } from "../shell/amount";
import { Failure, State, messageOfCode } from "../shell/components";
import { type Sent, type Wish, account, feeOf, findChain, transact, tryOut } from "./send";

interface Asked {
  wish: Wish;
  question: string;
  fee: bigint;
}
export interface Act {
  asked: Asked | null;
  isBusy: boolean;
  error: unknown;
  done: Sent | null;
  ask: (actions: Action[], name: string, question: string) => Promise<void>;
  act: () => Promise<void>;
  change: () => void;
}

export function useAct(): Act {
  const asked = useSignal<Asked | null>(null);
  const isBusy = useSignal(false);
  const error = useSignal<unknown>(null);
  const done = useSignal<Sent | null>(null);
  const run = async (work: () => Promise<void>): Promise<void> => {
    if (isBusy.value) return;
    [isBusy.value, error.value] = [true, null];
    try {
      await work();
    } catch (reason) {
      error.value = reason;
    } finally {
      isBusy.value = false;
    }
  };
  const ask = (actions: Action[], name: string, question: string): Promise<void> =>
    run(async () => {
      done.value = null;
      const [{ outcome, gasLimit }, chain] = await Promise.all([tryOut(actions), findChain()]);
      if (outcome.code !== "OK") throw new ApiError(422, { code: outcome.code, detail: outcome.message });
      const fee = feeOf(gasLimit, chain, account.value?.next_seq ?? 0);
      asked.value = { wish: { actions, gasLimit, what: { kind: "act", name } }, question, fee };
    });
  const act = (): Promise<void> =>
    run(async () => {
      if (!asked.value) return;
      const { sent, end } = await transact(asked.value.wish);
      [asked.value, done.value] = [null, sent];
      void end.then((ended) => (done.value = ended));
    });
  const change = (): void => void (asked.value = null);
  return { asked: asked.value, isBusy: isBusy.value, error: error.value, done: done.value, ask, act, change };
}

// Below what asks: the question with its fee, what went wrong, and how it ends.
export function ActEnd({ act }: { act: Act }) {
  const question = useRef<HTMLParagraphElement>(null);
  // Away from the button: a key held down, or pressed once too often, says yes to nothing.
  useEffect(() => {
    if (act.asked) question.current?.focus();
  }, [act.asked]);
  return (
    <div class="stack act-end">
      {act.error !== null && <Failure error={act.error} />}
      {act.asked && (
        <>
          <p ref={question} tabIndex={-1}>
            {act.asked.question} {t("act.fee", { fee: lmmText(act.asked.fee) })}
          </p>
          <div class="actions">
            <button type="button" class="button" disabled={act.isBusy} onClick={act.change}>
              {t("send.change")}
            </button>
            <button type="button" class="button main-action" disabled={act.isBusy} onClick={() => void act.act()}>
              {t(act.isBusy ? "act.signing" : "act.sign")}
            </button>
          </div>
        </>
      )}
      {act.done && (
        <p role="status" class="act-done">
          {"name" in act.done.what && act.done.what.name} <State name={act.done.state} />
          {act.done.state === "failed" && <span class="is-failed"> {messageOfCode(act.done.code, act.done.message)}</span>}
        </p>
      )}
    </div>
  );
}
