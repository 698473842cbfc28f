// SPDX-License-Identifier: Apache-2.0
// Writes GS1's EPCIS examples and many changed ones, each with the verdict of GS1's own schema as
// ajv runs it: a line is "1" or "0", what was done to which document, and the document, between
// tabs.
//
//   node epcis_mutations.mjs FOLDER_WITH_NODE_MODULES EPCIS_DATA COUNT SEED
//
// First in turn: every place of the small documents in epcis_seeds.json takes every value of a
// list, and every place of a vocabulary every word the schema knows. Then COUNT seeded mutations of
// examples and small documents. They break what the schema speaks of: names, types, words, formats,
// patterns, lists, event types, contexts; and graft parts of one document into another.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, resolve } from "node:path";

const [modules, data, count, seed] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), "package.json"));
const Ajv = require("ajv");
const addFormats = require("ajv-formats");

// mulberry32: small, and the same everywhere.
function randomFrom(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
}
const random = randomFrom(Number(seed) || 1);
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const clone = (value) => JSON.parse(JSON.stringify(value));

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesIn(join(folder, entry.name))
        : entry.name.endsWith(".jsonld")
          ? [join(folder, entry.name)]
          : [],
    );
}

const schema = JSON.parse(readFileSync(join(data, "EPCIS-JSON-Schema.json"), "utf8"));
const folder = join(data, "examples");
const examples = filesIn(folder).map((path) => ({
  name: relative(folder, path),
  json: JSON.parse(readFileSync(path, "utf8")),
}));
const seeds = JSON.parse(readFileSync(new URL("epcis_seeds.json", import.meta.url), "utf8"));
const ajv = new Ajv({ strict: false, logger: false });
addFormats(ajv);
const isValid = ajv.compile(schema);

// Every name and word that the schema knows, and every value that an example holds under a name.
const names = new Set();
const words = new Set();
const values = new Map();
(function collect(part) {
  if (part === null || typeof part !== "object") return;
  if (part.properties) Object.keys(part.properties).forEach((name) => names.add(name));
  if (Array.isArray(part.enum)) part.enum.forEach((word) => words.add(word));
  Object.values(part).forEach(collect);
})(schema);
(function collect(part) {
  if (part === null || typeof part !== "object") return;
  for (const [key, value] of Object.entries(part)) {
    if (!Array.isArray(part)) {
      if (!values.has(key)) values.set(key, []);
      values.get(key).push(value);
    }
    collect(value);
  }
})([...examples, ...seeds].map((document) => document.json));
const knownNames = [...names];
const knownWords = [...words];
const seenNames = [...values.keys()];
const eventTypes = [
  "ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent",
];

const times = [
  "2020-02-29T00:00:00Z", "2021-02-29T00:00:00Z", "2020-01-31 10:00:00Z", "2020-01-31t10:00:00z",
  "2020-01-31T10:00:00", "2020-01-31T10:00Z", "2020-01-31", "2020-01-31T10:00:00.Z",
  "2020-01-31T10:00:00.123456789+14:00", "2020-01-31T10:00:00+01", "2020-01-31T10:00:00+0130",
  "2016-12-31T23:59:60Z", "2016-12-31T12:59:60Z", "2016-12-31T18:59:60.7-05:00",
  "2020-01-31T24:00:00Z", "2020-04-31T10:00:00Z", "2020-00-10T10:00:00Z", "2020-01-31T10:00:00+24:00",
  "2020-01-31T10:00:00−01:00", "2020-1-31T10:00:00Z", "20200131T100000Z", " 2020-01-31T10:00:00Z",
  "2020-01-31T10:00:00Z ", "2020-01-31\t10:00:00Z", "2020-01-31T10:61:00Z", "-020-01-31T10:00:00Z",
];
const offsets = [
  "+00:00", "-00:00", "+14:00", "-14:00", "+14:01", "+13:59", "+13:60", "02:00", "+2:00", "+0200", "Z",
  "+02:00 ", "±02:00", "+15:00", "-09:30",
];
const uris = [
  "urn:epc:id:sgtin:0614141.107346.2017", "https://id.gs1.org/01/00614141073464", "abc", "a:", "a:b",
  ":b", "a b:c", "a:b c", "http://", "http://[::1]/x", "http://[::1", "http://[1::2::3]/", "x:/[::1]",
  "http://[1.2.3.4]/", "http://[::256.1.1.1]/", "http://[::01.1.1.1]/", "http://[v1.a]/",
  "http://user:pw@host:80x/", "http://u@h@x/", "a:?q", "a:#f", "a:b#c#d", "a:b?c?d", "a:%41", "a:%4",
  "a:%GG", "1a:b", "a+b-c.1:d", "ex_t:b", "é:b", "a:é", "a:\"b\"", "a:<b>", "a:{b}", "a:b|c", "a:b\\c",
  "a:b^c", "a:b`c", "//host/path", "/path", "../a:b", "urn:epcglobal:cbv:bizstep:shipping",
  "URN:epcglobal:cbv:bizstep:shipping", "urn:epcglobal:cb:x", "https://ns.gs1.org/cbv/BizStep-shipping",
  "http://ns.gs1.org/cbv/", "http://ns.gs1.org/cbv", "https://ref.gs1.org/cbv/BizStep-shipping",
  "https://gs1.org/voc/Temperature", "https://www.gs1.org/voc/Temperature", "http://gs1.org/vocx",
  "https://nsxgs1.org/cbv/x", "gs1:Temperature", "cbv:BizStep-shipping", "file:///a", "a:\n", "a:b\n",
];
const strings = [
  "", " ", "OBSERVE", "observe", "ADD", "DELETE", "ADD\n", "2.0", "2", "2.0.1", "2.", ".2", "v2.0", "2.0\n",
  "٢.٠", "KGM", "kgm", "K", "KGMX", "2N", "K-M", "FF", "ff0", "0x1", "xyz", "é", "😀", "null", "true", "1",
];
const numbers = [0, -0, 1, -1, 2.5, 1e-7, 1e20, 1e21, 1e300, 5e-324, 2 ** 53, 2 ** 63, -(2 ** 63), 12345678901234567890];

