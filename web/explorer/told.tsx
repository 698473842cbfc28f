// SPDX-License-Identifier: Apache-2.0
// What contracts told in a transaction, and what it did, action by action; of one that is final, or of
// one that was only tried.
import { type Json } from "../lib/abi";
import { t } from "../lib/i18n";
import { Icon } from "../shell/icons";
import { Ident } from "../shell/ident";
import type { Action, Told } from "./data";
import { AddressLink, Bytes, type Fact, Facts, Lmm, Value, actionName, iconOf } from "./parts";

// Members of actions: amounts are LMM, addresses are linked, keys and hashes can be copied.
const AMOUNTS = new Set(["amount"]);
const ADDRESSES = new Set(["to", "contract", "account", "upgrader"]);
const SHOWN_APART = new Set(["kind", "method", "arguments", "arguments_hex"]);

function factOf(name: string, value: Json): Fact {
  const key = `explorer.member.${name}`;
  if (value === null || (AMOUNTS.has(name) && value === "0")) return null;
  if (typeof value === "string" && AMOUNTS.has(name)) return [key, <Lmm amount={value} />];
  if (typeof value === "string" && ADDRESSES.has(name)) return [key, <AddressLink address={value} isContract={name === "contract"} />];
  if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return [key, <Ident whole={value} what={t(key)} />];
  return [key, <Value value={value} />];
}

// By the contract's description; bytes where it gives none that they fit.
function Decoded({ fields, hex, title }: { fields: Json; hex: string; title: string }) {
  if (fields === null && hex === "") return null;
  return (
    <div class="decoded">
      <h4>{title}</h4>
      {fields === null ? <Bytes hex={hex} /> : <Value value={fields} />}
      {fields !== null && hex !== "" && (
        <details class="details">
          <summary>{t("explorer.asBytes")}</summary>
          <Bytes hex={hex} />
        </details>
      )}
    </div>
  );
}

export function ActionCard({ action }: { action: Action }) {
  const { kind, method } = action;
  const facts = Object.entries(action).map(([name, value]) => (SHOWN_APART.has(name) ? null : factOf(name, value)));
  return (
    <li class="card">
      <h3>
        <Icon name={iconOf(kind)} />
        {actionName(kind)}
        {typeof method === "string" && <span class="mono">{method}</span>}
      </h3>
      <Facts facts={facts} />
      {typeof action["arguments_hex"] === "string" && (
        <Decoded fields={action["arguments"] ?? null} hex={action["arguments_hex"]} title={t("explorer.arguments")} />
      )}
    </li>
  );
}

export function Events({ events }: { events: Told[] }) {
  if (events.length === 0) return <p class="soft">{t("explorer.noEvents")}</p>;
  return (
    <ol class="cards">
      {events.map(({ index, contract, name, fields, data_hex, proof }) => (
        <li class="card" key={index}>
          <h3>
            <Icon name="live" />
            <span class="mono">{name ?? t("explorer.unnamed")}</span>
          </h3>
          <Facts facts={[["explorer.member.contract", <AddressLink address={contract} isContract />]]} />
          <Decoded fields={fields} hex={data_hex} title={t("explorer.data")} />
          {proof && (
            <a class="small" href={proof} download>
              {t("explorer.proof")}
            </a>
          )}
        </li>
      ))}
    </ol>
  );
}
