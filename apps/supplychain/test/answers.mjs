// SPDX-License-Identifier: Apache-2.0
// Judges answers to GET /events: NUMBER.sent is a document as it was captured on a chain of its own,
// NUMBER.answer what came back. See answers.sh.
//
//   node answers.mjs FOLDER_WITH_NODE_MODULES EPCIS_DATA FOLDER_OF_ANSWERS
import { isDeepStrictEqual } from "node:util";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [modules, data, folder] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), "package.json"));
const Ajv = require("ajv");
const addFormats = require("ajv-formats");
const ajv = new Ajv({ strict: false, logger: false, allErrors: true });
addFormats(ajv);
const isValid = ajv.compile(JSON.parse(readFileSync(join(data, "EPCIS-JSON-Schema.json"), "utf8")));

function eventsOf(document) {
  if (document.type === "EPCISDocument") return document.epcisBody.eventList;
  if (document.type === "EPCISQueryDocument") return document.epcisBody.queryResults.resultsBody.eventList;
  return [document];
}

// What the server may add or set; and contexts, which may stand elsewhere.
function told(event, sent) {
  const { recordTime, "@context": context, eventID, ...rest } = event;
  return sent.eventID === undefined ? rest : { ...rest, eventID };
}

function faultOf(sent, answer) {
  if (answer.type !== "EPCISQueryDocument") return `type ${answer.type}`;
  if (!isValid(answer)) return `GS1's schema: ${ajv.errorsText(isValid.errors)}`;
  const events = eventsOf(sent), back = eventsOf(answer).reverse(); // the newest came first
  if (events.length !== back.length) return `${events.length} events went in, ${back.length} came back`;
  for (const [i, event] of events.entries()) {
    if (!back[i].eventID || !back[i].recordTime) return `event ${i} has no eventID or recordTime`;
    if (!isDeepStrictEqual(told(back[i], event), told(event, event))) return `event ${i} is another`;
  }
  const isDocument = sent.type === "EPCISDocument" || sent.type === "EPCISQueryDocument";
  if (isDocument && !isDeepStrictEqual(answer["@context"], sent["@context"])) return "another context";
  return null;
}

const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const names = readdirSync(folder).filter((name) => name.endsWith(".sent"));
let passed = 0;
for (const name of names) {
  const fault = faultOf(read(name), read(name.replace(".sent", ".answer")));
  if (fault) console.error(name, fault);
  else passed++;
}
console.log(`COUNTED ${passed} passed, ${names.length - passed} failed`);
process.exitCode = passed === names.length && names.length === 47 ? 0 : 1;
