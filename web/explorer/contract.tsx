// SPDX-License-Identifier: Apache-2.0
// Who is here: an engineer who builds on a contract, or somebody who asks what it holds of theirs.
// What they decide: what it says now; whether to call it, knowing what that would do and cost.
// Visible at 360×640 unscrolled: its name and address, who may change its code, what it holds, and the
// first of what can be read.
import { useEffect } from "preact/hooks";
import { type Abi, type Method, readAbi } from "../lib/abi";
import { ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { Notice } from "../shell/components";
import { Ident } from "../shell/ident";
import { useHeadingFocus } from "../shell/route";
import { findWallet, wallet } from "../wallet/keys";
import { AddressTransactions } from "./account";
import { type Contract, client, useLoaded } from "./data";
import { Absent, AddressLink, Back, Curl, Facts, Hash, Lmm, Title } from "./parts";
import { type Called, CallForm, ViewForm } from "./method-form";

interface Whole {
  contract: Contract;
  abi: Abi | null; // it says nothing of itself
}

async function load(address: string, signal: AbortSignal): Promise<Whole> {
  const of = `/v1/contracts/${encodeURIComponent(address)}`;
  const describe = async (): Promise<Abi | null> => {
    try {
      return readAbi(await client.text(`${of}/abi`, signal));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  };
  const [contract, abi] = await Promise.all([client.get<Contract>(of, signal), describe()]);
  return { contract, abi };
}

const signatureOf = ({ arguments: given, returns }: Method): string =>
  `(${given.map(({ type }) => type).join(", ")})${returns ? ` → ${returns}` : ""}`;

interface MethodsProps {
  contract: string;
  abi: Abi;
  methods: Map<string, Method>;
  Form: (called: Called) => preact.JSX.Element;
}
function Methods({ contract, abi, methods, Form }: MethodsProps) {
  if (methods.size === 0) return <p class="soft">{t("explorer.none")}</p>;
  return (
    <ul class="rows methods">
      {[...methods].map(([name, method]) => (
        <li key={name}>
          <details class="details">
            <summary>
              <span class="mono">{name}</span>
              <span class="small soft mono signature">{signatureOf(method)}</span>
            </summary>
            <Form contract={contract} abi={abi} name={name} method={method} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function Upgrader({ by }: { by: string | null }) {
  if (by === null) return <>{t("explorer.nobody")}</>;
  return by === "witnesses" ? <>{t("explorer.tab.witnesses")}</> : <AddressLink address={by} />;
}

function Described({ contract, abi }: { contract: string; abi: Abi }) {
  return (
    <>
      <section>
        <h2>{t("explorer.read")}</h2>
        <Methods contract={contract} abi={abi} methods={abi.views} Form={ViewForm} />
      </section>
      <section>
        <h2>{t("explorer.write")}</h2>
        <Methods contract={contract} abi={abi} methods={abi.methods} Form={CallForm} />
      </section>
      {abi.errors.size > 0 && (
        <section>
          <details class="details">
            <summary>{t("explorer.refusals")}</summary>
            <dl class="members">
              {[...abi.errors].map(([code, sentence]) => (
                <div key={code}>
                  <dt class="mono">{code}</dt>
                  <dd>{sentence}</dd>
                </div>
              ))}
            </dl>
          </details>
        </section>
      )}
    </>
  );
}

function Shown({ whole: { contract, abi } }: { whole: Whole }) {
  useHeadingFocus();
  const { address, code_hash, upgrader, state_bytes, deposit } = contract;
  return (
    <>
      <Title text={abi?.name ?? t("explorer.kind.contract")} />
      <Facts
        facts={[
          ["explorer.address", <Ident whole={address} what={t("explorer.address")} />],
          ["explorer.upgrader", <Upgrader by={upgrader} />],
          [
            "explorer.stored",
            <>
              {t("explorer.bytes", { n: state_bytes }) + t("explorer.deposit")} <Lmm amount={deposit} />
            </>,
          ],
          ["explorer.codeHash", <Hash hash={code_hash} what="explorer.codeHash" />],
        ]}
      />
      {abi ? (
        <Described contract={address} abi={abi} />
      ) : (
        <Notice icon="file" title={t("explorer.undescribed")}>
          <p class="soft">{t("explorer.undescribedText")}</p>
        </Notice>
      )}
    </>
  );
}

export function ContractPage({ address }: { address: string }) {
  const path = `/v1/contracts/${encodeURIComponent(address)}`;
  const { value, error, reload } = useLoaded(path, (signal) => load(address, signal));
  useEffect(() => void (wallet.value === undefined && findWallet()), []);
  return (
    <>
      <Back />
      {value ? (
        <Shown whole={value} />
      ) : (
        <Absent title={t("explorer.kind.contract")} error={error} reload={reload} lines={7} />
      )}
      <Curl path={path} />
      {value && <AddressTransactions address={address} />}
    </>
  );
}
