// SPDX-License-Identifier: Apache-2.0
// The pages: what is on offer (home), a thing with its price and calendar, a booking with its lock,
// what is one's own, and the form that lists a thing.
import "../../../web/tokens.css";
import "../../../web/base.css";
import "../../../web/lists.css";
import "../../../web/later.css";
import "./home.css";
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
  home: { name: "", title: "home.nav", icon: "search", Page: Home },
  news: ["asset", "booking", "calendar"],
  later: [
    { name: "mine", title: "mine.nav", icon: "object", hasStyle: true },
    { name: "thing", title: "home.nav", icon: "object", isUnlisted: true, hasStyle: true },
    { name: "booking", title: "mine.nav", icon: "object", isUnlisted: true, hasStyle: true },
    { name: "list", title: "mine.nav", icon: "object", isUnlisted: true, hasStyle: true },
  ],
  Foot,
});
void findChain().catch(() => undefined); // asked for again with the first proof
