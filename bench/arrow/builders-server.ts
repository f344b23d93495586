/** What is often taken for the Arrow way: rows of a driver, put one by one into the builders of apache-arrow. */
import {
  Bool,
  type Builder,
  type DataType,
  Field,
  Float64,
  Int32,
  Int64,
  makeBuilder,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
} from "apache-arrow";
import postgres from "postgres";
import { type Shape, statementOf } from "./events.ts";

type Value = string | number | boolean | bigint | null;
type Rule = readonly [type: () => DataType, convert: (value: never) => Value];

const same = (value: Value): Value => value;
const RULES: Readonly<Record<string, Rule>> = {
  id: [() => new Utf8(), same],
  seq: [() => new Int64(), (value: string) => BigInt(value)],
  qty: [() => new Int32(), same],
  amount: [() => new Float64(), same],
  at: [() => new TimestampMillisecond("UTC"), (value: Date) => value.getTime()],
  kind: [() => new Utf8(), same],
  label: [() => new Utf8(), same],
  ok: [() => new Bool(), same],
  payload: [() => new Utf8(), (value: unknown) => (value === null ? null : JSON.stringify(value))],
  price: [() => new Float64(), (value: string | null) => (value === null ? null : Number(value))],
};
const BATCH_ROWS = 20_000;
const sql = postgres(process.env["DATABASE_URL"] ?? "", { max: 4, fetch_types: false });

async function* stream(shape: Shape, count: number): AsyncGenerator<Uint8Array> {
  const writer = new RecordBatchStreamWriter();
  const chunks = writer[Symbol.asyncIterator]();
  let builders: readonly (readonly [string, Builder, Rule[1]])[] | undefined;
  let schema = new Schema([]);
  for await (const rows of sql.unsafe(statementOf(shape, count)).cursor(BATCH_ROWS)) {
    if (!builders) {
      const rules = Object.keys(rows[0] ?? {}).map((name) => [name, RULES[name] as Rule] as const);
      schema = new Schema(rules.map(([name, [type]]) => new Field(name, type(), true)));
      builders = rules.map(([name, [, convert]], index) => {
        const type = schema.fields[index]?.type as DataType;
        return [name, makeBuilder({ type, nullValues: [null] }), convert] as const;
      });
    }
    for (const row of rows) {
      for (const [name, builder, convert] of builders) builder.append(convert(row[name] as never));
    }
    const children = builders.map(([, builder]) => builder.flush());
    const data = makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children });
    writer.write(new RecordBatch(schema, data));
    yield (await chunks.next()).value as Uint8Array;
  }
  writer.finish();
  for await (const rest of { [Symbol.asyncIterator]: () => chunks }) yield rest as Uint8Array;
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  fetch(request) {
    const { searchParams } = new URL(request.url);
    const chunks = stream(searchParams.get("shape") as Shape, Number(searchParams.get("rows")));
    return new Response(chunks as unknown as ReadableStream, {
      headers: { "content-type": "application/vnd.apache.arrow.stream" },
    });
  },
});
process.stdout.write(`ready ${server.url.href}graphql\n`);
