// SPDX-License-Identifier: Apache-2.0
// What a person does about witnesses, in Chromium, beside what `lmm` says of the same: a new wallet locks
// stake and gets it back, votes for a newcomer, sees the votes in the explorer's tables, changes them,
// and takes what they earned once the newcomer serves. Run by run_votes.sh, on its chain.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { finish, test, url } from "./browser.mjs";

const { DEVNET, CONSENSUS_KEYS } = process.env;
const run = promisify(execFile);
async function lmm(...parts) {
  const { stdout } = await run("./lmm", [...parts, "--devnet", DEVNET, "--json"], { timeout: 120_000 });
  return JSON.parse(stdout);
}
const answer = async (path) => {
  const response = await fetch(`${url}${path}`);
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
};
const DEADLINE_MS = 120_000; // for what would else hang
async function until(what, isSo) {
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; ) {
    const value = await isSo();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`never: ${what}`);
}
const epochNow = async () => (await answer("/v1/witnesses")).epoch;
async function awaitEpochs(count) {
  const from = await epochNow();
  await until(`epoch ${from + count}`, async () => (await epochNow()) >= from + count);
}

// Two who stand for election, each with a key of blocks that was made for this.
async function stand(role, key, percent) {
  await lmm("stake", "lock", role, "6000000", "--wait");
  const { code } = await lmm("candidate", "register", role, key, percent, "--wait");
  assert.equal(code, "OK");
  return (await lmm("keys", "show", role)).address;
}
const [first, second] = CONSENSUS_KEYS.split(" ");
const [carrier, grid] = [await stand("carrier", first, "10"), await stand("grid", second, "50")];
await awaitEpochs(1); // they are elected at its end

const button = (page, name) => page.getByRole("button", { name, exact: true });
// Signed once it was asked for, and final before the page says so.
async function sign(page, name, told) {
  await button(page, name).click();
  await button(page, "Sign").click();
  await page.locator(".act-done", { hasText: told }).locator(".state.is-final").waitFor({ timeout: DEADLINE_MS });
}
const choice = (page, address) => page.locator(".choice", { has: page.getByTitle(address) }).getByRole("checkbox");
const whole = (amount) => Math.floor(Number(amount)).toLocaleString("en-GB");
const holds = (locator, text) => locator.filter({ hasText: text }).first().waitFor({ timeout: DEADLINE_MS });

await test("a newcomer locks, votes, changes the vote, is paid for it, and sees what the command line says", async (page) => {
  await page.goto(`${url}/#/wallet`);
  await button(page, "Create a wallet").click();
  await page.locator(".balance .amount").waitFor();
  const own = await page.locator(".aside .ident .mono").getAttribute("title");
  await lmm("transfer", "alice", own, "5000", "--wait");
  await holds(page.locator(".balance .amount"), "5,000");

  // Stake, there and on its way back.
  await page.goto(`${url}/#/wallet/stake`);
  await page.locator("#lock_stake").fill("1000");
  await sign(page, "Lock", "1,000 LMM locked");
  await holds(page.locator(".balance .amount"), "1,000");
  assert.equal((await lmm("account", "show", own)).stake.locked, "1000");
  await page.locator("#unlock_stake").fill("400");
  await sign(page, "Unlock", "400 LMM unlocking");
  await holds(page.locator(".balance .amount"), "600");
  const { stake } = await lmm("account", "show", own);
  assert.deepEqual([stake.locked, stake.unlocks.map(({ amount }) => amount)], ["600", ["400"]]);
  await holds(page.locator(".unlock .amount"), "400");
  // When it unlocks, to the second, and nothing to take before.
  const ready = await page.locator(".unlock time").getAttribute("datetime");
  assert.equal(Date.parse(ready), Date.parse(stake.unlocks[0].ready));
  assert.ok(Date.parse(ready) > Date.now() + 13 * 86_400_000, ready);
  assert.ok(await button(page, "Take what is ready").isDisabled());

  // A vote counts for earning with what was held when its epoch began.
  await awaitEpochs(1);
  await page.goto(`${url}/#/wallet/vote`);
  await choice(page, carrier).check();
  await sign(page, "Vote", "Vote for 1 candidate");
  assert.deepEqual((await lmm("account", "show", own)).votes, [carrier]);
  await page.goto(`${url}/#/explorer/candidates`);
  const votesOf = async (address) => (await lmm("candidate", "list")).find((one) => one.address === address).votes;
  const given = await until("votes for the one", async () => Number(await votesOf(carrier)) > 0 && votesOf(carrier));
  const candidate = (address) => page.locator(".candidate", { has: page.locator(`[title="${address}"]`) });
  await holds(candidate(carrier).locator(".amount"), `${whole(given)} LMM`);
  await holds(candidate(carrier), "serves now");
  await holds(candidate(grid).locator(".amount"), /^0 LMM$/);

  // Another choice, in place of the one before.
  await page.goto(`${url}/#/wallet/vote`);
  await choice(page, carrier).uncheck();
  await choice(page, grid).check();
  await sign(page, "Vote", "Vote for 1 candidate");
  assert.deepEqual((await lmm("account", "show", own)).votes, [grid]);
  await until("no votes for the first", async () => (await votesOf(carrier)) === "0");
  const witness = async () => (await lmm("witness", "list")).items.find(({ account }) => account === grid);
  const taken = await until("votes for the second", async () => Number((await witness()).votes) > 0 && witness());
  assert.deepEqual([taken.key, taken.commission], [second, 5000]);
  await page.goto(`${url}/#/explorer/witnesses`);
  const row = page.locator(".witness", { has: page.locator(`[title="${grid}"]`) });
  // Each boundary counts them anew, of what the account has by then.
  await until("its votes on the page", async () => {
    const told = whole((await witness()).votes);
    return (await row.locator(".votesFor .amount").first().textContent()).includes(`${told} LMM`);
  });
  await holds(row.locator(".commission"), "50 %");
  assert.ok(await row.locator(".lastBlock a").isVisible()); // it makes blocks, by its own key
  await holds(page.locator(".witness", { has: page.locator(`[title="${carrier}"]`) }).locator(".votesFor .amount"), /^0 LMM$/);

  // What the votes earned by the end of an epoch, in which the one who was voted for made blocks.
  const earned = await until("earnings", async () => {
    const account = await lmm("account", "show", own);
    return Number(account.earned) > 0 && account;
  });
  await page.goto(`${url}/#/wallet/vote`);
  await holds(page.locator(".earned .amount"), /0\.\d*[1-9]|[1-9]/);
  await sign(page, "Take it", "Earnings taken");
  const after = await lmm("account", "show", own);
  // More than a fee costs, so it is more than before.
  assert.ok(Number(after.balance) > Number(earned.balance), `${earned.balance}, then ${after.balance}`);
  await page.goto(`${url}/#/wallet`);
  await holds(page.locator(".balance .amount"), whole(after.balance));

  // All of it, as the explorer tells it.
  await page.goto(`${url}/#/explorer/accounts/${own}`);
  await page.locator(".tx").first().waitFor();
  for (const title of ["Stake locked", "Stake unlocking", "Vote", "Voter's share claimed"])
    await page.locator(".tx-title", { hasText: title }).first().waitFor();
});

await finish();
