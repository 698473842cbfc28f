// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who pays somebody.
// What they decide: to whom, and how much; once more before it is signed, as nobody can take it back.
// Visible at 360×640 unscrolled: both fields, what they have, the most that it costs, and the button.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { idOfAddress, shortAddress } from "../lib/address";
import { unitsOf } from "../lib/amount";
import { type Bytes, equal } from "../lib/bytes";
import { t } from "../lib/i18n";
import { AboutInCurrency, lmmText } from "../shell/amount";
import { Failure } from "../shell/components";
import { Icon } from "../shell/icons";
import { goTo, linkTo, useHeadingFocus } from "../shell/route";
import { wallet } from "./keys";
import { account, feeOf, findChain, transact } from "./send";

// Its own bytes, one signature, thirty votes counted again, and some room; the deposit of an account
// that the transfer makes comes out of it, at the least price.
const TRANSFER_GAS = 150_000n;

function idIn(text: string): Bytes | null {
  try {
    return idOfAddress(text.trim());
  } catch {
    return null;
  }
}

interface FieldProps {
  name: string;
  label: string;
  hint: string;
  fault: string | null;
  value: string;
  isNumber?: boolean;
  isFixed: boolean;
  onInput: (text: string) => void;
}
function Field({ name, label, hint, fault, value, isNumber, isFixed, onInput }: FieldProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        class="input"
        inputMode={isNumber ? "decimal" : "text"}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={value}
        readOnly={isFixed}
        aria-invalid={fault !== null}
        aria-describedby={`${name}-hint`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <p id={`${name}-hint`} class={fault ? "is-failed" : ""} role={fault ? "alert" : undefined}>
        {fault ?? hint}
      </p>
    </div>
  );
}

export function Send() {
  useHeadingFocus();
  const to = useSignal("");
  const amount = useSignal("");
  const wasTried = useSignal(false);
  const isAsked = useSignal(false); // whether it is really meant
  const isSending = useSignal(false);
  const error = useSignal<unknown>(null);
  const fee = useSignal<bigint | null>(null);
  const question = useRef<HTMLParagraphElement>(null);
  const findFee = async (): Promise<void> => {
    fee.value = feeOf(TRANSFER_GAS, await findChain(), account.value?.next_seq ?? 0);
  };
  useEffect(() => void findFee().catch(() => undefined), []); // told when it is asked
  // Away from the button: a key held down, or pressed once too often, says yes to nothing.
  useEffect(() => {
    if (isAsked.value) question.current?.focus();
  }, [isAsked.value]);
  const [receiver, units] = [idIn(to.value), unitsOf(amount.value)];
  const balance = BigInt(account.value?.units ?? 0);
  const isSelf = receiver !== null && wallet.value != null && equal(receiver, wallet.value.account);
  const toFault = !receiver ? t("send.toWrong") : isSelf ? t("send.toSelf") : null;
  const isMore = units !== null && account.value !== null && units > balance;
  const amountFault =
    !units ? t("send.amountWrong") : isMore ? t("send.amountMore", { balance: lmmText(balance) }) : null;
  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    wasTried.value = true;
    if (toFault || amountFault || isAsked.value) return;
    error.value = null;
    try {
      await findFee();
      isAsked.value = true;
    } catch (reason) {
      error.value = reason;
    }
  };
  const send = async (): Promise<void> => {
    if (toFault || amountFault || !receiver || !units || isSending.value) return;
    isSending.value = true;
    error.value = null;
    try {
      await transact({
        actions: [{ kind: "transfer", to: receiver, amount: units }],
        gasLimit: TRANSFER_GAS,
        what: { kind: "transfer", to: to.value.trim().toLowerCase(), units: String(units) },
      });
      goTo(["wallet"]);
    } catch (reason) {
      error.value = reason;
    } finally {
      isSending.value = isAsked.value = false;
    }
  };
  return (
    <div class="narrow">
      <a class="back" href={linkTo(["wallet"])}>
        <Icon name="back" />
        {t("wallet.back")}
      </a>
      <h1 tabIndex={-1}>{t("send.title")}</h1>
      <form class="form" noValidate onSubmit={(event) => void ask(event)}>
        <Field
          name="to"
          label={t("send.to")}
          hint={t("send.toHint")}
          fault={wasTried.value ? toFault : null}
          value={to.value}
          isFixed={isAsked.value}
          onInput={(text) => (to.value = text)}
        />
        <Field
          name="amount"
          label={t("send.amount")}
          hint={t("send.amountMore", { balance: lmmText(balance) })}
          fault={wasTried.value ? amountFault : null}
          value={amount.value}
          isNumber
          isFixed={isAsked.value}
          onInput={(text) => (amount.value = text)}
        />
        {units !== null && units > 0n && <AboutInCurrency units={units} />}
        {fee.value !== null && !isAsked.value && <p class="small soft">{t("send.fee", { fee: lmmText(fee.value) })}</p>}
        {error.value !== null && <Failure error={error.value} />}
        {isAsked.value && (
          <p ref={question} tabIndex={-1}>
            {t("send.sure", { amount: lmmText(units ?? 0n), to: shortAddress(to.value.trim()), fee: lmmText(fee.value ?? 0n) })}
          </p>
        )}
        {isAsked.value ? (
          <div class="actions" key="asked">
            <button type="button" class="button" disabled={isSending.value} onClick={() => (isAsked.value = false)}>
              {t("send.change")}
            </button>
            <button type="button" class="button main-action" disabled={isSending.value} onClick={() => void send()}>
              {t(isSending.value ? "send.doing" : "send.now")}
            </button>
          </div>
        ) : (
          <div class="actions" key="asking">
            <button class="button main-action">{t("send.do")}</button>
          </div>
        )}
      </form>
    </div>
  );
}
