// SPDX-License-Identifier: Apache-2.0
// That the chosen quarter takes no more orders, and the way to the next one that does.
import { t } from "../../../web/lib/i18n";
import { State } from "../../../web/shell/components";
import { clock } from "../../../web/shell/time";
import { SLOT_MS } from "./api";
import { chosen, moveOn, nextOpen } from "./draft";
import { slotText } from "./shown";

// `to`: where the keyboard goes on. `isSaid`: to readers, as it happens.
export function Closed({ to, isSaid }: { to: string; isSaid?: boolean }) {
  const [place, next] = [chosen.value, nextOpen.value];
  if (!place || next === null) return null;
  const end = new Date(place.slot * SLOT_MS - place.zone.gate_ms);
  const go = (): void => {
    moveOn();
    document.getElementById(to)?.focus({ preventScroll: true });
  };
  return (
    <div class="closed">
      <p role={isSaid ? "status" : undefined}>
        <State name="pending" word={t("place.closed", { time: clock(end) })} />
      </p>
      <button type="button" class="button" onClick={go}>
        {t("place.next", { slot: slotText(next) })}
      </button>
    </div>
  );
}
