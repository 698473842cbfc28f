// SPDX-License-Identifier: Apache-2.0
// A node that has no room for questions that wait: it answers each of them at once. For
// test_lmm.sh. After as many as its second argument says the transaction is what the third one says,
// in JSON; the pauses between them, in ms, are then written to the file that the first one names.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [file, questions] = [process.argv[2], Number(process.argv[3])];
const end = JSON.parse(process.argv[4]);
const asked = [];
const server = createServer((request, response) => {
  asked.push(performance.now());
  const isLast = asked.length >= questions;
  const id = request.url.split(/[/?]/)[3];
  if (isLast)
    writeFileSync(`${file}.pauses`, asked.slice(1).map((at, i) => `${Math.round(at - asked[i])}\n`).join(''));
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ id, status: 'pending', ...(isLast && end) }));
});
server.listen(0, '127.0.0.1', () => writeFileSync(file, `http://127.0.0.1:${server.address().port}`));
