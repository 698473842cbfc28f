// SPDX-License-Identifier: Apache-2.0
// Asks this server what an operation that reads would answer, with the parameters filled in.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../lib/api";
import { t } from "../lib/i18n";
import { Failure, State } from "../shell/components";
import type { Operation, Parameter } from "./document";
import { type Told, type Values, missingOf, pathOf, toldOf, typeOf } from "./request";

function Field({ of, parameter, values }: { of: string; parameter: Parameter; values: Signal<Values> }) {
  const { name, required = false } = parameter;
  const id = `${of}-${name}`;
  return (
    <div class="field">
      <label class="mono" for={id}>
        {name}
      </label>
      <input
        id={id}
        class="input mono"
        required={required}
        autocomplete="off"
        spellcheck={false}
        value={values.value[name] ?? ""}
        onInput={(event) => (values.value = { ...values.value, [name]: event.currentTarget.value })}
      />
    </div>
  );
}

function Answered({ told: { status, type, text, bytes, isCut } }: { told: Told }) {
  return (
    <div class="docs-told" role="status">
      <div class="docs-member">
        <State name={status < 400 ? "final" : "failed"} word={String(status)} />
        <span class="mono soft">{type}</span>
        <span class="small soft">{t("docs.bytes", { n: bytes })}</span>
      </div>
      {text === null ? (
        <p class="small soft">{t("docs.noText")}</p>
      ) : (
        <pre class="docs-answer mono" tabIndex={0} aria-label={t("docs.answer")}>
          {text}
        </pre>
      )}
      {isCut && <p class="small soft">{t("docs.cut")}</p>}
    </div>
  );
}

export function Ask({ operation, values }: { operation: Operation; values: Signal<Values> }) {
  const state = useSignal<{ isAsking?: boolean; told?: Told; error?: unknown }>({});
  const asking = useRef<AbortController | null>(null);
  useEffect(() => () => asking.current?.abort(), []);
  const ask = async (): Promise<void> => {
    asking.current?.abort();
    const { signal } = (asking.current = new AbortController());
    state.value = { ...state.value, isAsking: true };
    try {
      const headers = { Accept: `${typeOf(operation)}, */*;q=0.1` };
      const response = await fetch(pathOf(operation, values.value), { headers, signal });
      const content = await response.arrayBuffer();
      const type = response.headers.get("Content-Type") ?? "";
      if (!signal.aborted) state.value = { told: toldOf(response.status, type, content) };
    } catch {
      if (!signal.aborted) state.value = { error: new ApiError(0, {}) };
    }
  };
  const fields = operation.parameters.filter(({ in: place }) => place !== "header");
  const { isAsking = false, told, error } = state.value;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (missingOf(operation, values.value).length === 0) void ask();
  };
  return (
    <form class="docs-ask" onSubmit={submit}>
      {fields.map((parameter) => (
        <Field of={operation.id} parameter={parameter} values={values} key={parameter.name} />
      ))}
      <div>
        <button type="submit" class="button main-action" disabled={isAsking}>
          {isAsking ? t("docs.asking") : t("docs.ask")}
        </button>
      </div>
      {told && <Answered told={told} />}
      {error !== undefined && <Failure error={error} onRetry={() => void ask()} />}
    </form>
  );
}
