// SPDX-License-Identifier: Apache-2.0
// The order form, with what the order would do now: what trades at once and for what, what rests, and
// what is locked. The server's contract answers that (GET /v1/quotes), so it is what then happens unless
// somebody was faster.
import { signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { unitsOf } from "../../../web/lib/amount";
import { t } from "../../../web/lib/i18n";
import { lmmText } from "../../../web/shell/amount";
import { Failure, State, messageOfCode } from "../../../web/shell/components";
import { onNews } from "../../../web/shell/news";
import { linkTo } from "../../../web/shell/route";
import { address } from "../../../web/wallet/keys";
import { type Sent, transact } from "../../../web/wallet/send";
import { WithWallet } from "../../../web/wallet/with-wallet";
import { KINDS, type Quote, SIDES, type Wanted, client, ordering, priceOf, priceText, whOf } from "./api";
import { Closed } from "./closed";
import { type Draft, chosen, draft, nextOpen } from "./draft";
import { kwhText, slotText } from "./shown";

function quoteOf(of: Wanted, from: string | null, abort?: AbortSignal): Promise<Quote> {
  const query = new URLSearchParams({
    zone: `${of.zone.zone}`,
    slot: `${of.slot}`,
    side: of.side,
    price: `${of.price}`,
    wh: `${of.wh}`,
    ...(from ? { account: from } : {}),
  });
  return client.get<Quote>(`/v1/quotes?${query}`, abort);
}

const WAIT_MS = 250; // of typing, before the server is asked

const moves = signal(0); // of the book, each of which can make another quote
for (const type of ["book", "reset"]) onNews(type, () => void moves.value++);

function wantedOf({ side, kind, kwh, price }: Draft): Wanted | null {
  const [units, wh] = [priceOf(price), whOf(kwh)];
  const place = chosen.value;
  if (!place || nextOpen.value !== null || units === null || wh === null || units > place.zone.cap || wh % place.zone.lot !== 0) return null;
  return { ...place, side, kind, price: units, wh };
}

function faultOf({ kwh, price }: Draft): string | null {
  const units = priceOf(price);
  const cap = chosen.value?.zone.cap ?? 0;
  if (whOf(kwh) === null) return t("form.wrongKwh");
  if (units === null) return t("form.wrongPrice");
  const lot = chosen.value?.zone.lot ?? 1;
  if ((whOf(kwh) ?? 0) % lot !== 0) return t("form.offLot", { kwh: kwhText(lot) });
  return units > cap ? t("form.aboveCap", { price: priceText(cap) }) : null;
}

function Preview({ wanted, quote }: { wanted: Wanted; quote: Quote }) {
  const rest = wanted.wh - quote.filled_wh;
  const money = (amount: string): string => lmmText(unitsOf(amount) ?? 0n);
  const isKilled = wanted.kind === "fok" && rest > 0;
  return (
    <div role="status">
      <dl class="preview">
        <dt>{t("preview.now")}</dt>
        <dd>
          {quote.filled_wh === 0 || isKilled
            ? t("preview.nothing")
            : t("preview.trades", { kwh: kwhText(quote.filled_wh), amount: money(quote.amount) })}
        </dd>
        {rest > 0 && <dt>{t("preview.rest")}</dt>}
        {rest > 0 && (
          <dd>
            {isKilled
              ? t("preview.killed")
              : quote.status === "resting" && wanted.kind === "limit"
                ? t("preview.rests", { kwh: kwhText(rest) })
                : t("preview.cancelled", { kwh: kwhText(rest) })}
          </dd>
        )}
        <dt>{t("preview.locks")}</dt>
        <dd>{t("preview.amount", { amount: money(quote.collateral) })}</dd>
        {unitsOf(quote.opening) !== 0n && <dt>{t("preview.opening")}</dt>}
        {unitsOf(quote.opening) !== 0n && <dd>{t("preview.amount", { amount: money(quote.opening) })}</dd>}
      </dl>
    </div>
  );
}

function Outcome({ sent }: { sent: Sent }) {
  return (
    <div role="status" class="outcome">
      <State name={sent.state} />
      {sent.state === "failed" && <p>{messageOfCode(sent.code, sent.message)}</p>}
      {sent.state !== "failed" && <p>{t(sent.state === "final" ? "form.final" : "form.pending")}</p>}
      {sent.state === "final" && (
        <a class="button" href={linkTo(["mine"])}>
          {t("mine.nav")}
        </a>
      )}
    </div>
  );
}

function Field({ name, hint, text }: { name: "kwh" | "price"; hint: string; text: string }) {
  return (
    <label class="field">
      {text}
      <input
        class="input"
        inputMode="decimal"
        autoComplete="off"
        value={draft.value[name]}
        placeholder={hint}
        onInput={({ currentTarget }) => (draft.value = { ...draft.value, [name]: currentTarget.value })}
      />
    </label>
  );
}

function Sides() {
  return (
    <fieldset class="sides">
      <legend class="unseen">{t("form.side")}</legend>
      {SIDES.map((side) => (
        <label key={side} class="side-choice">
          <input
            type="radio"
            name="side"
            class="unseen"
            checked={draft.value.side === side}
            onChange={() => (draft.value = { ...draft.value, side })}
          />
          <span>{t(`form.${side}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function KindChoice() {
  return (
    <label class="field">
      {t("form.kind")}
      <select
        class="input"
        value={draft.value.kind}
        onChange={({ currentTarget }) =>
          (draft.value = { ...draft.value, kind: KINDS.find((kind) => kind === currentTarget.value) ?? "limit" })
        }
      >
        {KINDS.map((kind) => (
          <option value={kind} key={kind}>
            {t(`kind.${kind}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function OrderForm() {
  const quote = useSignal<{ of: Wanted; is: Quote } | null>(null);
  const error = useSignal<unknown>(null);
  const sent = useSignal<Sent | null>(null);
  const isSending = useSignal(false);
  const wasTried = useSignal(false);
  const wanted = useComputed(() => wantedOf(draft.value));
  useSignalEffect(() => {
    const of = wanted.value;
    const from = address.value;
    void moves.value;
    if (quote.peek()?.of !== of) quote.value = null;
    if (!of) return;
    const abort = new AbortController();
    const later = setTimeout(() => {
      quoteOf(of, from, abort.signal).then(
        (is) => [quote.value, error.value] = [{ of, is }, null],
        (reason: unknown) => !abort.signal.aborted && (error.value = reason),
      );
    }, WAIT_MS);
    return () => (clearTimeout(later), abort.abort());
  });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    wasTried.value = true;
    const order = wanted.value;
    if (!order || isSending.value) return;
    const name = t(`mine.${order.side}`, { kwh: kwhText(order.wh), price: priceText(order.price) });
    isSending.value = true;
    [error.value, sent.value] = [null, null];
    try {
      const { opening } = await quoteOf(order, address.value);
      const accepted = await transact(ordering(order, name, unitsOf(opening) ?? 0n));
      sent.value = accepted.sent;
      sent.value = await accepted.end;
      if (sent.value.state === "final" && wanted.value === order) {
        draft.value = { ...draft.value, kwh: "" }; // a second tap is not a second order
        wasTried.value = false;
      }
    } catch (reason) {
      error.value = reason;
    } finally {
      isSending.value = false;
    }
  };
  const fault = wasTried.value ? faultOf(draft.value) : null;
  return (
    <form class="order" noValidate onSubmit={(event) => void submit(event)}>
      <div>
        <h2 id="order" tabIndex={-1}>
          {t("form.title")}
        </h2>
        {chosen.value && (
          <p class="small soft">{t("form.for", { zone: chosen.value.zone.name, slot: slotText(chosen.value.slot) })}</p>
        )}
      </div>
      <Sides />
      <div class="order-fields">
        <Field name="kwh" text={t("form.kwh")} hint="0.5" />
        <Field name="price" text={t("form.price")} hint="0.05" />
      </div>
      <KindChoice />
      {fault && (
        <p class="is-failed" role="alert">
          {fault}
        </p>
      )}
      {quote.value && <Preview wanted={quote.value.of} quote={quote.value.is} />}
      {error.value !== null && <Failure error={error.value} />}
      {sent.value && <Outcome sent={sent.value} />}
      {nextOpen.value !== null ? (
        <Closed to="order" />
      ) : (
        <WithWallet why={t("form.why")}>
          <div class="actions">
            <button class="button main-action" disabled={isSending.value}>
              {t(isSending.value ? "form.sending" : draft.value.side === "buy" ? "form.doBuy" : "form.doSell")}
            </button>
          </div>
        </WithWallet>
      )}
    </form>
  );
}
