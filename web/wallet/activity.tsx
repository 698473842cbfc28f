// SPDX-License-Identifier: Apache-2.0
// What came in and what went out, the newest first: what this browser sent, from pending on, and what
// the server tells of payments to and from this account.
import { shortAddress } from "../lib/address";
import { t } from "../lib/i18n";
import { type TxItem, useList } from "../explorer/data";
import { Amount } from "../shell/amount";
import { Failure, Notice, State, Time, messageOfCode } from "../shell/components";
import { Icon } from "../shell/icons";
import { useName } from "../shell/people";
import { linkTo } from "../shell/route";
import { address } from "./keys";
import { type Done, joinedWith } from "./payments";
import { sent } from "./send";

const PER_PAGE = 50;

function Row({ one }: { one: Done }) {
  const { at, way, other, name, units, state, isSponsored, code, message } = one;
  const person = useName(other ?? "") ?? shortAddress(other ?? "");
  const title = other === null ? name : t(way === "in" ? "wallet.got" : "wallet.sent", { to: person });
  return (
    <li class="row sent">
      <span class="row-icon">
        <Icon name={way === "in" ? "receive" : units === null ? "capture" : "send"} />
      </span>
      <span class="row-what">
        <strong title={other ?? undefined}>{title}</strong>
        <span class="small soft">
          {units !== null && <Amount units={units} />}
          {isSponsored && t("wallet.paidFor")}
          {state === "failed" && <span class="is-failed">{messageOfCode(code, message)}</span>}
        </span>
      </span>
      <span class="row-when small soft">
        <Time at={new Date(at).toISOString()} />
      </span>
      <span class="row-state" role="status">
        <State name={state} />
      </span>
    </li>
  );
}

export function Activity() {
  const own = address.value;
  const path = `/v1/transactions?account=${encodeURIComponent(own)}&perPage=${PER_PAGE}`;
  const { items, next, isLoading, error, more, reload } = useList<TxItem>(path, ({ id }) => id, true);
  const isKnown = items.length > 0 || (!isLoading && error === null);
  const done = joinedWith(sent.value, items, !isKnown || next === null, own);
  return (
    <section class="activity" aria-busy={!isKnown && error === null}>
      <h2>{t("wallet.activity")}</h2>
      {done.length === 0 && isKnown && next === null && (
        <Notice icon="empty" title={t("wallet.nothing")}>
          <p class="soft">{t("wallet.nothingText")}</p>
        </Notice>
      )}
      {done.length > 0 && (
        <ul class="rows">
          {done.map((one) => (
            <Row one={one} key={one.id} />
          ))}
        </ul>
      )}
      {error !== null && <Failure error={error} onRetry={items.length > 0 ? more : reload} />}
      {next !== null && error === null && (
        <div class="actions">
          <button type="button" class="button" disabled={isLoading} onClick={more}>
            {t("wallet.older")}
          </button>
        </div>
      )}
      <p class="small">
        <a href={linkTo(["explorer", "accounts", own])}>{t("wallet.activityElse")}</a>
      </p>
    </section>
  );
}
