/**
 * Dates, times and durations. Accepted is what PostgreSQL prints in ISO style and can read back, years before Christ
 * and the infinities included; anything it would read in a second way (`01/02/03`, `tomorrow`) is refused.
 */
import { expectString, quote } from "./text.ts";

const DATE = "(?<year>\\d{4,7})-(?<month>\\d\\d)-(?<day>\\d\\d)";
const TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d)(?::(?<second>\\d\\d)(?:\\.\\d{1,6})?)?";
const OFFSET = "(?:Z|[+-](?<offsetHour>\\d\\d):(?<offsetMinute>[0-5]\\d))";
const ERA = "(?<era> BC)?";

type Form = {
  readonly pattern: RegExp;
  readonly form: string;
  readonly infinite: boolean;
  /** Last year PostgreSQL can hold in this type. */
  readonly yearMax?: number;
};

const FORMS = {
  dateTime: {
    pattern: new RegExp(`^${DATE}T${TIME}${OFFSET}${ERA}$`, "i"),
    form: "an instant such as 2026-03-01T12:30:00Z (an offset is required, at most six digits after the second)",
    infinite: true,
    yearMax: 294_276,
  },
  localDateTime: {
    pattern: new RegExp(`^${DATE}T${TIME}${ERA}$`, "i"),
    form: "a date and time without offset such as 2026-03-01T12:30:00",
    infinite: true,
    yearMax: 294_276,
  },
  date: {
    pattern: new RegExp(`^${DATE}${ERA}$`),
    form: "a date such as 2026-03-01",
    infinite: true,
    yearMax: 5_874_897,
  },
  time: { pattern: new RegExp(`^${TIME}$`), form: "a time such as 12:30:00", infinite: false },
  timeWithZone: {
    // PostgreSQL prints an offset of whole hours without minutes, and knows offsets with seconds.
    pattern: new RegExp(`^${TIME}(?:Z|[+-](?<offsetHour>\\d\\d)(?::[0-5]\\d(?::[0-5]\\d)?)?)$`, "i"),
    form: "a time with offset such as 12:30:00+02:00",
    infinite: false,
  },
} as const satisfies Record<string, Form>;

/** The parser of one of the calendar forms. */
export function timeParser(kind: keyof typeof FORMS): (value: unknown) => string {
  const form: Form = FORMS[kind];
  return (value) => {
    const text = expectString(value, form.form);
    if (form.infinite && (text === "infinity" || text === "-infinity")) return text;
    const groups = form.pattern.exec(text)?.groups;
    if (!groups) throw new TypeError(`Expected ${form.form}, got ${quote(text)}.`);
    const wrong = outOfRange(groups, form.yearMax);
    if (wrong) throw new TypeError(`Expected ${form.form}; ${quote(text)} has ${wrong}.`);
    return text.toUpperCase();
  };
}

/** The first day is 24 November 4714 BC, Julian day zero. */
const YEAR_BC_MAX = 4_714;

function outOfRange(
  groups: Readonly<Record<string, string | undefined>>,
  yearMax: number | undefined,
): string | undefined {
  const part = (name: string): number => Number(groups[name] ?? 0);
  if (yearMax !== undefined) {
    const year = part("year");
    if (year < 1 || year > (groups["era"] ? YEAR_BC_MAX : yearMax)) return `no year PostgreSQL can hold`;
    if (part("month") < 1 || part("month") > 12) return `no such month`;
    const days = daysInMonth(groups["era"] ? 1 - year : year, part("month"));
    if (part("day") < 1 || part("day") > days) return `no such day`;
  }
  // 24:00:00 is the end of the day in PostgreSQL and in ISO 8601.
  const endOfDay = part("hour") === 24 && part("minute") === 0 && part("second") === 0;
  if (part("hour") > 23 && !endOfDay) return `no such hour`;
  if (part("minute") > 59 || part("second") > 59) return `no such minute or second`;
  return part("offsetHour") > 15 ? `an offset beyond 15:59` : undefined;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

// Ten digits: the most days and hours PostgreSQL prints.
const DURATION =
  /^P(?=[-\dT])(?:-?\d{1,10}Y)?(?:-?\d{1,10}M)?(?:-?\d{1,10}W)?(?:-?\d{1,10}D)?(?:T(?=[-\d])(?:-?\d{1,10}H)?(?:-?\d{1,10}M)?(?:-?\d{1,10}(?:\.\d{1,6})?S)?)?$/;

/** ISO 8601 with a sign per part, as PostgreSQL's `IntervalStyle iso_8601` writes it. */
export function parseDuration(value: unknown): string {
  const form = "an ISO 8601 duration such as P1Y2M3DT4H5M6.5S (a minus sign goes before a number: P-1D)";
  const text = expectString(value, form);
  if (DURATION.test(text) || text === "infinity" || text === "-infinity") return text;
  throw new TypeError(`Expected ${form}, got ${quote(text)}.`);
}
