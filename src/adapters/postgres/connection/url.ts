/** The parts of `postgres://user:password@host:port/database?sslmode=…`. */
import { FraiseqlError } from "../../../core/errors.ts";

/** As libpq means them; `prefer` without a mode. https://www.postgresql.org/docs/18/libpq-ssl.html */
export type TlsMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full";

/** As libpq means it: whether a SCRAM login is tied to the certificate of the TLS connection. `prefer` without one. */
export type ChannelBindingMode = "disable" | "prefer" | "require";

export type ConnectionTarget = {
  /** A host name, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: TlsMode;
  readonly channelBinding?: ChannelBindingMode;
  /** Certificates in PEM that are trusted instead of those of the system. */
  readonly rootCertificate?: string;
};

const TLS_MODES: readonly string[] = ["disable", "prefer", "require", "verify-ca", "verify-full"];
const BINDING_MODES: readonly string[] = ["disable", "prefer", "require"];
const PARAMETERS: readonly string[] = ["sslmode", "channel_binding", "host", "application_name", "connect_timeout"];

/**
 * @param rootCertificate - certificates in PEM that are trusted instead of those of the system
 * @throws FraiseqlError CONFIG_INVALID; its message repeats nothing of the URL but names of parameters
 */
export function parseConnectionUrl(text: string, rootCertificate?: string): ConnectionTarget {
  const url = toUrl(text);
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.includes(name)) throw invalid(`does not take ${name}; it takes ${PARAMETERS.join(", ")}`);
  }
  const user = decoded(url.username);
  if (user === "") throw invalid("names no user; write postgres://user@host/database");
  const tls = url.searchParams.get("sslmode") ?? "prefer";
  if (!TLS_MODES.includes(tls)) throw invalid(`has an unknown sslmode; it takes ${TLS_MODES.join(", ")}`);
  const binding = url.searchParams.get("channel_binding");
  if (binding !== null && !BINDING_MODES.includes(binding)) {
    throw invalid(`has an unknown channel_binding; it takes ${BINDING_MODES.join(", ")}`);
  }
  const host = url.searchParams.get("host") ?? decoded(url.hostname).replace(/^\[(.*)\]$/, "$1");
  return {
    host: host === "" ? "localhost" : host,
    port: url.port === "" ? 5432 : Number(url.port),
    user,
    password: decoded(url.password),
    database: decoded(url.pathname.slice(1)) || user,
    tls: tls as TlsMode,
    ...(rootCertificate !== undefined && { rootCertificate }),
    ...(binding !== null && { channelBinding: binding as ChannelBindingMode }),
  };
}

function decoded(part: string): string {
  let text: string;
  try {
    text = decodeURIComponent(part);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw invalid("holds a % that begins no escape; write a % in a user or password as %25");
  }
  // It would end a value of the startup message and begin another.
  if (text.includes("\0")) throw invalid("holds the character U+0000");
  return text;
}

function toUrl(text: string): URL {
  // A URL with a user must have a host; libpq's may leave it out.
  const match = /^postgres(?:ql)?:\/\/(.*)$/s.exec(text);
  const rest = match?.[1] ?? "";
  const hostless = /^([^/?]*@)?(?=[/?]|$)/.exec(rest);
  try {
    if (match) return new URL(`postgres://${hostless ? rest.replace(hostless[0], `${hostless[0]}localhost`) : rest}`);
  } catch {
    // Reported below, without the URL's own words.
  }
  throw invalid("is not of the form postgres://user:password@host:port/database");
}

function invalid(what: string): FraiseqlError {
  return new FraiseqlError("CONFIG_INVALID", `The connection URL ${what}.`);
}
