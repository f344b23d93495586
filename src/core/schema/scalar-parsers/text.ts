/** What every parser of a scalar starts with, and the scalars that are text of a certain form. */

/** The value if it is a string; otherwise a complaint that names the expected form. */
export function expectString(value: unknown, form: string): string {
  if (typeof value !== "string") throw new TypeError(`Expected ${form} as a string.`);
  return value;
}

/** A parser for text of one form. `form` completes the sentence "Expected …". */
export function textOf(pattern: RegExp, form: string, normalize: (text: string) => string = (text) => text) {
  return (value: unknown): string => {
    const text = expectString(value, form);
    if (!pattern.test(text)) throw new TypeError(`Expected ${form}, got ${quote(text)}.`);
    return normalize(text);
  };
}

const SHOWN_CHARACTERS_MAX = 60;

/** The value as it is shown in a message: quoted, escaped and cut. */
export function quote(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
  return JSON.stringify(cut);
}

export const parseUuid = textOf(
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  "a UUID such as 0b6c1c5e-7f0a-4d8e-9a53-2f1d2c1f9a11",
  (text) => text.toLowerCase(),
);

// The form the HTML standard gives for `<input type=email>`: what mail systems accept in practice, not all of RFC 5322.
export const parseEmailAddress = textOf(
  /^(?=.{3,254}$)[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/i,
  "an e-mail address",
);

// RFC 3986 with an authority: scheme://host…, only ASCII and whole percent escapes.
export const parseUrl = textOf(
  /^[a-z][a-z0-9+.-]*:\/\/(?:[\w.~!$&'()*+,;=:%-]*@)?(?:\[[0-9a-f:.]+\]|[\w.~%-]+)(?::\d{1,5})?(?:[/?#](?:[\w.~!$&'()*+,;=:@/?#[\]-]|%[0-9a-f]{2})*)?$/i,
  "an absolute URL such as https://example.org/a?b=c (other characters percent-encoded)",
);

export const parsePhoneNumber = textOf(/^\+[1-9]\d{6,14}$/, "a phone number in E.164 form such as +4930901820");

export const parseCountryCode = textOf(/^[A-Z]{2}$/, "an ISO 3166-1 alpha-2 country code such as DE");

export const parseCurrencyCode = textOf(/^[A-Z]{3}$/, "an ISO 4217 currency code such as EUR");
