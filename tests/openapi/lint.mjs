// SPDX-License-Identifier: Apache-2.0
// node lint.mjs FILE: every finding, one to a line; fails when there is one.
import { createConfig, lint } from '@redocly/openapi-core';

const config = await createConfig({
  extends: ['recommended'],
  rules: {
    // The document is a server's, whose owner says under what terms it may be asked.
    'info-license': 'off',
  },
});
// A way to a page, which answers with nothing else.
const leadsOn = ({ ruleId, location }) =>
  ruleId === 'operation-2xx-response' && location[0]?.pointer === '#/paths/~1docs/get/responses';
const findings = (await lint({ ref: process.argv[2], config })).filter((finding) => !leadsOn(finding));
for (const { ruleId, message, location } of findings)
  console.log(`${location[0]?.pointer}: ${message} (${ruleId})`);
process.exitCode = findings.length > 0 ? 1 : 0;
