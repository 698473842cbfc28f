// SPDX-License-Identifier: Apache-2.0
// A contract's views asked, and its methods called, by forms that its description makes: what a call
// would do is shown before it is signed, and it is followed to its end.
import { type Signal, useSignal } from "@preact/signals";
import { type Abi, AbiFault, type Json, type Method, decodeType, encodeFields } from "../lib/abi";
import { idOfAddress } from "../lib/address";
import { unitsOf } from "../lib/amount";
import { type Bytes as ByteArray, bytesOfHex } from "../lib/bytes";
import { t } from "../lib/i18n";
import { Failure, Notice, State, messageOfCode } from "../shell/components";
import { createWallet, wallet } from "../wallet/keys";
import { type Preview, type Sent, tryOut, transact } from "../wallet/send";
import { blankFields } from "./blank";
import { client } from "./data";
import { Bytes, Curl, Facts, Lmm, Value, number, pageOf } from "./parts";
import { Events } from "./told";
import { FieldList, Wrong } from "./value-form";

export interface Called {
  contract: string;
  abi: Abi;
  name: string;
  method: Method;
}

interface Form {
  value: Signal<Json>;
  fault: Signal<AbiFault | null>;
  // The arguments, or null when one does not fit.
  encode: () => ByteArray | null;
}
function useForm({ abi, method }: Called): Form {
  const value = useSignal<Json>(blankFields(abi, method.arguments));
  const fault = useSignal<AbiFault | null>(null);
  const encode = (): ByteArray | null => {
    fault.value = null;
    try {
      return encodeFields(abi, method.arguments, value.value);
    } catch (error) {
      if (!(error instanceof AbiFault)) throw error;
      fault.value = error;
      return null;
    }
  };
  return { value, fault, encode };
}

function Arguments({ called, form, id, onChange }: { called: Called; form: Form; id: string; onChange: () => void }) {
  const { abi, method } = called;
  const change = (next: Json): void => {
    form.value.value = next;
    onChange();
  };
  const { value } = form.value;
  const fault = form.fault.value;
  return (
    <>
      {value === null || typeof value !== "object" ? (
        <p class="soft">{t("abi.tooMany")}</p>
      ) : (
        <FieldList abi={abi} id={id} pointer="" value={value} fault={fault} onChange={change} fields={method.arguments} />
      )}
      <Wrong fault={fault} pointer="" />
    </>
  );
}

// --- views ---

interface Answer {
  result_hex: string;
}

function Result({ called, hex }: { called: Called; hex: string }) {
  const { abi, method } = called;
  let value: Json = null;
  let isRead = false;
  try {
    if (method.returns !== null) [value, isRead] = [decodeType(abi, method.returns, bytesOfHex(hex)), true];
  } catch {
    // Not what it says that it returns: shown as it is.
  }
  return (
    <div class="result" role="status">
      <p class="small soft">
        {t("explorer.result")} {method.returns && <span class="mono">{method.returns}</span>}
      </p>
      {isRead ? <Value value={value} /> : <Bytes hex={hex} />}
    </div>
  );
}

export function ViewForm(called: Called) {
  const form = useForm(called);
  const answer = useSignal<{ hex: string | null; error: unknown; body: string } | null>(null);
  const isAsking = useSignal(false);
  const path = `/v1/contracts/${called.contract}/views/${called.name}`;
  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!form.encode() || isAsking.value) return;
    isAsking.value = true;
    const body = JSON.stringify({ arguments: form.value.value });
    try {
      const { body: found } = await client.post<Answer>(path, body, "application/json");
      answer.value = { hex: found.result_hex, error: null, body };
    } catch (error) {
      answer.value = { hex: null, error, body };
    } finally {
      isAsking.value = false;
    }
  };
  return (
    <form class="method" noValidate onSubmit={(event) => void ask(event)}>
      <Arguments called={called} form={form} id={`view-${called.name}`} onChange={() => (answer.value = null)} />
      <div class="actions">
        <button class="button" disabled={isAsking.value}>
          {t(isAsking.value ? "explorer.asking" : "explorer.ask")}
        </button>
        {answer.value && <Curl path={path} body={answer.value.body} />}
      </div>
      {answer.value?.hex != null && <Result called={called} hex={answer.value.hex} />}
      {answer.value?.error != null && <Failure error={answer.value.error} />}
    </form>
  );
}

// --- calls ---

type Tried = Awaited<ReturnType<typeof tryOut>>;

function Outcome({ outcome, isSponsored }: { outcome: Preview; isSponsored: boolean }) {
  const isGood = outcome.code === "OK";
  return (
    <div class="result" role="status">
      <p>
        <State name={isGood ? "final" : "failed"} word={t(isGood ? "explorer.wouldWork" : "explorer.wouldFail")} />
      </p>
      {!isGood && <p>{messageOfCode(outcome.code, outcome.contract_message ?? outcome.message)}</p>}
      <Facts
        facts={[
          [
            "explorer.fee",
            <>
              <Lmm amount={outcome.fee} /> {isSponsored && <span class="small soft">{t("explorer.paidFor")}</span>}
            </>,
          ],
          ["explorer.gasUsed", number(outcome.gas_used)],
        ]}
      />
      {isGood && (
        <>
          <h4>{t("explorer.events")}</h4>
          <Events events={outcome.events} />
        </>
      )}
    </div>
  );
}

