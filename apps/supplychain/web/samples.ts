// SPDX-License-Identifier: Apache-2.0
// Sample documents for who has none at hand: valid EPCIS 2.0, under GS1's prefix for demonstrations
// (952), made anew each time so that each capture is one of its own. Loaded when the capture page
// is.

const COMPANY = "9521321";
const CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

const random = (below: number): number => crypto.getRandomValues(new Uint32Array(1))[0]! % below;
const serial = (): string => String(100_000 + random(900_000));
const hex = (digits: number): string => Array.from({ length: digits }, () => random(16).toString(16)).join("");
const uuid = (): string => `urn:uuid:${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;

const sscc = (): string => `urn:epc:id:sscc:${COMPANY}.0${String(100_000_000 + random(900_000_000))}`;
const place = (number: string): { id: string } => ({ id: `urn:epc:id:sgln:${COMPANY}.${number}.0` });
const party = (number: string): string => `urn:epc:id:pgln:${COMPANY}.${number}`;
const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const at = (minutes: number) => ({ eventTime: minutesAgo(minutes), eventTimeZoneOffset: "+00:00" });

function documentOf(...events: object[]): string {
  const document = {
    "@context": [CONTEXT],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: new Date().toISOString(),
    epcisBody: { eventList: events },
  };
  return JSON.stringify(document, null, 2);
}

function coldChain(): string {
  const device = `urn:epc:id:giai:${COMPANY}.LOGGER${serial()}`;
  const celsius = [4.1, 4.3, 4.2, 4.8, 5.6, 5.1, 4.4, 4.2];
  return documentOf({
    type: "ObjectEvent",
    ...at(2),
    action: "OBSERVE",
    bizStep: "transporting",
    disposition: "in_transit",
    epcList: [sscc()],
    readPoint: place("00017"),
    sensorElementList: celsius.map((value, i) => ({
      sensorMetadata: { time: minutesAgo(2 + 30 * (celsius.length - i)), deviceID: device },
      sensorReport: [
        { type: "Temperature", value, uom: "CEL" },
        { type: "RelativeHumidity", value: 61 + ((i * 5) % 7), uom: "P1" },
      ],
    })),
  });
}

function packedAndShipped(): string {
  const pallet = sscc();
  const cases = Array.from({ length: 6 }, () => `urn:epc:id:sgtin:${COMPANY}.012345.${serial()}`);
  const order = `urn:epcglobal:cbv:bt:${COMPANY}00003:PO-${serial()}`;
  return documentOf(
    {
      type: "AggregationEvent",
      ...at(95),
      parentID: pallet,
      childEPCs: cases,
      action: "ADD",
      bizStep: "packing",
      disposition: "in_progress",
      readPoint: place("00003"),
      bizLocation: place("00003"),
    },
    {
      type: "ObjectEvent",
      ...at(40),
      epcList: [pallet],
      action: "OBSERVE",
      bizStep: "shipping",
      disposition: "in_transit",
      readPoint: place("00004"),
      bizTransactionList: [{ type: "po", bizTransaction: order }],
      sourceList: [{ type: "owning_party", source: party("00001") }],
      destinationList: [{ type: "owning_party", destination: party("00900") }],
    },
  );
}

function roasted(): string {
  const lot = serial();
  return documentOf({
    type: "TransformationEvent",
    ...at(180),
    bizStep: "commissioning",
    disposition: "active",
    readPoint: place("00008"),
    bizLocation: place("00008"),
    inputQuantityList: [
      { epcClass: `urn:epc:class:lgtin:${COMPANY}.067890.HUILA-${lot}`, quantity: 120, uom: "KGM" },
      { epcClass: `urn:epc:class:lgtin:${COMPANY}.067891.SIDAMO-${lot}`, quantity: 80.5, uom: "KGM" },
    ],
    outputQuantityList: [
      { epcClass: `urn:epc:class:lgtin:${COMPANY}.054321.ROAST-${lot}`, quantity: 168, uom: "KGM" },
    ],
  });
}

function corrected(): string {
  const wrong = {
    eventID: uuid(),
    type: "ObjectEvent",
    ...at(60),
    epcList: [sscc()],
    action: "OBSERVE",
    bizStep: "receiving",
    disposition: "in_progress",
    readPoint: place("00900"),
  };
  const right = { ...wrong, eventID: uuid(), readPoint: place("00901") };
  const errorDeclaration = {
    declarationTime: minutesAgo(1),
    reason: "incorrect_data",
    correctiveEventIDs: [right.eventID],
  };
  return documentOf(wrong, { ...wrong, errorDeclaration }, right);
}

export const SAMPLES = [
  { name: "coldChain", type: "object", make: coldChain },
  { name: "packedAndShipped", type: "aggregation", make: packedAndShipped },
  { name: "roasted", type: "transformation", make: roasted },
  { name: "corrected", type: "correction", make: corrected },
] as const;
