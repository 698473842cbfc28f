// SPDX-License-Identifier: Apache-2.0
// The fields of the firm's forms, each with its hint or what is wrong with it; and a button that asks
// once more before it takes something away.
import { useSignal } from "@preact/signals";
import { t } from "../lib/i18n";
import { OWN, signersToGive } from "./lists";
import { ROLES, type Role } from "./session";

interface FieldProps {
  name: string;
  label: string;
  hint: string;
  fault: string | null;
  value: string;
  isNumber?: boolean;
  onInput: (text: string) => void;
}
export function Field({ name, label, hint, fault, value, isNumber, onInput }: FieldProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        class="input"
        inputMode={isNumber ? "decimal" : "text"}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={value}
        aria-invalid={fault !== null}
        aria-describedby={`${name}-hint`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <p id={`${name}-hint`} class={fault ? "small is-failed" : "small soft"} role={fault ? "alert" : undefined}>
        {fault ?? hint}
      </p>
    </div>
  );
}

export function RoleChoice({ value, label, onChoose }: { value: Role; label?: string; onChoose: (role: Role) => void }) {
  return (
    <select
      class="input"
      aria-label={label}
      id={label ? undefined : "role"}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value as Role)}
    >
      {ROLES.map((role) => (
        <option value={role} key={role} selected={role === value}>
          {t(`firm.role.${role}`)}
        </option>
      ))}
    </select>
  );
}

// Nothing where there is no choice.
export function SignerChoice({ name, value, onChoose }: { name: string; value: string; onChoose: (signer: string) => void }) {
  const names = signersToGive();
  if (names.length < 2) return null;
  return (
    <div class="field">
      <label for={name}>{t("firm.signer")}</label>
      <select
        id={name}
        class="input"
        value={value || OWN}
        aria-describedby={`${name}-hint`}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {names.map((one) => (
          <option value={one} key={one} selected={one === (value || OWN)}>
            {one === OWN ? t("firm.signerOwn") : one}
          </option>
        ))}
      </select>
      <p id={`${name}-hint`} class="small soft">
        {t("firm.signerHint")}
      </p>
    </div>
  );
}

// Nothing of those that act as the business itself.
export function SignerMark({ signer }: { signer: string }) {
  return signer === OWN ? null : <span class="small soft">{t("firm.signsAs", { signer })}</span>;
}

interface SureProps {
  word: string;
  label: string;
  sure: string;
  onSure: () => void;
}
export function Sure({ word, label, sure, onSure }: SureProps) {
  const isAsked = useSignal(false);
  const press = (): void => {
    if (isAsked.value) onSure();
    isAsked.value = !isAsked.value;
  };
  return (
    <button
      type="button"
      class={isAsked.value ? "button is-failed" : "button"}
      aria-label={isAsked.value ? undefined : label}
      onClick={press}
      onBlur={() => (isAsked.value = false)}
    >
      {isAsked.value ? sure : word}
    </button>
  );
}
