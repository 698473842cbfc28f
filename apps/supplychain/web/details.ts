// SPDX-License-Identifier: Apache-2.0
// What lists do not show of an EPCIS event: who, by which documents, and what sensors said. Whatever an
// event holds, this never throws.
import { type EpcisEvent, type Identity, bareWord, identify, list, record, symbolOf, text, withUnit } from "./epcis";

export interface Named {
  type: string; // a word of the CBV, or a URI
  id: Identity;
}
export interface Parties {
  sources: Named[];
  destinations: Named[];
  documents: Named[];
}

export function partiesOf(event: EpcisEvent): Parties {
  const named = (field: string, name: string): Named[] =>
    list(event[field])
      .map(record)
      .map((entry) => ({ type: bareWord(entry["type"]), id: identify(entry[name]) }));
  return {
    sources: named("sourceList", "source"),
    destinations: named("destinationList", "destination"),
    documents: named("bizTransactionList", "bizTransaction"),
  };
}

export interface Reading {
  time: string;
  until: string;
  type: string;
  value: string;
  number: number | null;
  unit: string;
  device: string;
  alarm: string;
}

export function readingsOf(event: EpcisEvent): Reading[] {
  return list(event["sensorElementList"]).flatMap((value) => {
    const element = record(value);
    const meta = record(element["sensorMetadata"]);
    return list(element["sensorReport"]).map((one): Reading => {
      const report = record(one);
      const range = ["minValue", "meanValue", "maxValue"].filter((name) => report[name] !== undefined);
      const plain = ["value", "stringValue", "booleanValue", "hexBinaryValue", "uriValue", "percValue"]
        .map((name) => report[name])
        .find((found) => found !== undefined);
      const number = typeof report["value"] === "number" ? report["value"] : null;
      const spread = range.map((name) => text(report[name])).join(" – ");
      return {
        time: text(report["time"] ?? meta["time"] ?? meta["startTime"]),
        until: text(meta["endTime"]),
        type: bareWord(report["type"] ?? report["microorganism"] ?? report["chemicalSubstance"]),
        value: withUnit(plain ?? spread, report["uom"]),
        number,
        unit: symbolOf(report["uom"]),
        device: text(report["deviceID"] ?? meta["deviceID"]),
        alarm: bareWord(report["exception"]),
      };
    });
  });
}

export interface Series {
  type: string;
  unit: string;
  points: { at: number; value: number }[];
}

// What is worth a plot: at least three numbers of one kind, at different times.
export function seriesOf(rows: Reading[]): Series[] {
  const all = new Map<string, Series>();
  for (const row of rows) {
    const at = Date.parse(row.time);
    if (row.number === null || Number.isNaN(at)) continue;
    const key = `${row.type} ${row.unit}`;
    const series = all.get(key) ?? { type: row.type, unit: row.unit, points: [] };
    series.points.push({ at, value: row.number });
    all.set(key, series);
  }
  return [...all.values()]
    .map((series) => ({ ...series, points: series.points.sort((a, b) => a.at - b.at) }))
    .filter(({ points }) => new Set(points.map((point) => point.at)).size >= 3);
}
