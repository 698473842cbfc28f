// SPDX-License-Identifier: Apache-2.0
// What the pages make of events, documents and proofs, without a browser.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { readingsOf, seriesOf } from "../../apps/supplychain/web/details";
import { bareWord, eventsOf, identifiersOf, identify, summaryOf } from "../../apps/supplychain/web/epcis";
import { checkShown } from "../../apps/supplychain/web/proof";
import { SAMPLES } from "../../apps/supplychain/web/samples";
import { bytesOfText, hexOf } from "../lib/bytes";
import { placeOf } from "../lib/json-place";
import { chainId, fileOf, filled, makeProof, sharedData, sourceFile } from "./support";

const examples = join(process.env["LMM_SHARED_DATA"] ?? sourceFile("../shared/data"), "epcis/examples");

test("identifiers in both GS1 forms are named and shortened alike", () => {
  const shown: [string, string, string][] = [
    ["urn:epc:id:sgtin:9521321.012345.7", "item", "9521321.012345.7"],
    ["urn:epc:id:sscc:9521321.0123456789", "unit", "9521321.0123456789"],
    ["urn:epc:class:lgtin:9521321.012345.A%2FB", "lot", "9521321.012345.A%2FB"],
    ["urn:epc:idpat:sgtin:9521321.012345.*", "product", "9521321.012345.*"],
    ["https://id.gs1.org/01/09521321123457/21/8100", "item", "09521321123457 · 8100"],
    ["https://example.com/shop/01/09521321123457/10/A%2FB?x=1", "lot", "09521321123457 · A/B"],
    ["https://id.gs1.org/01/09521321123457", "product", "09521321123457"],
    ["https://id.gs1.org/01/09521321123457/21/%E0%A4%A", "item", "09521321123457 · %E0%A4%A"],
    ["https://id.gs1.org/414/9521321000036", "place", "9521321000036"],
    ["urn:epcglobal:cbv:bt:9521321000036:PO-1", "other", "9521321000036:PO-1"],
    ["geo:59.9,10.7", "place", "59.9,10.7"],
    ["", "other", ""],
  ];
  for (const [uri, kind, short] of shown) assert.deepEqual(identify(uri), { uri, kind, short });
});

test("the short form of an identifier finds it, with the words of a list around it or not", () => {
  for (const uri of [
    "urn:epc:id:sgtin:9521321.012345.7",
    "urn:epc:id:sgtin:9521321.012345.7.8-%2F",
    "urn:epc:id:sscc:9521321.0123456789",
    "urn:epc:id:giai:9521321.a",
    "urn:epc:class:lgtin:9521321.012345.A%2FB",
    "urn:epc:idpat:sgtin:9521321.012345.*",
    "https://id.gs1.org/01/09521321123457/21/8100",
    "https://id.gs1.org/01/09521321123457/10/A%2FB",
    "https://id.gs1.org/01/09521321123457",
    "https://id.gs1.org/00/095213211234567897",
    "https://id.gs1.org/414/9521321000036",
    "https://id.gs1.org/8010/9521321ABC/8011/12",
  ]) {
    const { short } = identify(uri);
    for (const given of [short, ` ${short}\n`, `Pallet or case ${short} and 11 more`])
      assert.ok(identifiersOf(given).includes(uri), `${given}: ${identifiersOf(given).join(" ")}`);
    assert.deepEqual(identifiersOf(uri), [uri]);
  }
  for (const [elements, link] of [
    ["(01)09521321123457(10)A-7", "01/09521321123457/10/A-7"],
    [" (01)09521321123457 (17)261231 (10)A-7 (21)8100\n", "01/09521321123457/21/8100"],
    ["(00)095213211234567897", "00/095213211234567897"],
    ["(254)12(414)9521321000036", "414/9521321000036/254/12"],
    ["(17)261231(01)09521321123457", "01/09521321123457"],
  ])
    assert.deepEqual(identifiersOf(elements!), [`https://id.gs1.org/${link}`], elements);
  for (const none of ["(01)", "(17)261231", "(10)A-7", "(x)1", "()"]) assert.deepEqual(identifiersOf(none), [], none);
  assert.deepEqual(identifiersOf("urn:a:b|https://x"), ["urn:a:b|https://x"]);
  for (const none of ["", "coffee", "Item", "12", "4012345", "geo:", "a.b.c"]) assert.deepEqual(identifiersOf(none), []);
});

test("an event's thing is named with its identifier apart", async () => {
  const { textOf, whatOf } = await import("../../apps/supplychain/web/words");
  const naming = (event: Record<string, unknown>) => whatOf(summaryOf(event));
  const packed = { parentID: "urn:epc:id:sscc:9521321.0123456789", childEPCs: ["urn:a:b", "urn:a:c"] };
  assert.equal(naming(packed).id, "9521321.0123456789");
  assert.ok(textOf(naming(packed)).includes("9521321.0123456789"));
  assert.equal(naming({ quantityList: [{ epcClass: "urn:epc:class:lgtin:9521321.012345.A", quantity: 3 }] }).id, "9521321.012345.A");
  assert.equal(naming({}).id, "");
});

