// SPDX-License-Identifier: Apache-2.0
// Who is here: an operator who asks whether this server is well connected; anybody who looks for a
// server that is nearer or cheaper.
// What they decide: whether the connections are all right; which server to go to.
// Visible at 360×640 unscrolled: how many nodes are connected and whether this one is behind; the
// servers to choose from with their prices; the first peers.
import { t } from "../lib/i18n";
import { Notice } from "../shell/components";
import { Ident } from "../shell/ident";
import { useHeadingFocus } from "../shell/route";
import { type NodeItem, type Nodes, type Peer, type Peers, client, useLoaded } from "./data";
import { Absent, Curl, Lmm, Tabs, Title, WitnessParts, number } from "./parts";
import { shortHash } from "./text";

const ms = (us: number): string => number(Math.round(us / 100) / 10);
const since = (seconds: number): string =>
  seconds < 120 ? t("explorer.seconds", { n: seconds }) : seconds < 7200 ? t("explorer.minutes", { n: Math.floor(seconds / 60) }) : t("explorer.hours", { n: Math.floor(seconds / 3600) });

function PeerRow({ peer, place }: { peer: Peer; place: number }) {
  const { direction, address_class, height, connected_s, latency_us, penalty, has_all_bodies, node, address, is_trusted } = peer;
  return (
    <li class="peer">
      <div class="who">
        <h3>{address ?? t("explorer.peerN", { n: place })}</h3>
        {node && <Ident whole={node} short={shortHash(node)} what={t("explorer.key")} />}
        <p class="small soft">
          {t(`explorer.direction.${direction}`)} · {t(`explorer.addressClass.${address_class}`)}
          {is_trusted && ` · ${t("explorer.trusted")}`}
          {has_all_bodies && ` · ${t("explorer.keepsAll")}`}
        </p>
      </div>
      <dl class="figures">
        <div>
          <dt>{t("explorer.distance")}</dt>
          <dd>{latency_us === null ? <span class="soft">–</span> : t("explorer.ms", { n: ms(latency_us) })}</dd>
        </div>
        <div>
          <dt>{t("explorer.itsHeight")}</dt>
          <dd>{number(height)}</dd>
        </div>
        <div>
          <dt>{t("explorer.connected")}</dt>
          <dd>{since(connected_s)}</dd>
        </div>
        <div>
          <dt>{t("explorer.penalty")}</dt>
          <dd>{t("explorer.of100", { n: penalty })}</dd>
        </div>
      </dl>
    </li>
  );
}

function NodeRow({ node: { url, price_per_mib, height, is_self } }: { node: NodeItem }) {
  return (
    <li>
      <div class="block node">
        <span>
          <a href={url} rel="noreferrer">
            {url.replace(/^https?:\/\//, "")}
          </a>
          {is_self && <span class="small soft"> {t("explorer.thisServer")}</span>}
        </span>
        <span class="small soft">{t("explorer.height", { n: height })}</span>
        <span>
          {/[1-9]/.test(price_per_mib) ? (
            <>
              <Lmm amount={price_per_mib} /> <span class="small soft">{t("explorer.perMib")}</span>
            </>
          ) : (
            t("explorer.free")
          )}
        </span>
      </div>
    </li>
  );
}

interface Network {
  peers: Peers;
  nodes: Nodes;
}
async function load(signal: AbortSignal): Promise<Network> {
  const [peers, nodes] = await Promise.all([client.get<Peers>("/v1/peers", signal), client.get<Nodes>("/v1/nodes", signal)]);
  return { peers, nodes };
}

function Shown({ network: { peers, nodes } }: { network: Network }) {
  if (!peers.is_networked)
    return (
      <Notice icon="empty" title={t("explorer.alone")}>
        <p class="soft">{t("explorer.aloneText")}</p>
      </Notice>
    );
  return (
    <>
      <p class="pulse">
        <strong>{t("explorer.peerCount", { n: peers.items.length })}</strong>
        <span class="soft">{t(peers.is_syncing ? "explorer.catchingUp" : "explorer.inStep")}</span>
      </p>
      <section>
        <h2>{t("explorer.nodes")}</h2>
        {nodes.items.length === 0 && <p class="soft">{t("explorer.noNodes")}</p>}
        <ul class="rows">
          {nodes.items.map((node) => (
            <NodeRow node={node} key={node.url} />
          ))}
        </ul>
      </section>
      <section>
        <h2>{t("explorer.peers")}</h2>
        {peers.items.length === 0 && <p class="soft">{t("explorer.noPeers")}</p>}
        <ol class="rows">
          {peers.items.map((peer, i) => (
            <PeerRow peer={peer} place={i + 1} key={peer.address ?? i} />
          ))}
        </ol>
      </section>
    </>
  );
}

export function NetworkPage() {
  useHeadingFocus();
  const path = "/v1/peers";
  const { value, error, reload } = useLoaded(path, load, true);
  return (
    <>
      <Title text={t("explorer.network")} />
      <Tabs />
      <WitnessParts />
      {value ? <Shown network={value} /> : <Absent error={error} reload={reload} lines={8} />}
      <Curl path={path} />
    </>
  );
}
