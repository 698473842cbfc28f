// SPDX-License-Identifier: Apache-2.0
// Captures each case of a file of VERDICT<tab>NAME<tab>DOCUMENT lines and compares the answers; see
// mutations.sh.
import { readFileSync } from "node:fs";
import http from "node:http";

const [readyPath, casesPath] = process.argv.slice(2);
const ready = JSON.parse(readFileSync(readyPath, "utf8"));
const cases = readFileSync(casesPath, "utf8").split("\n").filter(Boolean);
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

function ask(method, path, body) {
    return new Promise((resolve, reject) => {
        const request = http.request(ready.url + path, {
            method, agent,
            headers: {
                Authorization: `Bearer ${ready.api_key}`,
                "Content-Type": "application/ld+json",
            },
        }, (response) => {
            const parts = [];
            response.on("data", (part) => parts.push(part));
            response.on("end", () => resolve({ status: response.statusCode,
                text: Buffer.concat(parts).toString(), location: response.headers.location,
                link: response.headers.link }));
        });
        request.on("error", reject);
        request.end(body);
    });
}

async function capture(document) {
    for (;;) {
        const answer = await ask("POST", "/capture", document);
        if (answer.status !== 503) return answer; // too many wait: try again
        await ask("GET", `/v1/transactions/${lastTx}?wait=final`);
    }
}

// The newest transaction that is known to be under way.
let lastTx = "0".repeat(64);
async function note(location) {
    const job = JSON.parse((await ask("GET", location)).text);
    lastTx = job.tx.at(-1);
}

// Of a refusal: why it is none, or nothing.
function faultOfRefusal(answer) {
    if (answer.status !== 400) return `status ${answer.status}`;
    const problem = JSON.parse(answer.text);
    if (problem.code !== "invalid_document") return `code ${problem.code}`;
    return hasViolation(problem) ? null : "no violation is named";
}

const hasViolation = (problem) =>
    problem.violations?.length > 0 && problem.violations.every((one) => one.rule && typeof one.pointer === "string");

// A document without events is valid, and there is nothing in it to capture.
function isEmpty(answer) {
    const problem = answer.status === 400 ? JSON.parse(answer.text) : null;
    return problem?.code === "no_events" && hasViolation(problem) && problem.rule === "epcis/event-count";
}

const locations = [];
let next = 0, same = 0, accepted = 0, other = 0;
function tell(...what) {
    if (++other <= 20) console.error(...what);
}

async function work() {
    while (next < cases.length) {
        const line = cases[next++];
        const isValid = line[0] === "1", document = line.slice(line.indexOf("\t", 2) + 1);
        const answer = await capture(document);
        if (answer.status === 202) locations.push(answer.location);
        if (answer.status === 202 && ++accepted % 200 === 0) await note(answer.location);
        let fault = null;
        if (!isValid) fault = faultOfRefusal(answer);
        else if (answer.status !== 202 && !isEmpty(answer)) fault = `status ${answer.status}`;
        if (fault) tell(fault, answer.text.slice(0, 300), line.slice(0, 400));
        else same++;
    }
}
await Promise.all([work(), work(), work(), work()]);

// Every accepted capture succeeds, but for those that say something else under an eventID that the
// examples already have; and its events are what is there, nothing of the refused.
const EVENT_ID_CONFLICT = 2;
const known = new Set();
let conflicts = 0;
for (const location of locations) {
    let job = JSON.parse((await ask("GET", location)).text);
    while (job.running) {
        await ask("GET", `/v1/transactions/${job.tx.at(-1)}?wait=final`);
        job = JSON.parse((await ask("GET", location)).text);
    }
    const isConflict = job.errors.length === 1 && job.errors[0].contract_code === EVENT_ID_CONFLICT;
    if (isConflict) conflicts++;
    else if (!job.success) tell("a job failed", location, JSON.stringify(job.errors));
    for (const event of job.events ?? []) known.add(`${event.eventID} ${event.hash}`);
}

async function pages(path, itemsOf) {
    const all = [];
    for (let at = path; at;) {
        const answer = await ask("GET", at);
        all.push(...itemsOf(JSON.parse(answer.text)));
        at = answer.link?.match(/^<([^>]*)>; rel="next"/)?.[1];
    }
    return all;
}
const jobs = new Set((await pages("/capture?perPage=1000", (list) => list)).map((job) => `/capture/${job.captureID}`));
if (jobs.size !== locations.length) tell(`${locations.length} captures were accepted, ${jobs.size} jobs are there`);
for (const location of locations) if (!jobs.has(location)) tell("no such job:", location);
const events = await pages("/v1/events?perPage=1000", (list) => list.items);
for (const event of events)
    if (!known.has(`${event.eventID} ${event.hash}`)) tell("an event of no accepted capture:", event.eventID);
const seen = new Set(events.map((event) => `${event.eventID} ${event.hash}`));
for (const event of known) if (!seen.has(event)) tell("a captured event is not there:", event);
console.log(JSON.stringify({ cases: cases.length, same, accepted, conflicts, other }));
agent.destroy();
process.exitCode = other === 0 && accepted > 0 ? 0 : 1;
