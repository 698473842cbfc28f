// SPDX-License-Identifier: Apache-2.0
// Reads EPCIS 2.0 events as they come, URNs and GS1 Digital Links alike, into what lists show of them:
// what, where and why; details.ts reads the rest. Whatever an event holds, this never throws.

export type EpcisEvent = Record<string, unknown>;

// "https://ref.gs1.org/cbv/BizStep-shipping", "urn:epcglobal:cbv:bizstep:shipping" -> "shipping"
export function bareWord(value: unknown): string {
  const text = typeof value === "string" ? value : "";
  return /(?:\/cbv\/\w+-|:cbv:\w+:|\/voc\/|^gs1:|^cbv:\w+-)([^/:]+)$/.exec(text)?.[1] ?? text;
}

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value == null ? [] : [value]);
export const record = (value: unknown): EpcisEvent =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as EpcisEvent) : {};
export const text = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

export interface Identity {
  uri: string;
  kind: string; // of the texts "kind.*"
  short: string;
}

const URN_KINDS: Record<string, string> = {
  sgtin: "item",
  upui: "item",
  itip: "item",
  lgtin: "lot",
  sscc: "unit",
  sgln: "place",
  pgln: "party",
  grai: "asset",
  giai: "asset",
  gdti: "document",
  cpi: "part",
};
const LINK_KINDS: Record<string, string> = {
  "00": "unit",
  "01": "product",
  "253": "document",
  "414": "place",
  "417": "party",
  "8003": "asset",
  "8004": "asset",
  "8006": "item",
  "8010": "part",
};

const LINK_QUALIFIERS = [
  ["01", "21"],
  ["01", "10"],
  ["01", "235"],
  ["414", "254"],
  ["8006", "21"],
  ["8010", "8011"],
] as const;
const LINK_KEYS = Object.keys(LINK_KINDS).map((key) => [key, ""] as const);