function anyValue() {
  switch (below(9)) {
    case 0: return null;
    case 1: return random() < 0.5;
    case 2: return pick(numbers);
    case 3: return pick(strings);
    case 4: return [];
    case 5: return {};
    case 6: return [pick(uris), pick(strings)];
    case 7: return { [pick(seenNames)]: pick(uris) };
    default: return clone(pick(values.get(pick(seenNames))));
  }
}

function anyName() {
  switch (below(6)) {
    case 0: return pick(seenNames);
    case 1: return pick(uris) || "x";
    case 2: return "example:" + pick(knownNames);
    case 3: return pick(["comment", "x", "", "Type", "EPCList", "epcList ", "@context", "@id", "id", "set"]);
    default: return pick(knownNames);
  }
}

// A string of the same kind as the one that was there, often a wrong one.
function anyString(text, key) {
  if (/^\d{4}-/.test(text) && random() < 0.6) return pick(times);
  if (key === "eventTimeZoneOffset" && random() < 0.8) return pick(offsets);
  switch (below(7)) {
    case 0: return pick(uris);
    case 1: return pick(knownWords);
    case 2: return pick(strings);
    case 3: return pick(times);
    default: return scratched(text);
  }
}

function scratched(text) {
  const characters = [...text];
  const marks = [..." :/?#[]@!$&'()*+,;=%\"<>\\^`{|}~-._0aZé\n\t\u2028"];
  const at = below(characters.length + 1);
  switch (below(5)) {
    case 0: characters.splice(at, 1); break;
    case 1: characters.splice(at, 0, pick(marks)); break;
    case 2: characters.splice(at, 1, pick(marks)); break;
    case 3: characters.length = at; break;
    default: return random() < 0.5 ? text.toUpperCase() : text.toLowerCase();
  }
  return characters.join("");
}

// Every place below the root: its holder and its key there.
function placesIn(root) {
  const places = [];
  (function walk(holder) {
    if (holder === null || typeof holder !== "object") return;
    for (const key of Object.keys(holder)) {
      places.push([holder, key]);
      walk(holder[key]);
    }
  })(root);
  return places;
}

function put(holder, key, value) {
  if (Array.isArray(holder)) holder.splice(below(holder.length + 1), 0, value);
  else if (key !== "__proto__") holder[key] = value;
}

