#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Keeps docs/devnet.md's contract of a server program, and of the node beside them (as `lmm node`), and
// does nothing else: for test_run.sh.
const { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { basename } = require('node:path');
const { createServer } = require('node:http');

const SWITCHES = ['--demo', '--devnet', '--first-start', '--rebuild-index', '--webhook-http', '--webhook-private-targets'];
const isNode = process.argv[2] === 'node';
const flags = {};
for (let i = isNode ? 5 : 2; i < process.argv.length; i++) {
  const name = process.argv[i];
  flags[name] = SWITCHES.includes(name) ? true : process.argv[++i];
}
// The devnet brings its own.
if (process.env.LMM_GENESIS || process.env.LMM_KEYS) process.exit(2);
if (flags['--write-genesis']) {
  mkdirSync(flags['--write-genesis'], { recursive: true });
  writeFileSync(`${flags['--write-genesis']}/genesis`, '');
  process.exit(0);
}
const data = isNode ? process.argv[3] : flags['--data'];
const [address, port] = flags['--listen'].split(':');
mkdirSync(data, { recursive: true });
console.error(JSON.stringify({ message: 'started', arguments: process.argv.slice(2), index: process.env.LMM_INDEX }));
if (existsSync(`${data}/../refuse`)) process.exit(5);

// What a restart has to find again.
if (!existsSync(`${data}/chain`)) writeFileSync(`${data}/chain`, process.pid.toString(16).padStart(64, '0'));

const server = createServer((request, response) => {
  const address = request.url.match(/^\/v1\/accounts\/(.*)/)?.[1];
  response.statusCode = request.url === '/readyz' || address ? 200 : 404;
  // Not what ready.json says, which is of the start.
  response.end(address ? JSON.stringify({ address, balance: '999.25' }) : '');
});
server.on('error', (error) => process.exit(error.code === 'EADDRINUSE' ? 3 : 1));
server.listen(Number(port), address, () => {
  const ready = {
    chain_id: readFileSync(`${data}/chain`, 'utf8'),
    block_interval_ms: 500,
    mnemonic: 'word '.repeat(12).trim(),
    accounts: [{ role: 'witness-1', address: 'lmm1qqqq', path: "m/44'/0'", balance: '1000.5' }],
    market: basename(data),
    url: `http://${address}:${server.address().port}`,
    api_key: 'demo',
    pid: process.pid,
    data_dir: data,
  };
  writeFileSync(`${data}/ready.json.new`, JSON.stringify(ready));
  renameSync(`${data}/ready.json.new`, `${data}/ready.json`);
});
for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, () => {
    rmSync(`${data}/ready.json`);
    process.exit(0);
  });
