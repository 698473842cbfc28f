// SPDX-License-Identifier: Apache-2.0
// Signed transfers without end, each by `lmm` to one of the servers, whichever the sender believes to be
// there. What is told as final the judge is told; what is not is counted, and may still become so.
import { execFile } from "node:child_process";
import { sleep } from "./world.mjs";

const PATIENCE_MS = 20_000;

export class Load {
  #isOver = false;
  counts = { sent: 0, final: 0, failed: 0, unanswered: 0 };

  constructor(world, judge) {
    this.world = world;
    this.judge = judge;
    const servers = world.nodes.filter(({ market }) => market);
    const senders = world.accounts.slice(0, 6);
    this.working = senders.map((sender, i) => this.#work(sender, senders[(i + 1) % senders.length], servers, i));
  }
  async end() {
    this.#isOver = true;
    await Promise.all(this.working);
  }
  async #work(from, to, servers, first) {
    for (let turn = first; !this.#isOver;) {
      const { status, id, height } = await this.#transfer(from, to, servers[turn % servers.length]);
      this.counts.sent++;
      this.counts[status]++;
      if (status === "final") this.judge.note(id, height);
      if (status !== "unanswered") continue;
      turn++; // another one is asked
      await sleep(500);
    }
  }
  #transfer(from, to, { url }) {
    const words = ["transfer", from.role, to.address, "0.00000001", "--wait", "--json", "--url", url];
    const { environment: env } = this.world.clock;
    const options = { timeout: PATIENCE_MS, killSignal: "SIGKILL", encoding: "utf8", env };
    return new Promise((done) => {
      execFile("./lmm", [...words, "--devnet", this.world.path("devnet.json")], options, (_, output) => {
        let answer = {};
        try {
          answer = JSON.parse(output);
        } catch {
          // It said nothing, or not all of it.
        }
        done({ ...answer, status: answer.status in this.counts ? answer.status : "unanswered" });
      });
    });
  }
}
