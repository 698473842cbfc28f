// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody with a drill in the cupboard, or the owner of a listed thing who changes it
// (#/list/NUMBER).
// What they decide: what to ask for it, and what to keep as a deposit.
// Visible at 360×640 unscrolled: title, place and price; below them how it will look.
import "./pages.css";
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { lmmOf, unitsOf } from "../../../web/lib/amount";
import { ApiError } from "../../../web/lib/api";
import { bytesOfText } from "../../../web/lib/bytes";
import { addTexts, t } from "../../../web/lib/i18n";
import { lmmText } from "../../../web/shell/amount";
import { Failure } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { goTo, linkTo, route, useHeadingFocus } from "../../../web/shell/route";
import { findWallet } from "../../../web/wallet/keys";
import { WithWallet } from "../../../web/wallet/with-wallet";
import { type Asset, CATEGORIES, assetPath, client, priceOf, units } from "./api";
import { Art } from "./art";
import { type Terms, changing, listing } from "./calls";
import { Deed } from "./deed";
import { categoryText } from "./home";
import { pageTexts } from "./texts.pages.en";

addTexts(pageTexts);

// contract/rules.h, bytes and minutes
const MOST = { title: 80, text: 2000, place: 120, lateHours: 168, cancelHours: 720, cancelPercent: 100 };
const UNKNOWN_PLACE = "0";

interface Draft {
  title: string;
  text: string;
  place: string;
  category: string;
  latitude: string;
  longitude: string;
  price: string; // for the unit
  unit: "minute" | "hour";
  deposit: string;
  lateHours: string;
  cancelHours: string;
  cancelPercent: string;
}
const BLANK: Draft = {
  title: "",
  text: "",
  place: "",
  category: CATEGORIES[0],
  latitude: "",
  longitude: "",
  price: "",
  unit: "hour",
  deposit: "",
  lateHours: "2",
  cancelHours: "24",
  cancelPercent: "50",
};
const draftOf = (asset: Asset): Draft => ({
  title: asset.title,
  text: asset.text,
  place: asset.place,
  category: asset.category,
  latitude: String(asset.latitude),
  longitude: String(asset.longitude),
  price: lmmOf(priceOf(asset)),
  unit: asset.unit,
  deposit: lmmOf(units(asset.deposit)),
  lateHours: String(asset.late_cap_minutes / 60),
  cancelHours: String(asset.cancel_free_minutes / 60),
  cancelPercent: String(asset.cancel_percent),
});

type Faults = Partial<Record<keyof Draft, string>>;
const tooLong = (text: string, most: number): boolean => bytesOfText(text).length > most;
const degrees = (text: string): number => Number((text || UNKNOWN_PLACE).replace(",", "."));

// An hour's price is sixty of a minute's, so it is a multiple of that.
function perMinute({ price, unit }: Draft): bigint | null {
  const whole = unitsOf(price);
  if (!whole) return null;
  if (unit === "minute") return whole;
  return whole % 60n === 0n ? whole / 60n : null;
}

// Of whole minutes.
function areHours(text: string, most: number): boolean {
  const hours = Number(text);
  return Number.isInteger(hours * 60) && hours >= 0 && hours <= most;
}

function faultsOf(draft: Draft): Faults {
  const faults: Faults = {};
  if (!draft.title.trim() || tooLong(draft.title.trim(), MOST.title)) faults.title = t("list.titleWrong");
  if (tooLong(draft.text.trim(), MOST.text)) faults.text = t("list.textWrong");
  if (!draft.place.trim() || tooLong(draft.place.trim(), MOST.place)) faults.place = t("list.placeWrong");
  if (perMinute(draft) === null) faults.price = t(unitsOf(draft.price) ? "list.priceUneven" : "list.priceWrong");
  if (unitsOf(draft.deposit || "0") === null) faults.deposit = t("list.depositWrong");
  if (!areHours(draft.lateHours, MOST.lateHours)) faults.lateHours = t("list.lateWrong");
  if (!areHours(draft.cancelHours, MOST.cancelHours)) faults.cancelHours = t("list.cancelHoursWrong");
  const percent = Number(draft.cancelPercent);
  if (!Number.isInteger(percent) || percent < 0 || percent > MOST.cancelPercent) faults.cancelPercent = t("list.cancelPercentWrong");
  if (!(Math.abs(degrees(draft.latitude)) <= 90)) faults.latitude = t("list.degreesWrong");
  if (!(Math.abs(degrees(draft.longitude)) <= 180)) faults.longitude = t("list.degreesWrong");
  return faults;
}

const termsOf = (draft: Draft, photo: string | null): Terms => ({
  title: draft.title.trim(),
  text: draft.text.trim(),
  place: draft.place.trim(),
  category: draft.category,
  latitude: degrees(draft.latitude),
  longitude: degrees(draft.longitude),
  photo,
  pricePerMinute: perMinute(draft) ?? 0n,
  unit: draft.unit,
  deposit: unitsOf(draft.deposit || "0") ?? 0n,
  lateCapMinutes: Number(draft.lateHours) * 60,
  cancelFreeMinutes: Number(draft.cancelHours) * 60,
  cancelPercent: Number(draft.cancelPercent),
});

