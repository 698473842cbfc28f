// SPDX-License-Identifier: Apache-2.0
// An operation: a line, and all that is to be known of it once it is opened.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../lib/i18n";
import { Icon } from "../shell/icons";
import { linkTo } from "../shell/route";
import { Ask } from "./ask";
import { type Document, type Operation, type Parameter, type Schema, type Tree, treeOf } from "./document";
import { type Values, commandOf } from "./request";

// What stands between backquotes is code.
function Words({ text }: { text: string }) {
  return <>{text.split("`").map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</>;
}

function Facts({ tree, isRequired }: { tree: Tree; isRequired: boolean }) {
  return (
    <>
      <span class="mono soft">{tree.type}</span>
      {isRequired && <span class="docs-required">{t("docs.required")}</span>}
      {tree.facts.map((fact) => (
        <span class="mono soft docs-fact" key={fact}>
          {fact}
        </span>
      ))}
    </>
  );
}

function Branch({ name, tree, isRequired, about }: { name: string; tree: Tree; isRequired: boolean; about?: string }) {
  const words = about ?? tree.about;
  return (
    <li>
      <div class="docs-member">
        <strong class="mono">{name}</strong>
        <Facts tree={tree} isRequired={isRequired} />
      </div>
      {words && (
        <p class="small">
          <Words text={words} />
        </p>
      )}
      <Members tree={tree} />
    </li>
  );
}

function Members({ tree }: { tree: Tree }) {
  if (tree.members.length + tree.choices.length === 0) return null;
  return (
    <ul class="docs-tree">
      {tree.members.map(({ name, isRequired, tree: member }) => (
        <Branch name={name} isRequired={isRequired} tree={member} key={name} />
      ))}
      {tree.choices.map((choice, i) => (
        <Branch name={t("docs.choice", { n: i + 1 })} isRequired={false} tree={choice} key={i} />
      ))}
    </ul>
  );
}

function SchemaTree({ whole, schema }: { whole: Document; schema: Schema }) {
  const tree = treeOf(whole, schema);
  return (
    <div class="docs-schema">
      <div class="docs-member">
        <Facts tree={tree} isRequired={false} />
      </div>
      <Members tree={tree} />
    </div>
  );
}

function Part({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="docs-part">
      <h3>{t(`docs.${name}`)}</h3>
      {children}
    </div>
  );
}

const Types = ({ types }: { types: string[] }) => <span class="mono soft">{types.join(", ")}</span>;

function Parameters({ whole, parameters }: { whole: Document; parameters: Parameter[] }) {
  if (parameters.length === 0) return null;
  return (
    <Part name="parameters">
      <ul class="docs-tree">
        {parameters.map(({ name, in: place, required = false, description = "", schema = {} }) => (
          <Branch
            name={place === "path" ? `{${name}}` : place === "query" ? `?${name}` : name}
            isRequired={required}
            tree={treeOf(whole, schema)}
            about={description}
            key={`${place} ${name}`}
          />
        ))}
      </ul>
    </Part>
  );
}

function Answers({ whole, operation: { answers } }: { whole: Document; operation: Operation }) {
  return (
    <Part name="answers">
      <ul class="docs-tree">
        {answers.map(({ status, about, types, schema }) => (
          <li key={status}>
            <div class="docs-member">
              <strong class="mono">{status}</strong>
              <Types types={types} />
            </div>
            <p class="small">
              <Words text={about} />
            </p>
            {schema && <SchemaTree whole={whole} schema={schema} />}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Problems({ operation: { problems } }: { operation: Operation }) {
  if (problems.length === 0) return null;
  return (
    <Part name="problems">
      <ul class="docs-tree">
        {problems.map(({ status, about, codes }) => (
          <li key={status}>
            <div class="docs-member">
              <strong class="mono">{status}</strong>
              {codes.map((code) => (
                <code key={code}>{code}</code>
              ))}
            </div>
            <p class="small soft">
              <Words text={about} />
            </p>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function CopyCommand({ command }: { command: string }) {
  const isCopied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(command);
    isCopied.value = true;
    setTimeout(() => (isCopied.value = false), 1500);
  };
  return (
    <>
      <pre class="docs-command mono" tabIndex={0} aria-label={t("docs.command")}>
        {command}
      </pre>
      <div>
        <button type="button" class="button" onClick={() => void copy()}>
          <Icon name={isCopied.value ? "done" : "copy"} />
          {t("docs.curl")}
        </button>
        <span class="unseen" role="status">
          {isCopied.value ? t("copy.done") : ""}
        </span>
      </div>
    </>
  );
}

function Whole({ whole, operation }: { whole: Document; operation: Operation }) {
  const values = useSignal<Values>({});
  const { body, parameters, isOpen, scopes } = operation;
  return (
    <div class="docs-body">
      {!isOpen && (
        <p class="small">{scopes.length > 0 ? t("docs.needsScope", { scope: scopes.join(", ") }) : t("docs.needsKey")}</p>
      )}
      {operation.canAsk && <Ask operation={operation} values={values} />}
      <CopyCommand command={commandOf(location.origin, whole, operation, values.value)} />
      <Parameters whole={whole} parameters={parameters} />
      {body && (
        <Part name="body">
          <Types types={body.types} />
          {body.schema && <SchemaTree whole={whole} schema={body.schema} />}
        </Part>
      )}
      <Answers whole={whole} operation={operation} />
      <Problems operation={operation} />
    </div>
  );
}

interface RowProps {
  whole: Document;
  operation: Operation;
  isLinked: boolean; // the address names it
}
export function OperationRow({ whole, operation, isLinked }: RowProps) {
  const { id, method, path, summary, isOpen: isEverybodys, scopes } = operation;
  const isOpen = useSignal(isLinked);
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (!isLinked) return;
    isOpen.value = true;
    details.current?.scrollIntoView();
    details.current?.querySelector("summary")?.focus({ preventScroll: true });
  }, [isLinked]);
  const onToggle = (): void => {
    isOpen.value = details.current?.open ?? false;
    // To be passed on; it leads nowhere, so there is no way back to make.
    if (isOpen.value) history.replaceState(history.state, "", linkTo(["docs", id]));
  };
  return (
    <li>
      <details class="details docs-operation" id={`operation-${id}`} ref={details} open={isOpen.value} onToggle={onToggle}>
        <summary>
          <span class="docs-line">
            <span class="docs-called">
              <span class={method === "GET" ? "docs-method mono" : "docs-method docs-changes mono"}>{method}</span>
              <span class="mono docs-path">{path}</span>
            </span>
            <span class="small soft docs-summary">
              {summary}
              {!isEverybodys && <span class="docs-scope">{scopes.join(", ") || t("docs.key")}</span>}
            </span>
          </span>
        </summary>
        {isOpen.value && <Whole whole={whole} operation={operation} />}
      </details>
    </li>
  );
}
