// SPDX-License-Identifier: Apache-2.0
// The firm's API keys: made with no more than a program needs, shown once, revoked.
import { useSignal } from "@preact/signals";
import { t } from "../lib/i18n";
import { Failure, Notice, Time } from "../shell/components";
import { Ident } from "../shell/ident";
import { Field, SignerChoice, SignerMark, Sure } from "./fields";
import { type Key, findScopes, keys, makeKey, revokeKey, scopesToGive } from "./lists";
import { Spent, dayOf, isName } from "./members";
import { may } from "./session";

function Secret({ text, onDone }: { text: string; onDone: () => void }) {
  return (
    <div class="firm-secret">
      <Notice icon="done" title={t("firm.secret")}>
        <p class="small">{t("firm.secretText")}</p>
        <p class="firm-key">
          <Ident whole={text} what={t("firm.keyWhat")} />
        </p>
        <div class="actions">
          <button type="button" class="button" onClick={onDone}>
            {t("firm.secretDone")}
          </button>
        </div>
      </Notice>
    </div>
  );
}

function MakeForm({ onMade }: { onMade: (text: string) => void }) {
  const [name, day, signer] = [useSignal(""), useSignal(""), useSignal("")];
  const scopes = useSignal<string[]>([]);
  const wasTried = useSignal(false);
  const isMaking = useSignal(false);
  const fault = useSignal<unknown>(null);
  const limit = dayOf(day.value);
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    wasTried.value = true;
    if (!isName(name.value) || scopes.value.length === 0 || limit === null || isMaking.value) return;
    isMaking.value = true;
    fault.value = null;
    try {
      const wish = { name: name.value.trim(), scopes: scopes.value, day: limit, signer: signer.value };
      onMade(await makeKey(wish));
      [name.value, day.value, signer.value, scopes.value, wasTried.value] = ["", "", "", [], false];
    } catch (reason) {
      fault.value = reason;
    } finally {
      isMaking.value = false;
    }
  };
  const look = async (isOpen: boolean): Promise<void> => {
    if (isOpen) await findScopes().catch((reason: unknown) => (fault.value = reason));
  };
  const toggle = (scope: string, isOn: boolean): void => {
    scopes.value = isOn ? [...scopes.value, scope] : scopes.value.filter((one) => one !== scope);
  };
  const isWithout = wasTried.value && scopes.value.length === 0;
  return (
    <details class="details" onToggle={(event) => void look(event.currentTarget.open)}>
      <summary>{t("firm.makeKey")}</summary>
      <form class="form" noValidate onSubmit={(event) => void make(event)}>
        <Field
          name="key-name"
          label={t("firm.name")}
          hint={t("firm.nameHint")}
          fault={wasTried.value && !isName(name.value) ? t("firm.nameWrong") : null}
          value={name.value}
          onInput={(text) => (name.value = text)}
        />
        <fieldset class="firm-scopes">
          <legend>{t("firm.scopes")}</legend>
          {scopesToGive.value.map((scope) => (
            <label class="check" key={scope}>
              <input
                type="checkbox"
                checked={scopes.value.includes(scope)}
                onChange={(event) => toggle(scope, event.currentTarget.checked)}
              />
              <span class="mono">{scope}</span>
            </label>
          ))}
          {isWithout && (
            <p class="small is-failed" role="alert">
              {t("firm.scopesWrong")}
            </p>
          )}
        </fieldset>
        <Field
          name="key-day"
          label={t("firm.day")}
          hint={t("firm.dayHint")}
          fault={wasTried.value && limit === null ? t("firm.dayWrong") : null}
          value={day.value}
          isNumber
          onInput={(text) => (day.value = text)}
        />
        <SignerChoice name="key-signer" value={signer.value} onChoose={(chosen) => (signer.value = chosen)} />
        <div class="actions">
          <button class="button main-action" disabled={isMaking.value}>
            {t("firm.doMake")}
          </button>
        </div>
        {fault.value !== null && <Failure error={fault.value} />}
      </form>
    </details>
  );
}

const ID_END = 6; // digits that tell keys of one name apart

function Row({ one, onFault }: { one: Key; onFault: (reason: unknown) => void }) {
  const { id, name, scopes, signer, created, revoked } = one;
  return (
    <li class="firm-row">
      <span class="firm-who">
        <strong>{name}</strong>
        <span class="small soft mono">{scopes.join(" ")}</span>
        <span class="small soft" title={id}>
          {t("firm.keyMade", { end: id.slice(-ID_END) })} <Time at={created} />
        </span>
        <SignerMark signer={signer} />
        <Spent of={one} />
      </span>
      {revoked ? (
        <span class="small soft">
          {t("firm.revoked")} <Time at={revoked} />
        </span>
      ) : (
        <span class="firm-do">
          <Sure
            word={t("firm.revoke")}
            label={t("firm.revokeOf", { name })}
            sure={t("firm.revokeSure", { name })}
            onSure={() => (onFault(null), void revokeKey(one).catch(onFault))}
          />
        </span>
      )}
    </li>
  );
}

export function Keys() {
  const secret = useSignal<string | null>(null);
  const fault = useSignal<unknown>(null);
  const list = keys.value;
  if (!may("admin")) return null;
  return (
    <section class="firm-part">
      <h2>{t("firm.keys")}</h2>
      {secret.value && <Secret text={secret.value} onDone={() => (secret.value = null)} />}
      {fault.value !== null && <Failure error={fault.value} />}
      {!list && (
        <p class="ghost firm-ghost">
          <span class="unseen" role="status">
            {t("firm.looking")}
          </span>
        </p>
      )}
      {list?.length === 0 && (
        <Notice icon="empty" title={t("firm.noKeys")}>
          <p class="soft">{t("firm.noKeysText")}</p>
        </Notice>
      )}
      <ul class="rows">
        {list?.map((one) => (
          <Row one={one} key={one.id} onFault={(reason) => (fault.value = reason)} />
        ))}
      </ul>
      {list && <MakeForm onMade={(text) => (secret.value = text)} />}
    </section>
  );
}
