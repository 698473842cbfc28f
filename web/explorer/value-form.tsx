// SPDX-License-Identifier: Apache-2.0
// A form for values of a contract's types: a field for each, lists that grow, options that are there or
// not. What does not fit is said at its field.
import { ABI_MAX_VALUES, type Abi, AbiFault, type Field, type Json, NUMBERS, typeOf } from "../lib/abi";
import { t } from "../lib/i18n";
import { blankValue } from "./blank";

const faultText = ({ rule, detail }: AbiFault): string => t(`abi.${rule}`, { detail });

// Of a value that is no text field, which says so itself.
export function Wrong({ fault, pointer }: Pick<EditProps, "fault" | "pointer">) {
  if (fault?.pointer !== pointer) return null;
  return (
    <p class="is-failed small" role="alert">
      {faultText(fault)}
    </p>
  );
}

interface EditProps {
  abi: Abi;
  type: string;
  label: string;
  id: string; // of the form, and the value's pointer in it
  pointer: string;
  value: Json;
  fault: AbiFault | null;
  onChange: (value: Json) => void;
}

const HINTS: Record<string, string> = { i64: "abi.hintSigned", hash: "abi.hintHash", account: "abi.hintAccount", bytes: "abi.hintBytes" };
const hintOf = (type: string): string =>
  type in NUMBERS ? t("abi.hintNumber", { detail: String(NUMBERS[type]) }) : HINTS[type] ? t(HINTS[type]!) : "";

function TextField({ type, label, id, pointer, value, fault, onChange }: EditProps) {
  const own = fault?.pointer === pointer ? faultText(fault) : null;
  const name = id + pointer;
  const props = {
    id: name,
    class: type === "string" ? "input" : "input mono",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: false,
    value: String(value ?? ""),
    "aria-invalid": own !== null,
    "aria-describedby": `${name}-hint`,
  } as const;
  const isLong = type === "bytes" || type === "string";
  return (
    <div class="field">
      <label for={name}>
        {label} <span class="mono type">{type}</span>
      </label>
      {isLong ? (
        <textarea {...props} rows={1} onInput={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <input
          {...props}
          inputMode={type in NUMBERS ? "numeric" : "text"}
          onInput={(event) => onChange(event.currentTarget.value.trim())}
        />
      )}
      <p id={`${name}-hint`} class={own ? "is-failed" : ""} role={own ? "alert" : undefined}>
        {own ?? hintOf(type)}
      </p>
    </div>
  );
}

function Flag({ label, type, value, onChange }: Pick<EditProps, "label" | "type" | "onChange"> & { value: boolean }) {
  return (
    <label class="check">
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        {label} <span class="mono type">{type}</span>
      </span>
    </label>
  );
}

function ListEdit({ inner, ...props }: EditProps & { inner: string }) {
  const { abi, label, type, pointer, onChange } = props;
  const items = Array.isArray(props.value) ? props.value : [];
  const without = (i: number): Json[] => items.filter((_, at) => at !== i);
  return (
    <fieldset class="nest">
      <legend>
        {label} <span class="mono type">{type}</span>
      </legend>
      <Wrong {...props} />
      {items.map((item, i) => (
        <div class="nest-item" key={i}>
          <Edit
            {...props}
            type={inner}
            label={t("abi.item", { n: i + 1 })}
            pointer={`${pointer}/${i}`}
            value={item}
            onChange={(next) => onChange(items.map((old, at) => (at === i ? next : old)))}
          />
          <button type="button" class="button" onClick={() => onChange(without(i))}>
            {t("abi.remove", { n: i + 1 })}
          </button>
        </div>
      ))}
      <button
        type="button"
        class="button"
        disabled={items.length >= ABI_MAX_VALUES}
        onClick={() => onChange([...items, blankValue(abi, inner)])}
      >
        {t("abi.add")}
      </button>
    </fieldset>
  );
}

function FieldsEdit({ fields, ...props }: EditProps & { fields: Field[] }) {
  return (
    <fieldset class="nest">
      <legend>
        {props.label} <span class="mono type">{props.type}</span>
      </legend>
      <Wrong {...props} />
      <FieldList {...props} fields={fields} />
    </fieldset>
  );
}

const keyOf = (name: string): string => name.replace(/~/g, "~0").replace(/\//g, "~1");

export function FieldList({ fields, ...props }: Omit<EditProps, "label" | "type"> & { fields: Field[] }) {
  const value = props.value as Record<string, Json>;
  return (
    <>
      {fields.map(({ name, type }) => (
        <Edit
          {...props}
          key={name}
          type={type}
          label={name}
          pointer={`${props.pointer}/${keyOf(name)}`}
          value={value[name] ?? null}
          onChange={(next) => props.onChange({ ...value, [name]: next })}
        />
      ))}
    </>
  );
}

// One whose type nobody knows, or that a form would not end for, is written as JSON.
function JsonEdit(props: EditProps) {
  const onChange = (given: Json): void => {
    try {
      props.onChange(JSON.parse(String(given)) as Json);
    } catch {
      props.onChange(given);
    }
  };
  const value = typeof props.value === "string" ? props.value : JSON.stringify(props.value);
  // What is wrong inside is the whole text's fault here.
  const { fault, pointer } = props;
  const isInside = fault?.pointer.startsWith(`${pointer}/`);
  const own = fault && isInside ? new AbiFault(pointer, fault.rule, fault.detail) : fault;
  return <TextField {...props} fault={own} type="string" label={t("abi.json", { detail: props.label })} value={value} onChange={onChange} />;
}

export function Edit(props: EditProps) {
  const type = typeOf(props.abi, props.type);
  switch (type.is) {
    case "bool":
      return (
        <div>
          <Flag {...props} value={props.value === true} />
          <Wrong {...props} />
        </div>
      );
    case "vec":
      return <ListEdit {...props} inner={type.inner} />;
    case "option": {
      const isThere = props.value !== null;
      return (
        <div class="stack option">
          <Flag {...props} value={isThere} onChange={(next) => props.onChange(next ? blankValue(props.abi, type.inner) : null)} />
          {isThere ? <Edit {...props} type={type.inner} /> : <Wrong {...props} />}
        </div>
      );
    }
    case "fields":
      return props.value === null ? <JsonEdit {...props} /> : <FieldsEdit {...props} fields={type.fields} />;
    case "unknown":
      return <JsonEdit {...props} />;
    default:
      return <TextField {...props} />;
  }
}
