// SPDX-License-Identifier: Apache-2.0
// A plot of values over time, loaded when one is shown: with their bounds, where there are any, and what
// is out of them marked. Colours come from the page's own tokens.
import uPlot from "uplot";

export interface Plotted {
  times: number[]; // seconds, ascending
  values: number[];
  least: number | null; // the bounds
  most: number | null;
  unit: string;
  locale: string;
}

const HEIGHT = 220;
const DAY_S = 24 * 3600;
const MOMENT_S = 600; // of which seconds are told
const LAST_TICK = 28; // half of what the last tick's text is wide

function colourOf(name: string, of: HTMLElement): string {
  return getComputedStyle(of).getPropertyValue(name).trim();
}

// What lies beyond a bound is washed, the bound itself is a line.
function markBounds(plot: uPlot, { least, most }: Plotted, box: HTMLElement): void {
  const { left, top, width, height } = plot.bbox;
  const { ctx } = plot;
  const at = (value: number): number => Math.min(Math.max(plot.valToPos(value, "y", true), top), top + height);
  ctx.save();
  ctx.fillStyle = colourOf("--failed-wash", box);
  ctx.strokeStyle = colourOf("--failed", box);
  if (most !== null) ctx.fillRect(left, top, width, at(most) - top);
  if (least !== null) ctx.fillRect(left, at(least), width, top + height - at(least));
  for (const bound of [most, least]) {
    if (bound === null) continue;
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    ctx.moveTo(left, at(bound));
    ctx.lineTo(left + width, at(bound));
    ctx.stroke();
  }
  ctx.restore();
}

function spanOf({ values, least, most }: Plotted): [number, number] {
  const all = [...values, ...[least, most].filter((bound): bound is number => bound !== null)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = (high - low || 1) * 0.1;
  return [low - room, high + room];
}

// Draws into the box; returns what ends it.
export function draw(box: HTMLElement, given: Plotted): () => void {
  const isOut = (value: number): boolean =>
    (given.most !== null && value > given.most) || (given.least !== null && value < given.least);
  const axis = { stroke: () => colourOf("--ink-soft", box), grid: { stroke: () => colourOf("--line", box), width: 1 } };
  const number = (value: number): string => value.toLocaleString(given.locale);
  const span = given.times[given.times.length - 1]! - given.times[0]!;
  const isLong = span > DAY_S;
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  const finer = isLong ? { day: "numeric", month: "short" } as const : span < MOMENT_S ? { second: "2-digit" } as const : {};
  const when = (tick: number): string => new Date(tick * 1000).toLocaleString(given.locale, { ...clock, ...finer });
  const line = { stroke: () => colourOf("--accent", box), width: 2, points: { show: given.times.length < 60 } };
  const out = { stroke: () => colourOf("--failed", box), width: 0, points: { show: true, size: 8, fill: () => colourOf("--failed", box) } };
  const outs = given.values.map((value) => (isOut(value) ? value : null));
  const plot = new uPlot(
    {
      width: box.clientWidth,
      height: HEIGHT,
      padding: [null, LAST_TICK, null, null],
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: () => spanOf(given) } },
      axes: [{ ...axis, space: isLong ? 120 : 80, values: (_, ticks) => ticks.map(when) }, { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => `${number(tick)} ${given.unit}`.trim()) }],
      series: [{}, line, out],
      hooks: { drawClear: [(self) => markBounds(self, given, box)] },
    },
    [given.times, given.values, outs],
    box,
  );
  const fit = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
  fit.observe(box);
  const themed = new MutationObserver(() => plot.redraw());
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => {
    fit.disconnect();
    themed.disconnect();
    plot.destroy();
  };
}
