// SPDX-License-Identifier: Apache-2.0
// The members of the firm: who, with which role, what they may have it spend; added and taken away.
import { useSignal } from "@preact/signals";
import { idOfAddress, shortAddress } from "../lib/address";
import { lmmOf, unitsOf } from "../lib/amount";
import { t } from "../lib/i18n";
import { lmmText } from "../shell/amount";
import { Failure, Notice } from "../shell/components";
import { Ident } from "../shell/ident";
import { Field, RoleChoice, SignerChoice, SignerMark, Sure } from "./fields";
import { type Key, type Member, addMember, changeRole, members, removeMember } from "./lists";
import { type Role, may, session } from "./session";

const told = (amount: string): string => lmmText(unitsOf(amount) ?? 0n);

export function Spent({ of: { limits, spent } }: { of: Member | Key }) {
  if (!limits?.day || !spent) return <span class="small soft">{t("firm.noLimit")}</span>;
  const [now, most] = [unitsOf(spent.today) ?? 0n, unitsOf(limits.day) ?? 0n];
  const part = now >= most ? 96 : Number((now * 96n) / most);
  return (
    <span class="spent small soft">
      <svg class={now < most ? "spent-bar" : "spent-bar is-spent"} viewBox="0 0 96 8" aria-hidden="true">
        <rect class="spent-ground" width="96" height="8" rx="4" />
        <rect width={part} height="8" rx="4" />
      </svg>
      {t("firm.spentOf", { spent: told(spent.today), most: told(limits.day) })}
    </span>
  );
}

export const isName = (name: string): boolean => {
  const length = new TextEncoder().encode(name.trim()).length;
  return length > 0 && length <= 64;
};
// "" is none; null is no amount.
export const dayOf = (text: string): string | null => {
  if (text.trim() === "") return "";
  const units = unitsOf(text);
  return units === null ? null : lmmOf(units);
};
function isAddress(text: string): boolean {
  try {
    idOfAddress(text.trim());
    return true;
  } catch {
    return false;
  }
}

function AddForm() {
  const [address, name, day, signer] = [useSignal(""), useSignal(""), useSignal(""), useSignal("")];
  const role = useSignal<Role>("operator");
  const wasTried = useSignal(false);
  const isAdding = useSignal(false);
  const fault = useSignal<unknown>(null);
  const limit = dayOf(day.value);
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    wasTried.value = true;
    if (!isAddress(address.value) || !isName(name.value) || limit === null || isAdding.value) return;
    isAdding.value = true;
    fault.value = null;
    try {
      await addMember({
        address: address.value.trim().toLowerCase(),
        name: name.value.trim(),
        role: role.value,
        day: limit,
        signer: signer.value,
      });
      [address.value, name.value, day.value, signer.value, wasTried.value] = ["", "", "", "", false];
    } catch (reason) {
      fault.value = reason;
    } finally {
      isAdding.value = false;
    }
  };
  const said = (isGood: boolean, text: string): string | null => (wasTried.value && !isGood ? text : null);
  return (
    <details class="details">
      <summary>{t("firm.add")}</summary>
      <form class="form" noValidate onSubmit={(event) => void add(event)}>
        <Field
          name="member-address"
          label={t("firm.address")}
          hint={t("firm.addressHint")}
          fault={said(isAddress(address.value), t("firm.addressWrong"))}
          value={address.value}
          onInput={(text) => (address.value = text)}
        />
        <Field
          name="member-name"
          label={t("firm.name")}
          hint={t("firm.nameHint")}
          fault={said(isName(name.value), t("firm.nameWrong"))}
          value={name.value}
          onInput={(text) => (name.value = text)}
        />
        <div class="field">
          <label for="role">{t("firm.role")}</label>
          <RoleChoice value={role.value} onChoose={(chosen) => (role.value = chosen)} />
          <p class="small soft">{t(`firm.may.${role.value}`)}</p>
        </div>
        <Field
          name="member-day"
          label={t("firm.day")}
          hint={t("firm.dayHint")}
          fault={said(limit !== null, t("firm.dayWrong"))}
          value={day.value}
          isNumber
          onInput={(text) => (day.value = text)}
        />
        <SignerChoice name="member-signer" value={signer.value} onChoose={(chosen) => (signer.value = chosen)} />
        <div class="actions">
          <button class="button main-action" disabled={isAdding.value}>
            {t("firm.doAdd")}
          </button>
        </div>
        {fault.value !== null && <Failure error={fault.value} />}
      </form>
    </details>
  );
}

function Row({ member, onFault }: { member: Member; onFault: (reason: unknown) => void }) {
  const { address, name, role, signer } = member;
  const act = (change: Promise<void>): void => {
    onFault(null);
    void change.catch(onFault);
  };
  return (
    <li class="firm-row">
      <span class="firm-who">
        <strong>{name}</strong>
        <span class="small">
          <Ident whole={address} short={shortAddress(address)} what={t("firm.addressWhat")} />
        </span>
        <SignerMark signer={signer} />
        <Spent of={member} />
      </span>
      {may("members") ? (
        <span class="firm-do">
          <RoleChoice
            value={role}
            label={t("firm.roleOf", { name })}
            onChoose={(chosen) => act(changeRole(member, chosen))}
          />
          <Sure
            word={t("firm.remove")}
            label={t("firm.removeOf", { name })}
            sure={t("firm.removeSure", { name })}
            onSure={() => act(removeMember(member))}
          />
        </span>
      ) : (
        <span>{t(`firm.role.${role}`)}</span>
      )}
    </li>
  );
}

export function Members() {
  const fault = useSignal<unknown>(null);
  const list = members.value;
  if (!may("audit") || !session.value) return null;
  return (
    <section class="firm-part">
      <h2>{t("firm.members")}</h2>
      {fault.value !== null && <Failure error={fault.value} />}
      {!list && (
        <p class="ghost firm-ghost">
          <span class="unseen" role="status">
            {t("firm.looking")}
          </span>
        </p>
      )}
      {list?.length === 0 && (
        <Notice icon="empty" title={t("firm.noMembers")}>
          <p class="soft">{t("firm.noMembersText")}</p>
        </Notice>
      )}
      <ul class="rows">
        {list?.map((member) => (
          // A choice that was refused shows again what is so.
          <Row member={member} key={`${member.address} ${String(fault.value)}`} onFault={(reason) => (fault.value = reason)} />
        ))}
      </ul>
      {may("members") && <AddForm />}
    </section>
  );
}

