// SPDX-License-Identifier: Apache-2.0
// The components that all pages share.
import type { ComponentChildren } from "preact";
import { ApiError } from "../lib/api";
import { hasText, t } from "../lib/i18n";
import { Icon, type IconName } from "./icons";
import { now } from "./news";
import { exact, relative } from "./time";

export type StateName = "pending" | "final" | "failed";

export function State({ name, word }: { name: StateName; word?: string }) {
  return (
    <span class={`state is-${name}`}>
      <Icon name={name} turning={name === "pending"} />
      {word ?? t(`state.${name}`)}
    </span>
  );
}

export function Time({ at, isExact }: { at: string | undefined; isExact?: boolean }) {
  const time = new Date(at ?? "");
  if (Number.isNaN(time.getTime())) return <span>{at ?? ""}</span>;
  const both = [exact(time), relative(time, now.value)] as const;
  return (
    <time dateTime={time.toISOString()} title={isExact ? both[1] : both[0]}>
      {isExact ? both[0] : both[1]}
    </time>
  );
}

interface NoticeProps {
  icon: IconName;
  title: string;
  isFailed?: boolean;
  children?: ComponentChildren;
}
export function Notice({ icon, title, isFailed, children }: NoticeProps) {
  return (
    <div class={isFailed ? "notice is-failed" : "notice"} role={isFailed ? "alert" : undefined}>
      <Icon name={icon} />
      <div>
        <h2>{title}</h2>
        {children}
      </div>
    </div>
  );
}

// In the reader's language where the catalogue has the code; else in the words that came with it. What a
// contract says of itself goes before both, translated where a market's catalogue has that sentence.
export function messageOfCode(code: string | null, message: string | null): string {
  const translated = message && code === "CONTRACT_REFUSED" ? `refused.${message}` : `error.${code}`;
  if (hasText(translated)) return t(translated);
  return (message ?? code ?? "").replace(/^[a-z]/, (first) => first.toUpperCase()); // contracts' begin small
}

export function messageOf(error: unknown): string {
  return error instanceof ApiError ? messageOfCode(error.code, error.message) : t("error.page");
}

// With what the server itself said of it, in its own language, and what tells its operator which request.
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const shown = messageOf(error);
  const isAnswer = error instanceof ApiError;
  const told = isAnswer
    ? [
        error.told,
        ...error.violations.map(({ pointer, rule, detail }) => `${pointer}: ${detail ?? rule}`),
        error.requestId && t("error.request", { id: error.requestId }),
      ]
    : [String(error)];
  const details = told.filter((text) => text && text.toLowerCase() !== shown.toLowerCase());
  return (
    <Notice icon="failed" title={t("error.title")} isFailed>
      <p>{shown}</p>
      {details.length > 0 && (
        <details class="small soft">
          <summary>{t("error.details")}</summary>
          {details.map((text) => (
            <p>{text}</p>
          ))}
        </details>
      )}
      {onRetry && (!isAnswer || error.retryable) && (
        <div class="actions">
          <button type="button" class="button" onClick={onRetry}>
            {t("error.retry")}
          </button>
        </div>
      )}
    </Notice>
  );
}
