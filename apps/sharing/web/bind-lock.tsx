// SPDX-License-Identifier: Apache-2.0
// An owner binds a lock to a thing: the lock itself signs that it belongs, asked by the owner's
// signature; or frees it again, or takes back all grants up to now.
import { useSignal } from "@preact/signals";
import { bytesOfHex } from "../../../web/lib/bytes";
import { t } from "../../../web/lib/i18n";
import { findChain } from "../../../web/shell/chain";
import { sign } from "../../../web/wallet/keys";
import { type Asset } from "./api";
import { binding, revoking, unbinding } from "./calls";
import { Deed } from "./deed";
import { bindAt } from "./lock/bind";
import { ADDRESS, DEVNET_LOCK, SocketTransport } from "./lock/transport";
import { lockFault } from "./lock-panel";

type Bound = Awaited<ReturnType<typeof bindAt>>;

function Ask({ asset, onDone }: { asset: Asset; onDone: () => Promise<void> }) {
  const at = useSignal(DEVNET_LOCK);
  const fault = useSignal("");
  const bound = useSignal<Bound | null>(null);
  const isWrong = !ADDRESS.test(at.value);
  const ask = async (): Promise<void> => {
    [fault.value, bound.value] = ["", null];
    try {
      const chainId = bytesOfHex((await findChain()).chain_id);
      bound.value = await bindAt(new SocketTransport(at.value), { chainId, asset: BigInt(asset.number), sign });
    } catch (error) {
      fault.value = lockFault(error);
    }
  };
  return (
    <>
      <div class="field">
        <label for="bind-address">{t("lock.address")}</label>
        <input
          id="bind-address"
          class="input"
          value={at.value}
          autocomplete="off"
          spellcheck={false}
          aria-invalid={isWrong}
          aria-describedby="bind-hint"
          onInput={(event) => (at.value = event.currentTarget.value.trim())}
        />
        <p id="bind-hint" class={isWrong || fault.value ? "is-failed" : ""} role={fault.value ? "alert" : undefined}>
          {isWrong ? t("lock.addressWrong") : fault.value || t("bind.hint")}
        </p>
      </div>
      {bound.value ? (
        <>
          <p role="status">{t("bind.asked")}</p>
          <Deed label={t("bind.do")} name={t("bind.named", { title: asset.title })} isMain prepare={() => binding(asset.number, bound.value!)} onDone={onDone} />
        </>
      ) : (
        <button type="button" class="button" disabled={isWrong} onClick={() => void ask()}>
          {t("bind.ask")}
        </button>
      )}
    </>
  );
}

export function BindLock({ asset, onDone }: { asset: Asset; onDone: () => Promise<void> }) {
  const { number, title, lock } = asset;
  if (asset.is_withdrawn && !lock) return null;
  return (
    <details class="details">
      <summary>{t("bind.title")}</summary>
      {lock ? (
        <>
          <p class="small soft">{t("bind.bound")}</p>
          <Deed label={t("bind.revoke")} name={title} prepare={() => revoking(number)} question={(fee) => t("bind.revokeSure", { fee })} onDone={onDone} />
          <Deed label={t("bind.unbind")} name={title} prepare={() => unbinding(number)} question={(fee) => t("bind.unbindSure", { fee })} onDone={onDone} />
        </>
      ) : (
        <Ask asset={asset} onDone={onDone} />
      )}
    </details>
  );
}

