// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who placed an order, or was shown one.
// What they decide: whether to believe that it was placed so.
// Visible at 360×640 unscrolled: what was ordered and how it stands, and the browser's own verdict in a
// word.
import { useSignal } from "@preact/signals";
import { t } from "../../../web/lib/i18n";
import { Failure, Notice, State, Time } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { itemOf } from "../../../web/shell/item";
import { Person } from "../../../web/shell/people";
import { type Check, ProofPanel, VerdictChip } from "../../../web/shell/proof-panel";
import { linkTo, useHeadingFocus } from "../../../web/shell/route";
import { type Order, client, priceText } from "./api";
import { kwhText, quarterText } from "./shown";

// Of a trade only the slot is told: its number is not the order's.
const useOrder = itemOf({
  page: "order",
  read: (id, abort) => client.get<Order>(`/v1/orders/${encodeURIComponent(id)}`, abort),
  news: ["order", "trade", "cancelled"],
  isOf: (news, id) => {
    const { zone, slot } = (news ?? {}) as { zone?: number; slot?: number };
    return id.startsWith(`${zone}-${slot}-`);
  },
});

function Shown({ order }: { order: Order }) {
  useHeadingFocus();
  const check = useSignal<Check>({ is: "checking" });
  const isRefused = check.value.is === "checked" && !check.value.verdict.isProven;
  const { id, account, side, price, wh, traded_wh, status, slot, time } = order;
  return (
    <>
      <h1 tabIndex={-1}>{t(`mine.${side}`, { kwh: kwhText(wh), price: priceText(price) })}</h1>
      <p>
        {!isRefused && <State name="final" />} <VerdictChip now={check.value} />
      </p>
      <div class="two">
        <div>
          <p>{t(`order.${status}`, { kwh: kwhText(traded_wh) })}</p>
          <p class="small soft">
            {t("place.slot")} {quarterText(slot)}
          </p>
          <p class="small soft">
            {t("order.by")} <Person address={account} what={t("order.by")} />
          </p>
          <p class="small soft">
            {t("order.placed")} <Time at={time} isExact />
          </p>
        </div>
        <ProofPanel item={{ id: `order-${id}`, proof: order.proof, shown: order, hashes: [] }} now={check} />
      </div>
    </>
  );
}

export function Page() {
  useHeadingFocus();
  const { item: order, error, isMissing, isWaiting, reload } = useOrder();
  return (
    <>
      <a class="back small" href={linkTo(["mine"])}>
        <Icon name="back" />
        {t("mine.nav")}
      </a>
      {order && <Shown order={order} key={JSON.stringify(order)} />}
      {!order && (
        <h1 tabIndex={-1} class={isWaiting ? "waiting-head" : ""}>
          {t(isWaiting ? "home.loading" : "order.title")}
        </h1>
      )}
      {isMissing && (
        <Notice icon="search" title={t("order.missing")}>
          <p class="soft">{t("order.missingText")}</p>
        </Notice>
      )}
      {error !== null && <Failure error={error} onRetry={reload} />}
    </>
  );
}
