// SPDX-License-Identifier: Apache-2.0
// The supply chain's pages: search (home), capture, and one event with its proof.
import "../../../web/tokens.css";
import "../../../web/base.css";
import "../../../web/lists.css";
import "./pages.css";
import { t } from "../../../web/lib/i18n";
import { startMarket } from "../../../web/shell/app";
import { chain, findChain } from "../../../web/shell/chain";
import { Home } from "./home";
import { texts } from "./texts.en";

function Foot() {
  const info = chain.value;
  if (!info) return <p>&nbsp;</p>;
  const { name, witnesses, quorum } = info;
  return <p>{t("foot.chain", { name, witnesses, quorum })}</p>;
}

await startMarket({
  texts,
  home: { name: "", title: "nav.search", icon: "search", Page: Home },
  news: ["capture", "event", "shipment", "hand_over", "alarm"],
  later: [
    { name: "capture", title: "nav.capture", icon: "capture", hasStyle: true },
    { name: "custody", title: "custody.title", icon: "transaction", hasStyle: true },
    { name: "event", title: "event.title", icon: "object", isUnlisted: true, hasStyle: true },
    { name: "trace", title: "trace.title", icon: "aggregation", isUnlisted: true, hasStyle: true },
  ],
  Foot,
});
void findChain().catch(() => undefined); // asked for again with the first proof
