// The words of the pages in the language that was chosen. English is the law of the keys: a key that
// German lacks does not compile. Each language is a file of its own that loads when it is needed.
import { signal } from "@preact/signals";
import type { Problem } from "../api/client";
import type { en } from "./en";

export type Key = keyof typeof en;
export type Words = Record<Key, string>;

export const kLanguages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof kLanguages;

const loaders: Record<Language, () => Promise<Words>> = {
  en: async () => (await import("./en")).en,
  de: async () => (await import("./de")).de,
};
// What the API says, by its code, in languages other than the API's own.
const problem_loaders: Partial<Record<Language, () => Promise<Record<string, string>>>> = {
  de: async () => (await import("./de")).problems,
};

export const language = signal<Language>("en");
const words = signal<Words | undefined>(undefined);
const problems = signal<Record<string, string>>({});

const kStored = "podplay-language";

export function is_language(text: string | null | undefined): text is Language {
  return text !== null && text !== undefined && Object.hasOwn(kLanguages, text);
}

// The person's choice, else the first language of the browser that there is, else English.
export function preferred_language(): Language {
  const stored = localStorage.getItem(kStored);
  if (is_language(stored)) {
    return stored;
  }
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(is_language) ?? "en";
}
export const has_chosen_language = () => is_language(localStorage.getItem(kStored));

export async function use_language(chosen: Language, remember = false) {
  problems.value = (await problem_loaders[chosen]?.()) ?? {};
  words.value = await loaders[chosen]();
  language.value = chosen;
  document.documentElement.lang = chosen;
  if (remember) {
    localStorage.setItem(kStored, chosen);
  }
}

type Values = Record<string, string | number>;

// The words of a key; {name} in them is replaced by the value of that name.
export function t(key: Key, values: Values = {}): string {
  const text = words.value?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

// "1 code" or "3 codes": the keys end with _one and _other (CLDR plural rules).
export function count(key: string, number: number, values: Values = {}): string {
  const form = new Intl.PluralRules(language.value).select(number);
  return t(`${key}_${form}` as Key, { n: new Intl.NumberFormat(language.value).format(number), ...values });
}

// Another language's words for a code of the API; empty: there are none, so the API's stand.
export const words_of_code = (code: string): string => problems.value[code] ?? "";

export function problem_text(problem: Problem): string {
  if (problem.code === "no_answer") {
    return t("problem.no_answer");
  }
  return words_of_code(problem.code) || problem.detail;
}

// The API's texts begin small and end without a full stop, since other texts may hold them.
export function sentence(text: string): string {
  const ended = /[.!?:]$/.test(text) ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

// --- times, sizes ------------------------------------------------------------------------------
export function date_time(text: string): string {
  const format = new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" });
  return format.format(new Date(text));
}

export function date(text: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium" }).format(new Date(text));
}

const kUnits: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
// "3 minutes ago", "in 2 days"; a date when it is more than a month away.
export function relative(text: string): string {
  const seconds = (new Date(text).getTime() - Date.now()) / 1000;
  if (Math.abs(seconds) > 31 * 86400) {
    return date(text);
  }
  const format = new Intl.RelativeTimeFormat(language.value, { numeric: "auto" });
  const [unit, length] = kUnits.find(([, least]) => Math.abs(seconds) >= least) ?? ["second", 1];
  return unit === "second" ? t("time.now") : format.format(Math.round(seconds / length), unit);
}

// "512 MB": powers of 1024, as quotas are set.
export function size(octets: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let unit = 0;
  let value = octets;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const format = new Intl.NumberFormat(language.value, {
    style: "unit",
    unit: units[unit],
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  });
  return format.format(value);
}

export const number = (value: number) => new Intl.NumberFormat(language.value).format(value);
