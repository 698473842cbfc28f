// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who has ordered, and wants to know what became of it.
// What they decide: whether to cancel what still rests.
// Visible at 360×640 unscrolled: the first orders that rest, each with its button; of who has few, the
// first quarters too, with what was traded, delivered and paid.
import { useSignal } from "@preact/signals";
import { unitsOf } from "../../../web/lib/amount";
import { ApiError } from "../../../web/lib/api";
import { t } from "../../../web/lib/i18n";
import { lmmText } from "../../../web/shell/amount";
import { Failure, State, messageOfCode } from "../../../web/shell/components";
import { linkTo } from "../../../web/shell/route";
import { transact } from "../../../web/wallet/send";
import { type Order, type Position, cancelling, client, priceText } from "./api";
import { ownOf } from "./own";
import { kwhText, quarterText } from "./shown";

import "./mine.css";

const SHOWN = 50;
interface Mine {
  resting: Order[];
  positions: Position[];
}
const mine = ownOf<Mine>(
  async (account) => {
    const [resting, positions] = await Promise.all([
      client.page<Order>(`/v1/orders?account=${account}&status=resting&perPage=${SHOWN}`),
      client.page<Position>(`/v1/positions?account=${account}&perPage=${SHOWN}`),
    ]);
    return { resting: resting.items, positions: positions.items };
  },
  ["order", "trade", "cancelled", "settled", "shared", "final", "reset"],
);

function Resting({ order }: { order: Order }) {
  const isSending = useSignal(false);
  const fault = useSignal<unknown>(null);
  const name = t(`mine.${order.side}`, { kwh: kwhText(order.open_wh), price: priceText(order.price) });
  const cancel = async (): Promise<void> => {
    isSending.value = true;
    fault.value = null;
    try {
      const { state, code, message } = await (await transact(cancelling(order, t("mine.cancelled", { order: name })))).end;
      if (state !== "final") throw new ApiError(422, { code: code ?? "", detail: messageOfCode(code, message) });
      await mine.load();
    } catch (reason) {
      fault.value = reason;
    } finally {
      isSending.value = false;
    }
  };
  return (
    <li class="mine-row">
      <span>
        <a href={linkTo(["order", order.id])}>{name}</a>
        <span class="small soft">
          {quarterText(order.slot)}
        </span>
      </span>
      <button type="button" class="button" disabled={isSending.value} onClick={() => void cancel()}>
        {t(isSending.value ? "mine.cancelling" : "mine.cancel")}
      </button>
      {fault.value !== null && <Failure error={fault.value} />}
    </li>
  );
}

const money = (text: string): bigint => unitsOf(text) ?? 0n;

function Slot({ position }: { position: Position }) {
  const { bought, sold, received, delivered, cost, income, compensation, penalty, shared } = position;
  const plus = money(income) + money(compensation) + money(shared);
  const minus = money(cost) + money(penalty);
  const net = plus >= minus ? lmmText(plus - minus) : `−${lmmText(minus - plus)}`;
  return (
    <li class="mine-row">
      <span>
        <strong>{quarterText(position.slot)}</strong>
        {bought > 0 && <span>{t("mine.bought", { kwh: kwhText(bought), done: kwhText(received) })}</span>}
        {sold > 0 && <span>{t("mine.sold", { kwh: kwhText(sold), done: kwhText(delivered) })}</span>}
        {money(penalty) > 0n && <span class="is-failed">{t("mine.penalty", { amount: lmmText(money(penalty)) })}</span>}
      </span>
      <span class="mine-money">
        <strong>{t("preview.amount", { amount: net })}</strong>
        <State name={position.is_final ? "final" : "pending"} />
      </span>
    </li>
  );
}

function Lists({ of }: { of: Mine }) {
  return (
    <div class="two halves">
      <section>
        <h2>{t("mine.orders")}</h2>
        {of.resting.length === 0 && (
          <>
            <p class="soft">{t("mine.noOrders")}</p>
            <div class="actions">
              <a class="button" href="#/">
                {t("mine.toMarket")}
              </a>
            </div>
          </>
        )}
        <ul class="rows">
          {of.resting.map((order) => (
            <Resting order={order} key={order.id} />
          ))}
        </ul>
      </section>
      <section>
        <h2>{t("mine.slots")}</h2>
        {of.positions.length === 0 && <p class="soft">{t("mine.noSlots")}</p>}
        <ul class="rows">
          {of.positions.map((position) => (
            <Slot position={position} key={`${position.zone}-${position.slot}`} />
          ))}
        </ul>
      </section>
    </div>
  );
}

export function Page() {
  return (
    <mine.Frame title={t("mine.title")} noWallet={t("mine.noWallet")}>
      {(of) => <Lists of={of} />}
    </mine.Frame>
  );
}
