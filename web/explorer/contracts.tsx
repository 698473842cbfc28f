// SPDX-License-Identifier: Apache-2.0
// Who is here: an engineer who looks for a contract to read from or to call.
// What they decide: which one to open.
// Visible at 360×640 unscrolled: the newest six contracts, with what they call themselves and where
// they came from.
import { shortAddress } from "../lib/address";
import { t } from "../lib/i18n";
import { Notice } from "../shell/components";
import { Icon } from "../shell/icons";
import { useHeadingFocus } from "../shell/route";
import { type ContractItem, PER_PAGE, useList } from "./data";
import { Curl, Rows, Tabs, Title, pageOf } from "./parts";

const contractKey = (contract: ContractItem): string => contract.address;

function ContractRow({ contract }: { contract: ContractItem }) {
  const { address, name, height } = contract;
  return (
    <li>
      <a class="hit is-contract" href={pageOf("contracts", address)}>
        <Icon name="contract" />
        <strong class="hit-title">{name ?? t("explorer.unnamed")}</strong>
        <span class="small soft mono">{shortAddress(address)}</span>
        <span class="small soft">{height > 0 ? t("explorer.deployedIn", { n: height }) : t("explorer.ofGenesis")}</span>
      </a>
    </li>
  );
}

export function ContractsPage() {
  useHeadingFocus();
  const path = `/v1/contracts?perPage=${PER_PAGE}`;
  const list = useList<ContractItem>(path, contractKey, true);
  return (
    <>
      <Title text={t("explorer.tab.contracts")} />
      <Tabs />
      <Rows
        list={list}
        lines={6}
        keyOf={contractKey}
        empty={
          <Notice icon="empty" title={t("explorer.noContracts")}>
            <p class="soft">{t("explorer.noContractsText")}</p>
          </Notice>
        }
        row={(contract) => <ContractRow contract={contract} key={contract.address} />}
      />
      <Curl path={path} />
    </>
  );
}
