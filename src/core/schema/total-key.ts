import type { Key } from "./model.ts";

/** The key that names every row, and so node ids, cursors and the end of every order: the first without nulls. */
export const totalKey = (keys: readonly Key[]): Key | undefined => keys.find((key) => !key.nullable);
