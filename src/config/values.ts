/** The kinds of values that settings have, each with what is said where it is another. */
import * as z from "zod/mini";

export const text = z.string().check(z.minLength(1));
/** A whole number from 1 to `most`. */
export const count = (fallback: number, most: number) =>
  z._default(z.int().check(z.minimum(1), z.maximum(most)), fallback);
/** From one millisecond to an hour. */
export const milliseconds = (fallback: number) => count(fallback, 3_600_000);
/** 0 takes any free port. */
export const port = (fallback: number) => z._default(z.int().check(z.minimum(0), z.maximum(65_535)), fallback);
/** A bearer token. */
export const token = z.string().check(z.minLength(32, "expected at least 32 characters"));
/** A name or an address without its port, or `*.` and a name, or `*`. */
export const hostPattern = z
  .string({ error: "expected names such as api.example.com" })
  .check(
    z.regex(
      /^(\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/i,
      "expected names such as api.example.com or *.example.com, without a port",
    ),
  );
export const tablePattern = z
  .string({ error: "expected names such as public.orders" })
  .check(z.regex(/^(\*|[^.]+\.[^.]+)$/, "expected names such as public.orders, or *"));
export const columnPattern = z
  .string({ error: "expected names such as public.orders.total" })
  .check(z.regex(/^[^.]+\.[^.]+\.[^.]+$/, "expected names such as public.orders.total"));
export const network = z
  .string()
  .check(
    z.regex(/^([\d.]+|[\da-f:.]*:[\da-f:.]*)\/\d{1,3}$/i, "expected a network such as 10.1.0.0/16 or fd00:1::/48"),
  );
export const connectionUrl = z
  .string({
    error: "expected a connection URL, for example DATABASE_URL=postgres://user:password@localhost:5432/mydb",
  })
  .check(z.regex(/^postgres(ql)?:\/\//, "expected a connection URL that begins with postgres://"));
/** A section that is absent has all its defaults. */
export const section = <Shape extends z.core.$ZodShape>(shape: Shape) => z.prefault(z.strictObject(shape), {} as never);
