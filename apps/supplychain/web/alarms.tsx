// SPDX-License-Identifier: Apache-2.0
// On the first page: the goods whose alarm is the newest.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../../web/lib/i18n";
import { State, Time } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { onNews } from "../../../web/shell/news";
import { linkTo } from "../../../web/shell/route";
import { client } from "./api";
import { identify, withUnit } from "./epcis";

interface Alarm {
  shipment: number;
  epc: string;
  uom: string;
  time: string;
  value_milli: number;
}
const newest = signal<Alarm | undefined>(undefined);

// Without it the page is whole all the same: what is wrong with the server its other lists tell.
async function load(): Promise<void> {
  const { items } = await client.page<Alarm>("/v1/alarms?perPage=1").catch(() => ({ items: [] }));
  newest.value = items[0];
}
for (const type of ["alarm", "reset"] as const) onNews(type, () => void load());

export function NewestAlarm() {
  useEffect(() => void load(), []);
  if (!newest.value) return null;
  const { shipment, epc, value_milli, uom, time } = newest.value;
  return (
    <div class="rows">
      <a class="row" href={linkTo(["custody", String(shipment)])}>
        <span class="row-icon">
          <Icon name="object" />
        </span>
        <span class="row-what">
          <strong>{identify(epc).short}</strong>
          <span class="small soft">
            {t("home.alarm", { value: withUnit(String(value_milli / 1000), uom) })} · <Time at={time} />
          </span>
        </span>
        <span class="row-state">
          <State name="failed" word={t("home.alarmed")} />
        </span>
      </a>
    </div>
  );
}
