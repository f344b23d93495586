/** Dates and times as PostgreSQL writes them into JSON, as microseconds since 1970: comparable, exact, no time zone table. */

/** A whole number of microseconds; a double only for the two infinities of PostgreSQL. */
export type Instant = bigint | number;

type Form = { readonly time: "none" | "may" | "must"; readonly offset: "none" | "must" };

/** What a text of each kind has to have. A time without offset would depend on the session that reads it. */
const FORMS = {
  date: { time: "none", offset: "none" },
  timestamp: { time: "may", offset: "none" },
  timestamptz: { time: "must", offset: "must" },
} as const satisfies Record<string, Form>;

export type InstantKind = keyof typeof FORMS;

const PATTERN =
  /^(\d{4,7})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?( BC)?$/;
const DAY = 86_400_000_000n;

/** Undefined for what is not a text of that kind. */
export function parseInstant(text: string, kind: InstantKind): Instant | undefined {
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  if (text === "-infinity") return Number.NEGATIVE_INFINITY;
  const match = text.length > 48 ? null : PATTERN.exec(text);
  if (!match) return undefined;
  const [, year = "", month = "", day = "", hour, minute = "0", second = "0", fraction = "", offset, era] = match;
  const form: Form = FORMS[kind];
  if (form.time === "none" ? hour !== undefined : form.time === "must" && hour === undefined) return undefined;
  if ((form.offset === "must") !== (offset !== undefined)) return undefined;
  const days = dayNumber(era ? 1 - Number(year) : Number(year), Number(month), Number(day));
  if (days === undefined || Number(hour ?? 0) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = Number(hour ?? 0) * 3_600 + Number(minute) * 60 + Number(second) - offsetSeconds(offset ?? "Z");
  return BigInt(days) * DAY + BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
}

export function compareInstants(a: Instant, b: Instant): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function offsetSeconds(text: string): number {
  if (text === "Z") return 0;
  const [hours = "0", minutes = "0", seconds = "0"] = text.slice(1).match(/\d\d/g) ?? [];
  return (text[0] === "-" ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds));
}

/**
 * Days since 1970-01-01 in the Gregorian calendar, also before it was in use; undefined for a day the month does not have.
 *
 * Source: `days_from_civil`, https://howardhinnant.github.io/date_algorithms.html
 */
function dayNumber(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
