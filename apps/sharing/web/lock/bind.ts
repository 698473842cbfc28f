// SPDX-License-Identifier: Apache-2.0
// Asks a lock to sign that it belongs to an asset. It does so for its owner's signature alone.
import { type Bytes, equal } from "../../../../web/lib/bytes";
import * as say from "./messages";
import type { Transport } from "./transport";
import { VisitFault, withLine } from "./visit";

interface Wish {
  chainId: Bytes;
  asset: bigint;
  sign: (message: Bytes) => Promise<Bytes>; // the owner's
}

export const bindAt = (transport: Transport, { chainId, asset, sign }: Wish) =>
  withLine(transport, async (line) => {
    const greeting = await line.greeting();
    if (!equal(greeting.chainId, chainId)) throw new VisitFault("chain");
    const { lock, nonce, counter, height, clockMs } = greeting;
    const wish = { command: say.COMMAND.bind, lock, nonce, counter, booking: asset, height, timeMs: clockMs };
    const challenge = say.encodeChallenge(wish);
    const asked = say.askBinding(challenge, await sign(say.challengeBytes(chainId, challenge)));
    const answer = await line.ask(say.ASK.binding, asked);
    const signature = answer.fixed(64);
    answer.finish();
    return { lock, counter, signature };
  });