export function identify(value: unknown): Identity {
  const uri = text(value);
  const urn = /^urn:epc:(id|class|idpat):(\w+):(.+)$/.exec(uri);
  if (urn) {
    const kind = urn[1] === "idpat" ? "product" : (URN_KINDS[urn[2]!] ?? "other");
    return { uri, kind, short: urn[3]! };
  }
  const link = /^https?:\/\/.*?\/(00|01|253|414|417|8003|8004|8006|8010)\/(\d{4}[^?#]*)/.exec(uri);
  if (link) {
    const [key, ...rest] = link[2]!.split("/");
    const has = (qualifier: string): boolean => rest.indexOf(qualifier) % 2 === 0;
    const kind = link[1] !== "01" ? LINK_KINDS[link[1]!]! : has("21") ? "item" : has("10") ? "lot" : "product";
    const parts = [key!, ...rest.filter((_, i) => i % 2 === 1)];
    return { uri, kind, short: parts.map(unescaped).join(" · ") };
  }
  const known = /^urn:epcglobal:cbv:\w+:(.+)$/.exec(uri) ?? /^https?:\/\/(.+)$/.exec(uri) ?? /^geo:(.+)$/.exec(uri);
  return { uri, kind: uri.startsWith("geo:") ? "place" : "other", short: known?.[1] ?? uri };
}

// "(01)09521321123457(17)261231(10)A-7", as it stands under a bar code: of its key, what names the thing
// most finely.
function linkOfElements(given: string): string | null {
  if (!/^(\(\d{2,4}\)[^()\s]+\s*)+$/.test(given)) return null;
  const elements = new Map([...given.matchAll(/\((\d+)\)([^()\s]+)/g)].map(([, key, value]) => [key!, value!]));
  const key = [...elements.keys()].find((one) => one in LINK_KINDS);
  if (key === undefined) return null;
  const finest = LINK_QUALIFIERS.find(([of, qualifier]) => of === key && elements.has(qualifier))?.[1];
  const parts = [key, ...(finest ? [finest] : [])].flatMap((one) => [one, elements.get(one)!]);
  return `https://id.gs1.org/${parts.map(encodeURIComponent).join("/")}`;
}

// What somebody may mean who types or pastes a text into a search: the identifier itself, or all
// those whose short form it is, with the words around it in a list or not. [] when it holds none.
export function identifiersOf(given: string): string[] {
  const searched = given.trim();
  if (/^[a-z][a-z0-9+.-]*:\S/i.test(searched)) return [searched];
  const elements = linkOfElements(searched);
  if (elements) return [elements];
  const urn = /(?:^|\s)(\d{6,12}\.\S+)/.exec(searched)?.[1];
  if (urn?.endsWith("*")) return [`urn:epc:idpat:sgtin:${urn}`];
  if (urn)
    return Object.keys(URN_KINDS).map((scheme) => `urn:epc:${scheme === "lgtin" ? "class" : "id"}:${scheme}:${urn}`);
  const link = /(?:^|\s)(\d{4}\S{4,})((?: · \S+)*)/.exec(searched);
  if (!link) return [];
  const last = link[2]!.split(" · ").at(-1)!;
  const ends = last ? LINK_QUALIFIERS.map(([key, qualifier]) => [key, `/${qualifier}/${encodeURIComponent(last)}`]) : LINK_KEYS;
  return ends.map(([key, end]) => `https://id.gs1.org/${key}/${encodeURIComponent(link[1]!)}${end}`);
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const UNITS: Record<string, string> = {
  CEL: "°C",
  FAH: "°F",
  KEL: "K",
  P1: "%",
  A93: "g/m³",
  KMH: "km/h",
  LUX: "lx",
  KGM: "kg",
  GRM: "g",
  LTR: "L",
  MTR: "m",
  HPA: "hPa",
  BAR: "bar",
  MTS: "m/s",
  VLT: "V",
  "2N": "dB",
};
export const symbolOf = (code: unknown): string => UNITS[text(code)] ?? text(code);
export const withUnit = (value: unknown, code: unknown): string => [text(value), symbolOf(code)].filter(Boolean).join(" ");

export interface Thing extends Identity {
  amount: string; // "200 kg", or nothing
}
export type ThingRole = "things" | "parent" | "children" | "inputs" | "outputs";

function things(event: EpcisEvent): { role: ThingRole; items: Thing[] }[] {
  const of = (role: ThingRole, epcs: string, quantities: string) => ({
    role,
    items: [
      ...list(event[epcs]).map((epc) => ({ ...identify(epc), amount: "" })),
      ...list(event[quantities]).map((value) => {
        const q = record(value);
        return { ...identify(q["epcClass"]), amount: withUnit(q["quantity"], q["uom"]) };
      }),
    ],
  });
  return [
    of("parent", "parentID", ""),
    of("things", "epcList", "quantityList"),
    of("inputs", "inputEPCList", "inputQuantityList"),
    of("outputs", "outputEPCList", "outputQuantityList"),
    of("children", "childEPCs", "childQuantityList"),
  ].filter((group) => group.items.length > 0);
}

export interface Summary {
  type: string; // "object": of the texts "type.*", and an icon
  step: string; // a word of the CBV, or a URI, or nothing
  disposition: string;
  action: string;
  groups: { role: ThingRole; items: Thing[] }[];
  count: number; // of things, the parent apart
  place: Identity | null; // where it was seen, or else where it then is
  readPoint: Identity | null;
  location: Identity | null;
  readingCount: number;
  declaration: { reason: string; time: string; corrective: string[] } | null;
}

const TYPES = ["object", "aggregation", "transaction", "transformation", "association"] as const;
export type EventType = (typeof TYPES)[number];
export const EVENT_TYPES: readonly EventType[] = TYPES;

export function summaryOf(event: EpcisEvent): Summary {
  const type = bareWord(event["type"]).replace(/^epcis:/, "").replace(/Event$/, "").toLowerCase();
  const groups = things(event);
  const idOf = (field: string): Identity | null => {
    const id = record(event[field])["id"];
    return id === undefined ? null : identify(id);
  };
  const declared = event["errorDeclaration"] === undefined ? null : record(event["errorDeclaration"]);
  const counted = groups.filter((group) => group.role !== "parent" && group.role !== "inputs");
  return {
    type: (TYPES as readonly string[]).includes(type) ? type : "object",
    step: bareWord(event["bizStep"]),
    disposition: bareWord(event["disposition"]),
    action: text(event["action"]),
    groups,
    count: counted.reduce((sum, group) => sum + group.items.length, 0),
    place: idOf("readPoint") ?? idOf("bizLocation"),
    readPoint: idOf("readPoint"),
    location: idOf("bizLocation"),
    readingCount: list(event["sensorElementList"]).flatMap((one) => list(record(one)["sensorReport"])).length,
    declaration: declared && {
      reason: bareWord(declared["reason"]),
      time: text(declared["declarationTime"]),
      corrective: list(declared["correctiveEventIDs"]).map(text),
    },
  };
}

// The events of a document, a query document, or the one event that it is.
export function eventsOf(document: unknown): EpcisEvent[] {
  const body = record(record(document)["epcisBody"]);
  const results = record(record(body["queryResults"])["resultsBody"]);
  const found = body["eventList"] ?? results["eventList"];
  if (found !== undefined) return list(found).map(record);
  return record(document)["eventTime"] === undefined ? [] : [record(document)];
}
