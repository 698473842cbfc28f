// SPDX-License-Identifier: Apache-2.0
// What sensors said in an event: a plot for each row of numbers over time, then the table.
import type { ComponentChildren } from "preact";
import { t } from "../../../web/lib/i18n";
import { Icon } from "../../../web/shell/icons";
import { exact } from "../../../web/shell/time";
import { type Reading, type Series, seriesOf } from "./details";
import { identify } from "./epcis";
import { measureOf, wordOf } from "./words";

const WIDTH = 320;
const HEIGHT = 72;

function Plot({ series }: { series: Series }) {
  const { points, unit, type } = series;
  const values = points.map((point) => point.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [first, last] = [points[0]!.at, points[points.length - 1]!.at];
  const x = (at: number): number => ((at - first) / (last - first)) * WIDTH;
  const y = (value: number): number => HEIGHT - 4 - ((value - low) / (high - low || 1)) * (HEIGHT - 8);
  const line = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  return (
    <figure class="plot">
      <figcaption class="small">
        <strong>{measureOf(type)}</strong> <span class="soft">{t("event.plot", { low, high, unit })}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="plot-grid" d={`M0 4H${WIDTH}M0 ${HEIGHT - 4}H${WIDTH}`} />
        <polyline points={line} />
      </svg>
    </figure>
  );
}

// Columns that no row fills are left out.
interface Column {
  title: string;
  isNumber?: boolean;
  of: (row: Reading) => ComponentChildren;
}

function whenOf(row: Reading): string {
  const time = new Date(row.time);
  return Number.isNaN(time.getTime()) ? row.time : exact(time);
}

const COLUMNS: Column[] = [
  { title: "event.readTime", of: whenOf },
  { title: "event.readType", of: (row) => measureOf(row.type) },
  { title: "event.readValue", isNumber: true, of: (row) => row.value },
  {
    title: "event.readDevice",
    of: (row) =>
      row.device && (
        <span class="mono soft" title={row.device}>
          {identify(row.device).short}
        </span>
      ),
  },
  {
    title: "event.readAlarm",
    of: (row) =>
      row.alarm && (
        <span class="state is-failed">
          <Icon name="failed" />
          {wordOf("alarm", row.alarm)}
        </span>
      ),
  },
];

export function Readings({ rows }: { rows: Reading[] }) {
  if (rows.length === 0) return null;
  const columns = COLUMNS.filter((column) => rows.some((row) => column.of(row)));
  return (
    <section class="readings">
      <h2>{t("event.readings")}</h2>
      <div class="plots">
        {seriesOf(rows).map((series) => (
          <Plot series={series} key={series.type} />
        ))}
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("event.readings")}>
        <table class="small">
          <thead>
            <tr>
              {columns.map((column) => (
                <th class={column.isNumber ? "number" : undefined}>{t(column.title)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                {columns.map((column) => (
                  <td class={column.isNumber ? "number" : undefined}>{column.of(row)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
