/** A mail server: npm `smtp-server`, with STARTTLS and a login. */
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

const tls = (name: string) => readFileSync(join(import.meta.dir, "tls", name), "utf8");

export type Mail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly secure: boolean;
};

/** Where the server says no; with code 0 it says nothing. `data` is the end of the message. */
export type Refusal = { readonly at: "sender" | "recipient" | "data"; readonly code: number; readonly who: RegExp };

export type MailServer = {
  readonly port: number;
  readonly certificate: string;
  readonly password: string;
  /** Taken for good. */
  readonly mails: Mail[];
  refuse: Refusal | undefined;
  /** The ids of all messages whose text came in whole, taken or not. */
  ids(): readonly string[];
  connections(): number;
  stop(): Promise<void>;
};

/** Its certificate is for `localhost`; the user `ann` has the password. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const password = "pä$$ word/1";
  const seen: string[] = [];
  const no = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code });
  const refusal = (at: Refusal["at"], text: string) => {
    const { refuse } = mail;
    return refuse?.at === at && refuse.who.test(text) ? refuse.code : undefined;
  };
  const server = new SMTPServer({
    cert: tls("localhost.crt"),
    key: tls("localhost.key"),
    authOptional: false,
    onAuth: ({ username, password: given }, _session, callback) =>
      username === "ann" && given === password
        ? callback(null, { user: username })
        : callback(no(535, "Wrong password")),
    onMailFrom: ({ address }, _session, callback) => {
      const code = refusal("sender", address);
      callback(code === undefined ? null : no(code, "Sender refused"));
    },
    onRcptTo: ({ address }, _session, callback) => {
      const code = refusal("recipient", address);
      callback(code === undefined ? null : no(code, "Recipient refused"));
    },
    onData: (stream, session, callback) => {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        seen.push(/^Message-ID: (.*)$/im.exec(text)?.[1]?.trim() ?? "");
        const { mailFrom, rcptTo } = session.envelope;
        const to = rcptTo.map(({ address }) => address);
        const code = refusal("data", text);
        if (code === 0) return;
        if (code !== undefined) return callback(no(code, "Message refused"));
        mail.mails.push({ from: mailFrom ? mailFrom.address : "", to, text, secure: session.secure });
        callback(null);
      });
    },
    closeTimeout: 100,
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const mail: MailServer = {
    port: (server.server.address() as AddressInfo).port,
    certificate: tls("localhost.crt"),
    password,
    mails: [],
    refuse: undefined,
    ids: () => seen,
    connections: () => server.connections.size,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return mail;
}