test("a word of a vocabulary reads the same in each of its forms", () => {
  for (const form of [
    "shipping",
    "https://ref.gs1.org/cbv/BizStep-shipping",
    "urn:epcglobal:cbv:bizstep:shipping",
    "cbv:BizStep-shipping",
  ])
    assert.equal(bareWord(form), "shipping");
  assert.equal(bareWord("https://gs1.org/voc/Temperature"), "Temperature");
  assert.equal(bareWord("gs1:Temperature"), "Temperature");
  assert.equal(bareWord("https://example.org/steps/fumigating"), "https://example.org/steps/fumigating");
  assert.equal(bareWord(7), "");
});

test("each word of the standard's vocabularies has a text of its own in both languages", async () => {
  const [{ texts }, { eventTexts }, { wordTexts }, { catalogue }] = await Promise.all([
    import("../../apps/supplychain/web/texts.en"),
    import("../../apps/supplychain/web/texts.event.en"),
    import("../../apps/supplychain/web/texts.words.en"),
    import("../../apps/supplychain/web/zh"),
  ]);
  const source = readFileSync(sourceFile("apps/supplychain/epcis/vocabulary.c"), "utf8");
  const groups = [
    ["step", "biz_steps", 41],
    ["disposition", "dispositions", 33],
    ["measure", "measurements", 72],
    ["btt", "transactions", 13],
    ["party", "sources", 3],
    ["reason", "error_reasons", 2],
  ] as const;
  for (const [group, name, count] of groups) {
    const list = new RegExp(`\\b${name}\\[\\] = \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
    const words = [...list.matchAll(/"(\w+)"/g)].map(([, word]) => `${group}.${word}`);
    assert.equal(words.length, count, name);
    const lackingIn = (known: object) => words.filter((word) => !(word in known));
    assert.deepEqual(lackingIn({ ...texts, ...eventTexts, ...wordTexts }), []);
    assert.deepEqual(lackingIn(catalogue), []);
  }
});

test("an event of any shape has a summary", () => {
  const shapes: unknown[] = [{}, [], 1, "x", null, { epcList: {} }, { sensorElementList: [null, { sensorReport: 3 }] }];
  const odd = { bizStep: 4, readPoint: [], sourceList: [[]], errorDeclaration: true, childQuantityList: "x" };
  for (const shape of [...shapes, odd]) {
    const events = eventsOf({ epcisBody: { eventList: [shape] } });
    assert.equal(events.length, 1);
    assert.equal(typeof summaryOf(events[0]!).count, "number");
  }
  assert.deepEqual(eventsOf(null), []);
  assert.deepEqual(eventsOf({ epcisBody: 3 }), []);
  assert.equal(eventsOf({ eventTime: "x" }).length, 1);
});

test("GS1's examples all have a heading, a place or things", (context) => {
  if (!existsSync(examples)) return context.skip("the public test data is not there");
  let count = 0;
  for (const entry of readdirSync(examples, { recursive: true } as never) as unknown as string[]) {
    if (!entry.endsWith(".jsonld")) continue;
    const events = eventsOf(JSON.parse(readFileSync(join(examples, entry), "utf8")));
    assert.ok(events.length > 0, entry);
    for (const event of events) {
      const summary = summaryOf(event);
      const readings = readingsOf(event);
      assert.equal(summary.readingCount, readings.length, entry);
      const says = summary.groups.length + readings.length + (summary.place ? 1 : 0);
      assert.ok(says > 0, entry);
      assert.ok(readings.every((row) => row.type !== "" && row.value !== "" || row.alarm !== ""), entry);
      count++;
    }
  }
  assert.ok(count >= 47, String(count));
});

test("a plot needs three numbers at different times", () => {
  const row = (time: string, value: number) => ({
    sensorMetadata: { time },
    sensorReport: [{ type: "Temperature", value, uom: "CEL" }],
  });
  const of = (...rows: object[]) => seriesOf(readingsOf({ sensorElementList: rows }));
  const times = ["2026-01-01T02:00:00Z", "2026-01-01T01:00:00Z", "2026-01-01T03:00:00Z"];
  const [series] = of(...times.map((time, i) => row(time, i)));
  assert.deepEqual(series?.points.map((point) => point.value), [1, 0, 2]);
  assert.equal(series?.unit, "°C");
  assert.deepEqual(of(row(times[0]!, 1), row(times[1]!, 2)), []);
  assert.deepEqual(of(row(times[0]!, 1), row(times[0]!, 2), row(times[0]!, 3)), []);
});

test("each sample is a valid document of its own", (context) => {
  const schema = sharedData("epcis/EPCIS-JSON-Schema.json");
  const judge = process.env["NODE_PATH"];
  for (const sample of SAMPLES) {
    assert.notEqual(sample.make(), sample.make());
    assert.ok(eventsOf(JSON.parse(sample.make())).length > 0);
  }
  if (!schema || !judge) return context.skip("GS1's schema or ajv is not there");
  const require = createRequire(join(resolve(judge), "x.js"));
  const Ajv = require("ajv") as new (options: object) => { compile(schema: unknown): Validate };
  type Validate = ((value: unknown) => boolean) & { errors?: unknown };
  const ajv = new Ajv({ strict: false, allErrors: true });
  (require("ajv-formats") as (ajv: unknown) => void)(ajv);
  const validate = ajv.compile(schema);
  for (const sample of SAMPLES)
    assert.ok(validate(JSON.parse(sample.make())), `${sample.name}: ${JSON.stringify(validate.errors)}`);
});

const EVENT = { type: "ObjectEvent", epcList: ["a", "b"], n: 1.5 };
const HASH = `ni:///sha-256;${hexOf(filled(0x51))}?ver=CBV2.0`;
const FILE = fileOf(makeProof({ payload: bytesOfText(JSON.stringify(EVENT)) }));

test("a proof of the event that is shown is accepted, whatever its members' order", () => {
  const shown = { n: 1.5, epcList: ["a", "b"], type: "ObjectEvent" };
  assert.ok(checkShown(FILE, hexOf(chainId), { event: shown, hash: HASH }).isProven);
});

for (const [what, event] of [
  ["another value", { ...EVENT, n: 1.25 }],
  ["a member more", { ...EVENT, x: null }],
  ["a member less", { type: "ObjectEvent", epcList: ["a", "b"] }],
  ["a list in another order", { ...EVENT, epcList: ["b", "a"] }],
  ["a list that is an object", { ...EVENT, epcList: { 0: "a", 1: "b" } }],
] as const)
  test(`a good proof does not prove an event with ${what}`, () => {
    const verdict = checkShown(FILE, hexOf(chainId), { event, hash: HASH });
    assert.deepEqual(verdict, { isProven: false, step: "shown", why: "shown_differs" });
  });

test("a good proof does not prove another event hash", () => {
  const verdict = checkShown(FILE, hexOf(chainId), { event: EVENT, hash: HASH.replace("5151", "5152") });
  assert.equal(verdict.isProven, false);
});

test("a fingerprint at another place of the record proves nothing", () => {
  // The payload's hash as an id hash: 32 bytes before a body hash.
  const misplaced = fileOf(makeProof({ payload: bytesOfText(JSON.stringify(EVENT)), payloadShift: -32 }));
  const verdict = checkShown(misplaced, hexOf(chainId), { event: EVENT, hash: HASH });
  assert.deepEqual(verdict, { isProven: false, step: "shown", why: "shown_differs" });
});

test("a record of another contract, or under another topic, is refused", () => {
  for (const options of [{ contract: filled(4) }, { topic: "Captured" }]) {
    const file = fileOf(makeProof({ payload: bytesOfText(JSON.stringify(EVENT)), ...options }));
    const verdict = checkShown(file, hexOf(chainId), { event: EVENT, hash: HASH });
    assert.deepEqual(verdict, { isProven: false, step: "event", why: "other_contract" });
  }
});

test("a pointer leads to its line", () => {
  const text = '{\n "a": [1,\n  {"b~/c": "x\\"]", "d": null}],\n "e": {}\n}';
  const lines: [string, number | undefined, string][] = [
    ["", 1, text],
    ["/a", 2, text.slice(text.indexOf("["), text.indexOf("]", text.indexOf("null")) + 1)],
    ["/a/0", 2, "1"],
    ["/a/1", 3, '{"b~/c": "x\\"]", "d": null}'],
    ["/a/1/b~0~1c", 3, '"x\\"]"'],
    ["/a/1/d", 3, "null"],
    ["/e", 4, "{}"],
  ];
  for (const [pointer, line, value] of lines) {
    const place = placeOf(text, pointer);
    assert.equal(place?.line, line, pointer);
    assert.equal(text.slice(place?.from, place?.to), value, pointer);
  }
  for (const nowhere of ["/x", "/a/2", "/a/1/x", "/a/0/x", "/e/x", "/a/1/d/x"])
    assert.equal(placeOf(text, nowhere), null, nowhere);
  for (let length = 0; length < text.length; length++) placeOf(text.slice(0, length), "/a/1/d");
  placeOf("[".repeat(100_000), "/0/0/0");
});