function SentState({ sent }: { sent: Sent }) {
  return (
    <div class="result" role="status">
      <p>
        <State name={sent.state} />
      </p>
      {sent.state === "failed" && <p>{messageOfCode(sent.code, sent.message)}</p>}
      <p>
        <a href={pageOf("transactions", sent.id)}>{t("explorer.openTransaction")}</a>
      </p>
    </div>
  );
}

function NoWallet() {
  const error = useSignal<unknown>(null);
  const create = async (): Promise<void> => {
    error.value = null;
    await createWallet().catch((reason: unknown) => (error.value = reason));
  };
  return (
    <Notice icon="wallet" title={t("explorer.noWallet")}>
      <p class="soft">{t("explorer.noWalletText")}</p>
      <div class="actions">
        <button type="button" class="button" onClick={() => void create()}>
          {t("explorer.createWallet")}
        </button>
      </div>
      {error.value !== null && <Failure error={error.value} />}
    </Notice>
  );
}

interface Call {
  form: Form;
  amount: Signal<string>;
  amountFault: string | null;
  tried: Signal<Tried | null>;
  sent: Signal<Sent | null>;
  error: Signal<unknown>;
  isBusy: Signal<boolean>;
  preview: () => Promise<void>;
  send: () => Promise<void>;
  forget: () => void; // what was shown of other arguments
}

function useCall(called: Called): Call {
  const form = useForm(called);
  const [amount, tried, sent] = [useSignal(""), useSignal<Tried | null>(null), useSignal<Sent | null>(null)];
  const [error, isBusy] = [useSignal<unknown>(null), useSignal(false)];
  const value = amount.value.trim() === "" ? 0n : unitsOf(amount.value);
  const forget = (): void => void ([tried.value, sent.value, error.value] = [null, null, null]);
  const guard = async (run: () => Promise<void>): Promise<void> => {
    if (isBusy.value) return;
    isBusy.value = true;
    error.value = null;
    try {
      await run();
    } catch (reason) {
      error.value = reason;
    } finally {
      isBusy.value = false;
    }
  };
  const actionOf = (given: ByteArray) => ({
    kind: "call" as const,
    contract: idOfAddress(called.contract),
    method: called.name,
    arguments: given,
    value: value!,
  });
  const preview = async (): Promise<void> => {
    forget();
    const given = form.encode();
    if (given && value !== null) await guard(async () => void (tried.value = await tryOut([actionOf(given)])));
  };
  const send = async (): Promise<void> => {
    const given = form.encode();
    const found = tried.value;
    if (!given || value === null || !found) return;
    await guard(async () => {
      const what = { kind: "call", name: called.name };
      const accepted = await transact({ actions: [actionOf(given)], gasLimit: found.gasLimit, what });
      [tried.value, sent.value] = [null, accepted.sent];
      sent.value = await accepted.end;
    });
  };
  const amountFault = value === null ? t("explorer.amountWrong") : null;
  return { form, amount, amountFault, tried, sent, error, isBusy, preview, send, forget };
}

function AmountField({ call, id }: { call: Call; id: string }) {
  const { amount, amountFault, forget } = call;
  const change = (text: string): void => {
    amount.value = text;
    forget();
  };
  return (
    <div class="field">
      <label for={id}>{t("explorer.sendAlong")}</label>
      <input
        id={id}
        class="input"
        inputMode="decimal"
        autocomplete="off"
        value={amount.value}
        aria-invalid={amountFault !== null}
        aria-describedby={`${id}-hint`}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <p id={`${id}-hint`} class={amountFault ? "is-failed" : ""}>
        {amountFault ?? t("explorer.sendAlongHint")}
      </p>
    </div>
  );
}

export function CallForm(called: Called) {
  const call = useCall(called);
  const { form, tried, sent, error, isBusy, preview, send, forget } = call;
  const submit = (event: Event): void => {
    event.preventDefault();
    void preview();
  };
  const canSend = tried.value?.outcome.code === "OK";
  return (
    <form class="method" noValidate onSubmit={submit}>
      <Arguments called={called} form={form} id={`call-${called.name}`} onChange={forget} />
      <AmountField call={call} id={`amount-${called.name}`} />
      {wallet.value ? (
        <div class="actions">
          <button class="button" disabled={isBusy.value}>
            {t("explorer.preview")}
          </button>
          {canSend && (
            <button type="button" class="button main-action" disabled={isBusy.value} onClick={() => void send()}>
              {t("explorer.sign")}
            </button>
          )}
        </div>
      ) : (
        <NoWallet />
      )}
      {tried.value && <Outcome {...tried.value} />}
      {sent.value && <SentState sent={sent.value} />}
      {error.value !== null && <Failure error={error.value} />}
    </form>
  );
}
