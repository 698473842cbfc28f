// SPDX-License-Identifier: Apache-2.0
// What sensors said in an event: a plot for each row of numbers over time, then the table.
import { t } from "../../../web/lib/i18n";
import { Icon } from "../../../web/shell/icons";
import { exact } from "../../../web/shell/time";
import { type Reading, type Series, identify, seriesOf } from "./epcis";
import { wordOf } from "./words";

const WIDTH = 320;
const HEIGHT = 72;

const readable = (type: string): string => wordOf("measure", type.replace(/([a-z])([A-Z])/g, "$1 $2"));

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
        <strong>{readable(type)}</strong> <span class="soft">{t("event.plot", { low, high, unit })}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="plot-grid" d={`M0 4H${WIDTH}M0 ${HEIGHT - 4}H${WIDTH}`} />
        <polyline points={line} />
      </svg>
    </figure>
  );
}

function Row({ row, hasAlarms }: { row: Reading; hasAlarms: boolean }) {
  const time = new Date(row.time);
  return (
    <tr>
      <td>{Number.isNaN(time.getTime()) ? row.time : exact(time)}</td>
      <td>{readable(row.type)}</td>
      <td class="number">{row.value}</td>
      <td class="mono soft" title={row.device}>
        {identify(row.device).short}
      </td>
      {hasAlarms && (
        <td>
          {row.alarm && (
            <span class="state is-failed">
              <Icon name="failed" />
              {wordOf("alarm", row.alarm)}
            </span>
          )}
        </td>
      )}
    </tr>
  );
}

export function Readings({ rows }: { rows: Reading[] }) {
  if (rows.length === 0) return null;
  const hasAlarms = rows.some((row) => row.alarm !== "");
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
              <th>{t("event.readTime")}</th>
              <th>{t("event.readType")}</th>
              <th class="number">{t("event.readValue")}</th>
              <th>{t("event.readDevice")}</th>
              {hasAlarms && <th>{t("event.readAlarm")}</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row row={row} hasAlarms={hasAlarms} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
