/**
 * One client, a process of its own: asks until it is warm, says `warm`, waits for a line, asks again and prints what the
 * answer took as one line of JSON. Its argument is an `Ask`.
 */
import { tableFromIPC } from "@uwdata/flechette";

export type Ask = {
  readonly url: string;
  /** Absent: GET. */
  readonly body?: string;
  readonly warmUp: { readonly url: string; readonly body?: string; readonly times: number };
  readonly accept: string;
  readonly form: "json" | "ndjson" | "arrow";
  readonly columns: readonly string[];
  readonly repeat: number;
  /** Reads the first bytes and then no more for so many milliseconds. */
  readonly stallMs?: number;
  readonly compress?: boolean;
};

export type Answered = {
  /** Milliseconds since the request: to the first bytes, the last, and to columns. Medians of the repetitions. */
  readonly first: number;
  readonly last: number;
  readonly columns: number;
  readonly bytes: number;
  readonly rows: number;
  /** Of one column, to see that everybody answers the same. */
  readonly sum: number;
  readonly compressedBytes?: number;
};

type Row = Readonly<Record<string, never>>;

/** Numbers into typed arrays, everything else into arrays: what a chart or a data frame starts from. */
function columnsOf(rows: readonly Row[], names: readonly string[]): ReadonlyMap<string, ArrayLike<unknown>> {
  const columns = new Map<string, ArrayLike<unknown>>();
  const fill = <T extends { [index: number]: unknown; readonly length: number }>(
    into: T,
    read: (row: Row) => T[number],
  ) => {
    for (let index = 0; index < rows.length; index += 1) into[index] = read(rows[index] as Row);
    return into;
  };
  for (const name of names) {
    const read = (row: Row): number => Number(row[name] ?? Number.NaN);
    if (name === "qty") columns.set(name, fill(new Int32Array(rows.length), read));
    else if (name === "seq" || name === "amount" || name === "price")
      columns.set(name, fill(new Float64Array(rows.length), read));
    else if (name === "at")
      columns.set(
        name,
        fill(new Float64Array(rows.length), (row) => Date.parse(row[name] as unknown as string)),
      );
    else
      columns.set(
        name,
        fill(new Array<unknown>(rows.length), (row) => row[name]),
      );
  }
  return columns;
}

function decode(
  bytes: Uint8Array,
  { form, columns }: Ask,
): { readonly rows: number; readonly qty: () => ArrayLike<number> } {
  if (form === "arrow") {
    const end = bytes.subarray(-8);
    if (end.some((byte, index) => byte !== (index < 4 ? 0xff : 0))) throw new Error("the table has no end marker");
    const table = tableFromIPC(bytes);
    return { rows: table.numRows, qty: () => table.getChild("qty").toArray() as ArrayLike<number> };
  }
  const text = new TextDecoder().decode(bytes);
  const rows = (
    form === "ndjson"
      ? JSON.parse(`[${text.trimEnd().replaceAll("\n", ",")}]`)
      : Object.values((JSON.parse(text) as { data: Record<string, unknown> }).data)[0]
  ) as readonly Row[];
  const filled = columnsOf(rows, columns);
  return { rows: rows.length, qty: () => filled.get("qty") as ArrayLike<number> };
}

async function get(
  { url, body }: { readonly url: string; readonly body?: string },
  accept: string,
  signal: AbortSignal,
): Promise<Response> {
  const headers = { accept, "content-type": "application/json", "accept-encoding": "identity" };
  const response = await fetch(
    url,
    body === undefined ? { headers, signal } : { method: "POST", headers, body, signal },
  );
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response;
}

const NO_END = new AbortController().signal;

async function once(ask: Ask): Promise<Answered & { readonly whole: Uint8Array }> {
  const start = performance.now();
  const { body } = await get(ask, ask.accept, NO_END);
  const parts: Uint8Array[] = [];
  let [first, length] = [0, 0];
  for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
    first ||= performance.now() - start;
    parts.push(part);
    length += part.length;
  }
  const last = performance.now() - start;
  const whole = new Uint8Array(length);
  parts.reduce((at, part) => {
    whole.set(part, at);
    return at + part.length;
  }, 0);
  parts.length = 0;
  const { rows, qty } = decode(whole, ask);
  const columns = performance.now() - start;
  const sum = Array.prototype.reduce.call(qty(), (total: unknown, value) => Number(total) + Number(value), 0) as number;
  return { first, last, columns, bytes: length, rows, sum, whole };
}

async function stall(ask: Ask & { readonly stallMs: number }): Promise<Answered> {
  const gone = new AbortController();
  const { body } = await get(ask, ask.accept, gone.signal);
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  await Bun.sleep(ask.stallMs);
  gone.abort();
  await reader.cancel().catch(() => undefined);
  return { first: 0, last: 0, columns: 0, bytes: value?.length ?? 0, rows: 0, sum: 0 };
}

async function measured(ask: Ask): Promise<Answered> {
  if (ask.stallMs !== undefined) return stall({ ...ask, stallMs: ask.stallMs });
  const all: Answered[] = [];
  let compressedBytes: number | undefined;
  for (let left = ask.repeat; left > 0; left -= 1) {
    const { whole, ...answered } = await once(ask);
    if (ask.compress) compressedBytes ??= Bun.zstdCompressSync(whole, { level: 2 }).length;
    all.push(answered);
  }
  const middle = (read: (each: Answered) => number): number =>
    all.map(read).toSorted((a, b) => a - b)[all.length >> 1] as number;
  return {
    ...(all[0] as Answered),
    first: middle(({ first }) => first),
    last: middle(({ last }) => last),
    columns: middle(({ columns }) => columns),
    ...(compressedBytes === undefined ? {} : { compressedBytes }),
  };
}

if (import.meta.main) {
  const ask = JSON.parse(process.argv[2] as string) as Ask;
  for (let left = ask.warmUp.times; left > 0; left -= 1) await once({ ...ask, ...ask.warmUp });
  process.stdout.write("warm\n");
  for await (const _ of console) break;
  process.stdout.write(`${JSON.stringify(await measured(ask))}\n`);
  process.exit(0);
}