interface FieldProps {
  draft: Signal<Draft>;
  name: keyof Draft;
  fault: string | undefined;
  isLong?: boolean;
  isNumber?: boolean;
}
function Field({ draft, name, fault, isLong, isNumber }: FieldProps) {
  const props = {
    id: name,
    class: "input",
    value: draft.value[name],
    "aria-invalid": fault !== undefined,
    "aria-describedby": `${name}-hint`,
    onInput: (event: { currentTarget: { value: string } }) => (draft.value = { ...draft.value, [name]: event.currentTarget.value }),
  };
  return (
    <div class="field">
      <label for={name}>{t(`list.${name}`)}</label>
      {isLong ? <textarea rows={4} {...props} /> : <input inputMode={isNumber ? "decimal" : "text"} autocomplete="off" {...props} />}
      <p id={`${name}-hint`} class={fault ? "is-failed" : ""} role={fault ? "alert" : undefined}>
        {fault ?? t(`list.${name}Hint`)}
      </p>
    </div>
  );
}

function Choice<Value extends string>({ name, draft, values, said }: { name: "category" | "unit"; draft: Signal<Draft>; values: readonly Value[]; said: (value: Value) => string }) {
  const own = draft.value[name] as Value;
  return (
    <label class="field">
      {t(`list.${name}`)}
      <select class="input" value={own} onChange={(event) => (draft.value = { ...draft.value, [name]: event.currentTarget.value })}>
        {[...new Set([...values, own])].map((value) => (
          <option value={value} key={value}>
            {said(value)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Here({ draft }: { draft: Signal<Draft> }) {
  const isUnknown = useSignal(false);
  const find = (): void =>
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        draft.value = { ...draft.value, latitude: coords.latitude.toFixed(5), longitude: coords.longitude.toFixed(5) };
      },
      () => (isUnknown.value = true),
    );
  return (
    <div>
      <button type="button" class="button" onClick={find}>
        {t("list.here")}
      </button>
      {isUnknown.value && <p class="small is-failed" role="alert">{t("home.noPlace")}</p>}
    </div>
  );
}

function Preview({ draft }: { draft: Draft }) {
  const price = unitsOf(draft.price);
  return (
    <section aria-label={t("list.preview")}>
      <h2 class="small soft">{t("list.preview")}</h2>
      <div class="offer">
        <Art category={draft.category} />
        <strong>{draft.title || t("list.new")}</strong>
        <span>{t(`price.${draft.unit}`, { amount: lmmText(price ?? 0n) })}</span>
        <span class="small soft">{draft.place}</span>
      </div>
    </section>
  );
}

function Form({ asset }: { asset: Asset | null }) {
  const draft = useSignal(asset ? draftOf(asset) : BLANK);
  const wasTried = useSignal(false);
  const faults = faultsOf(draft.value);
  const shown = wasTried.value ? faults : {};
  const prepare = () => {
    wasTried.value = true;
    const wrong = Object.keys(faults)[0];
    if (wrong) {
      document.getElementById(wrong)?.focus();
      throw new ApiError(422, { code: "form", detail: t("list.wrong") });
    }
    const terms = termsOf(draft.value, asset?.photo ?? null);
    return asset ? changing(asset.number, terms) : listing(terms);
  };
  const done = (): void => goTo(asset ? ["mine", "things", String(asset.number)] : ["mine", "things"]);
  return (
    <div class="two">
      <form class="form" noValidate onSubmit={(event) => event.preventDefault()}>
        <Field draft={draft} name="title" fault={shown.title} />
        <Field draft={draft} name="place" fault={shown.place} />
        <div class="both">
          <Field draft={draft} name="price" fault={shown.price} isNumber />
          <Choice draft={draft} name="unit" values={["hour", "minute"] as const} said={(value) => t(`list.per.${value}`)} />
        </div>
        <div class="both">
          <Field draft={draft} name="deposit" fault={shown.deposit} isNumber />
          <Field draft={draft} name="lateHours" fault={shown.lateHours} isNumber />
        </div>
        <div class="both">
          <Field draft={draft} name="cancelHours" fault={shown.cancelHours} isNumber />
          <Field draft={draft} name="cancelPercent" fault={shown.cancelPercent} isNumber />
        </div>
        <Choice draft={draft} name="category" values={CATEGORIES} said={categoryText} />
        <Field draft={draft} name="text" fault={shown.text} isLong />
        <div class="both">
          <Field draft={draft} name="latitude" fault={shown.latitude} isNumber />
          <Field draft={draft} name="longitude" fault={shown.longitude} isNumber />
        </div>
        <Here draft={draft} />
        <WithWallet why={t("list.wallet")}>
          <Deed
            label={t(asset ? "list.change" : "list.do")}
            name={draft.value.title}
            isMain
            prepare={prepare}
            question={(fee) => t("list.sure", { fee })}
            onDone={done}
            key={JSON.stringify(draft.value)}
          />
        </WithWallet>
      </form>
      <Preview draft={draft.value} />
    </div>
  );
}

export function Page() {
  useHeadingFocus();
  const number = route.value.path[1];
  const asset = useSignal<Asset | null>(null);
  const error = useSignal<unknown>(null);
  const load = (): void => {
    if (!number) return;
    client.get<Asset>(assetPath(Number(number))).then(
      (found) => (asset.value = found),
      (reason: unknown) => (error.value = reason),
    );
  };
  useEffect(() => void findWallet(), []);
  useEffect(load, [number]);
  return (
    <>
      <a class="back small" href={linkTo(["mine", "things"])}>
        <Icon name="back" />
        {t("mine.things")}
      </a>
      <div class="lead">
        <h1 tabIndex={-1}>{t(number ? "list.change" : "list.new")}</h1>
      </div>
      {error.value !== null && <Failure error={error.value} onRetry={load} />}
      {(!number || asset.value) && <Form asset={asset.value} key={asset.value?.tx ?? "new"} />}
    </>
  );
}