// Members stay in place, so that only the name changes.
function rename(holder, from, to) {
  const entries = Object.entries(holder);
  for (const key of Object.keys(holder)) delete holder[key];
  for (const [key, value] of entries) put(holder, key === from ? to : key, value);
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

const mutations = {
  delete(holder, key) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  duplicate(holder, key) {
    put(holder, anyName(), clone(holder[key]));
  },
  retype(holder, key) {
    const old = holder[key];
    holder[key] = pick([anyValue, () => [old], () => ({ id: old }), () => String(old), () => null])();
  },
  rename(holder, key) {
    if (!Array.isArray(holder)) rename(holder, key, random() < 0.4 ? scratched(key) : anyName());
  },
  change(holder, key) {
    const old = holder[key];
    if (typeof old === "string") holder[key] = anyString(old, key);
    else if (typeof old === "number") holder[key] = pick(numbers);
    else if (typeof old === "boolean") holder[key] = pick([!old, "true", 1]);
    else if (Array.isArray(old)) holder[key] = random() < 0.5 ? [] : [...old, ...clone(old)];
    else holder[key] = random() < 0.3 ? {} : { ...old, [anyName()]: anyValue() };
  },
  graft(holder, key) {
    holder[key] = clone(pick(values.get(key) ?? values.get(pick(seenNames))));
  },
  add(holder, key) {
    const target = isObject(holder[key]) ? holder[key] : holder;
    const name = anyName();
    const known = values.get(name);
    put(target, name, known && random() < 0.7 ? clone(pick(known)) : anyValue());
  },
  type(holder, key, root) {
    const typed = placesIn(root).filter(([, name]) => name === "type");
    if (typed.length === 0) return;
    const [target] = pick(typed);
    target.type = pick([...eventTypes, ...eventTypes, ...eventTypes, "EPCISDocument",
      "EPCISQueryDocument", "example:Event", "objectEvent", pick(uris), pick(knownWords)]);
  },
  event(holder, key, root) {
    const events = placesIn(root).filter(([, name]) => name === "eventList");
    const list = events.length > 0 ? events[0][0].eventList : [];
    if (!Array.isArray(list) || list.length === 0) return;
    const event = pick(list);
    if (!isObject(event)) return;
    const field = pick(["epcList", "quantityList", "childEPCs", "childQuantityList", "inputEPCList",
      "inputQuantityList", "outputEPCList", "outputQuantityList", "bizTransactionList", "parentID",
      "transformationID", "ilmd", "action", "readPoint", "sensorElementList", "persistentDisposition"]);
    switch (below(4)) {
      case 0: delete event[field]; break;
      case 1: event[field] = clone(pick(values.get(field))); break;
      case 2: event[field] = []; break;
      default: event.action = pick(["ADD", "OBSERVE", "DELETE", "add"]);
    }
  },
  context(holder, key, root) {
    const url = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
    const target = random() < 0.7 || !isObject(holder) ? root : holder;
    target["@context"] = pick([url, [url], [url, url], [url, {}], [{}, {}], [], {}, "", "no uri", 1, null,
      [1], [[url]], { example: 1 }, [{ a: 1 }, { a: 1.0 }], [{ a: 1, b: 2 }, { b: 2, a: 1 }]]);
  },
  swap(holder, key, root) {
    const [other, otherKey] = pick(placesIn(root));
    if (contains(holder[key], other) || contains(other[otherKey], holder)) return;
    [holder[key], other[otherKey]] = [other[otherKey], holder[key]];
  },
};
const kinds = Object.keys(mutations);

function contains(value, holder) {
  if (value === holder) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some((inner) => contains(inner, holder));
}

// An example, now and then with one of its events as the whole document.
function start(example) {
  const json = clone(example.json);
  const events = json.epcisBody?.eventList;
  if (!events || events.length === 0 || random() > 0.08) return [example.name, json];
  const event = pick(events);
  if (random() < 0.8) event["@context"] = json["@context"];
  return [example.name + ", one event", event];
}

function emit(origin, json) {
  process.stdout.write(`${isValid(json) ? 1 : 0}\t${origin}\t${JSON.stringify(json)}\n`);
}

function placesOf(root) {
  return placesIn(root).map((_, index) => {
    const copy = clone(root);
    return [copy, ...placesIn(copy)[index]];
  });
}

examples.forEach((example) => emit(example.name, example.json));

const probes = [
  undefined, null, true, 1, 1.5, "", "x", "a:b", "ADD", [], {}, ["a:b"],
  ["a:b", "a:b"], [1], "2024-05-31T12:00:00Z", "gs1:x", "https://gs1.org/voc/x", "https://ns.gs1.org/cbv/x",
];
probes.slice(1).forEach((probe) => emit("the whole document", probe));
for (const { name, json } of seeds) {
  emit(name, json);
  for (const probe of probes) {
    for (const [root, holder, key] of placesOf(json)) {
      if (probe === undefined) mutations.delete(holder, key);
      else holder[key] = probe;
      emit(`${name}: ${JSON.stringify(key)} is ${JSON.stringify(probe)}`, root);
    }
  }
  for (const [root, holder, key] of placesOf(json)) {
    if (!isObject(holder[key])) continue;
    holder[key].unknown = 1;
    emit(`${name}: ${JSON.stringify(key)} gets a name`, root);
  }
}

// Each place that holds a word, once: by its names from the event down.
const shapes = new Map();
for (const { name, json } of [...seeds, ...examples]) {
  (function walk(part, path) {
    if (part === null || typeof part !== "object") return;
    for (const key of Object.keys(part)) {
      const inner = [...path, key];
      const shape = inner.filter((step) => !/^\d+$/.test(step)).slice(-3).join("/");
      if (words.has(part[key]) && !shapes.has(shape)) shapes.set(shape, { name, json, path: inner });
      walk(part[key], inner);
    }
  })(json, []);
}
for (const [shape, { name, json, path }] of shapes) {
  for (const word of knownWords) {
    const root = clone(json);
    const holder = path.slice(0, -1).reduce((part, step) => part[step], root);
    holder[path[path.length - 1]] = word;
    emit(`${name}: ${shape} is ${word}`, root);
  }
}

for (let made = 0; made < Number(count); ) {
  const [origin, root] = start(pick(random() < 0.7 ? examples : seeds));
  const before = JSON.stringify(root);
  const done = [];
  for (let steps = 1 + below(2); steps > 0; steps--) {
    const places = placesIn(root);
    if (places.length === 0) break;
    const [holder, key] = pick(places);
    const kind = pick(kinds);
    mutations[kind](holder, key, root);
    done.push(kind + " " + JSON.stringify(key));
  }
  // What reads as JSON text is what is judged (-0 is 0, for one).
  const after = JSON.stringify(root);
  if (after === before) continue;
  emit(`${origin}: ${done.join(", ")}`, JSON.parse(after));
  made++;
}
