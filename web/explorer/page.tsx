// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who was given an id, an address or a doubt; an engineer at work on a contract.
// What they decide: whether what they look for is on the chain, final, and says what they were told.
// Visible at 360×640 unscrolled: the search field, how high the chain is and how old its newest block,
// and the newest blocks; in each part of the explorer what its own source says.
//
// Hashes, heights and gas are what people come here for, so they show here, and in no market's page.
import "./explorer.css";
import "./witnesses.css";
import { addTexts } from "../lib/i18n";
import { route } from "../shell/route";
import { AccountPage } from "./account";
import { BlockPage } from "./block";
import { CandidatesPage } from "./candidates";
import { ContractPage } from "./contract";
import { ContractsPage } from "./contracts";
import { DecisionsPage } from "./decisions";
import { EpochPage, EpochsPage } from "./epochs";
import { NetworkPage } from "./network";
import { Newest } from "./newest";
import { Search } from "./search";
import { explorerTexts } from "./texts.en";
import { TransactionPage } from "./transaction";
import { WitnessesPage } from "./witnesses";

addTexts(explorerTexts);

function Part({ name, id }: { name: string; id: string }) {
  if (name === "search") return <Search />;
  if (name === "contracts") return id ? <ContractPage address={id} key={id} /> : <ContractsPage />;
  if (name === "witnesses") return <WitnessesPage />;
  if (name === "decisions") return <DecisionsPage />;
  if (name === "candidates") return <CandidatesPage />;
  if (name === "network") return <NetworkPage />;
  if (name === "epochs") return /^\d{1,15}$/.test(id) ? <EpochPage epoch={Number(id)} key={id} /> : <EpochsPage />;
  if (name === "blocks" && /^\d+$/.test(id)) return <BlockPage height={Number(id)} key={id} />;
  if (name === "transactions" && id) return <TransactionPage id={id} key={id} />;
  if (name === "accounts" && id) return <AccountPage address={id} key={id} />;
  return <Newest />;
}

export function Page() {
  const [, name = "", id = ""] = route.value.path;
  return (
    <div class="explorer">
      <Part name={name} id={id} />
    </div>
  );
}
