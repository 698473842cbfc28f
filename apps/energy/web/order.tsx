// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who placed an order, or was shown one.
// What they decide: whether to believe that it was placed so.
// Visible at 360×640 unscrolled: what was ordered and how it stands, and the browser's own verdict in a
// word.
import { signal, useSignal, useSignalEffect } from "@preact/signals";
import { ApiError } from "../../../web/lib/api";
import { t } from "../../../web/lib/i18n";
import { Failure, Notice, State, Time } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { Person } from "../../../web/shell/people";
import { type Check, ProofPanel, VerdictChip } from "../../../web/shell/proof-panel";
import { linkTo, route, useHeadingFocus } from "../../../web/shell/route";
import { type Order, client, priceText } from "./api";
import { kwhText, quarterText } from "./shown";

type Loaded = { id: string; order: Order | null; error: unknown };
const loaded = signal<Loaded | null>(null);

async function load(id: string): Promise<void> {
  loaded.value = { id, order: null, error: null };
  try {
    const order = await client.get<Order>(`/v1/orders/${encodeURIComponent(id)}`);
    if (loaded.value.id === id) loaded.value = { id, order, error: null };
  } catch (error) {
    if (loaded.value.id === id) loaded.value = { id, order: null, error };
  }
}

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
  const id = route.value.path[1] ?? "";
  useSignalEffect(() => {
    const [page, wanted = ""] = route.value.path;
    if (page === "order") void load(wanted);
  });
  const { order, error } = loaded.value?.id === id ? loaded.value : { order: null, error: null };
  const isMissing = error instanceof ApiError && error.status === 404;
  return (
    <>
      <a class="back small" href={linkTo(["mine"])}>
        <Icon name="back" />
        {t("mine.nav")}
      </a>
      {order && <Shown order={order} key={order.id} />}
      {!order && <h1 tabIndex={-1} class={error ? "" : "waiting-head"}>{error ? t("order.title") : t("home.loading")}</h1>}
      {isMissing && (
        <Notice icon="search" title={t("order.missing")}>
          <p class="soft">{t("order.missingText")}</p>
        </Notice>
      )}
      {error !== null && !isMissing && <Failure error={error} onRetry={() => void load(id)} />}
    </>
  );
}
