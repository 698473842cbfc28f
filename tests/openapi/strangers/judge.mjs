// SPDX-License-Identifier: Apache-2.0
// node judge.mjs OPENAPI REPORT: what Prism found in the answers, and what was not answered.
import { readFileSync } from 'node:fs';

const [document, report] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file)));
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
const streams = operations.filter((operation) =>
  Object.values(operation.responses).some((answer) => answer.content?.['text/event-stream']),
);
const findings = [];
const codes = {};
for (const { item, response } of report.run.executions) {
  if (!response) {
    if (!streams.some((stream) => stream.summary === item.name))
      findings.push(`${item.name}: no answer`);
    continue;
  }
  codes[response.code] = (codes[response.code] ?? 0) + 1;
  if (response.code >= 500) findings.push(`${item.name}: ${response.code}`);
  const told = response.header.find(({ key }) => key.toLowerCase() === 'sl-violations');
  for (const { location, message } of told ? JSON.parse(told.value) : [])
    if (location[0] === 'response')
      findings.push(`${item.name}: ${response.code} ${location.join('/')}: ${message}`);
}
const asked = report.run.executions.length;
if (asked < operations.length) findings.push(`${asked} of ${operations.length} operations asked`);
for (const finding of findings) console.log(finding);
console.log(`${asked} requests, answers by code: ${JSON.stringify(codes)}`);
console.log(`${findings.length} findings`);
process.exitCode = findings.length > 0 ? 1 : 0;
