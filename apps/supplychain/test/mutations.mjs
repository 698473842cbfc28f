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
                text: Buffer.concat(parts).toString(), location: response.headers.location }));
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

let next = 0, same = 0, accepted = 0, other = 0;
async function work() {
    while (next < cases.length) {
        const line = cases[next++];
        const isValid = line[0] === "1", document = line.slice(line.indexOf("\t", 2) + 1);
        const answer = await capture(document);
        if (answer.status === 202 && ++accepted % 200 === 0) await note(answer.location);
        // A document without events is valid, and there is nothing in it to capture.
        const isEmpty = answer.status === 400 && answer.text.includes('"no_events"');
        if ((isEmpty || answer.status === 202) === isValid) same++;
        else if (++other <= 20) console.error(answer.status, answer.text.slice(0, 300), line.slice(0, 400));
    }
}
await Promise.all([work(), work(), work(), work()]);
console.log(JSON.stringify({ cases: cases.length, same, accepted, other }));
agent.destroy();
process.exitCode = other === 0 ? 0 : 1;
