// SPDX-License-Identifier: Apache-2.0
// A trace as the server tells it, and as a person reads it: of each thing that is reached, by what it is
// joined to one that lies nearer.
import { t } from "../../../web/lib/i18n";
import { client } from "./api";
import { bareWord, withUnit } from "./epcis";

export type Direction = "backward" | "forward";
export interface Holding {
  shipment: number;
  custodian: string;
  quantity_milli: number;
  uom: string;
  state: "at_rest" | "under_way" | "arrived";
  alarms: number;
}
interface Traced {
  epc: string;
  steps: number;
  direction: Direction | null; // null: what was asked for
  captured_by: string | null; // a stranger's branch
  shipments: Holding[];
}
interface Join {
  id: string;
  type: string;
  eventTime: string;
  bizStep: string | null;
  capturedBy: string;
}
interface Edge {
  epc: string;
  event: string;
  place: string;
  quantity: number | null;
  uom: string | null;
}
export interface Trace {
  identifiers: Traced[];
  events: Join[];
  edges: Edge[];
  is_cut: boolean;
  cut: string[];
}

export interface Found {
  epc: string;
  steps: number;
  direction: Direction;
  stranger: string | null;
  shipments: Holding[];
  amount: string;
  how: string; // of the texts "trace.how.*"
  of: string | null; // the thing nearer that it is joined to
  event: Join | null;
}

export const askTrace = (epc: string): Promise<Trace> => client.get<Trace>(`/v1/trace?${new URLSearchParams({ epc }).toString()}`);

function howOf(event: Join, place: string, direction: Direction): string {
  const type = bareWord(event.type).replace(/Event$/, "").toLowerCase();
  if (type === "transformation") return direction === "backward" ? "madeFrom" : "madeInto";
  if (type !== "aggregation") return "joined";
  if (place === "parentID") return direction === "backward" ? "wasAround" : "packedInto";
  return direction === "backward" ? "wasIn" : "packedIn";
}

function groupedBy(edges: Edge[], name: "epc" | "event"): Map<string, Edge[]> {
  const grouped = new Map<string, Edge[]>();
  for (const edge of edges) grouped.get(edge[name])?.push(edge) ?? grouped.set(edge[name], [edge]);
  return grouped;
}

// In the order of the trace: the nearest first, strangers' last.
export function foundOf({ identifiers, events, edges }: Trace): Found[] {
  const stepsOf = new Map(identifiers.map(({ epc, direction, steps }) => [epc, { direction, steps }]));
  const eventOf = new Map(events.map((event) => [event.id, event]));
  const edgesAt = groupedBy(edges, "event");
  const edgesOf = groupedBy(edges, "epc");
  const isNearer = (epc: string, { direction, steps }: Traced): boolean => {
    const other = stepsOf.get(epc);
    return other !== undefined && other.steps < steps && (other.direction === null || other.direction === direction);
  };
  return identifiers.flatMap((one) => {
    if (one.direction === null) return [];
    const own = edgesOf.get(one.epc) ?? [];
    const nearest = own
      .map((edge) => ({ edge, nearer: (edgesAt.get(edge.event) ?? []).find(({ epc }) => isNearer(epc, one)) }))
      .find(({ nearer }) => nearer !== undefined);
    const edge = nearest?.edge ?? own[0];
    const event = (edge && eventOf.get(edge.event)) ?? null;
    return {
      ...{ epc: one.epc, steps: one.steps, direction: one.direction, stranger: one.captured_by, shipments: one.shipments },
      amount: edge?.quantity == null ? "" : edge.uom ? withUnit(edge.quantity, edge.uom) : t("quantity.pieces", { n: edge.quantity }),
      how: event && edge ? howOf(event, edge.place, one.direction) : "joined",
      of: nearest?.nearer?.epc ?? null,
      event,
    };
  });
}
