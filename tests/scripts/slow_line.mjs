// SPDX-License-Identifier: Apache-2.0
// A line to a node on which little comes through in a moment, for test_lmm_behind.sh: takes connections for the
// port that its second argument names, and writes its own address to the file that the first one names. As long
// as the file of the third is there, the node's answers have so many bytes a second as it says; then all.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";

const [file, port, narrow] = process.argv.slice(2);
const TICK_MS = 10;
const room = () => (existsSync(narrow) ? (Number(readFileSync(narrow, "utf8")) * TICK_MS) / 1000 : Infinity);

createServer((near) => {
  const far = connect(Number(port), "127.0.0.1");
  const clock = setInterval(() => {
    const some = far.read(Math.min(room(), far.readableLength));
    if (some) near.write(some);
  }, TICK_MS);
  near.pipe(far);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ])
    one.on("error", () => {}).on("close", () => {
      clearInterval(clock);
      other.destroy();
    });
}).listen(0, "127.0.0.1", function () {
  writeFileSync(file, `127.0.0.1:${this.address().port}`);
});
