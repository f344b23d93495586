// DuckDB, compiled to WebAssembly: its build for Node has no way in for Arrow without an extension from the network.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as duckdb from "@duckdb/duckdb-wasm/blocking";
import { valuesOf } from "../../core/columnar/read-apache-arrow.ts";
import { readFiles } from "./read-files.mjs";

const dist = dirname(createRequire(import.meta.url).resolve("@duckdb/duckdb-wasm"));
const bundle = (name) => ({ mainModule: join(dist, `duckdb-${name}.wasm`), mainWorker: "" });
const bundles = { mvp: bundle("mvp"), eh: bundle("eh") };

async function open() {
  const database = await duckdb.createDuckDB(bundles, new duckdb.VoidLogger(), duckdb.NODE_RUNTIME);
  await database.instantiate();
  return database.connect();
}

let connection = await open();

await readFiles(process.argv[2], async (stream, name) => {
  try {
    connection.insertArrowFromIPCStream(stream, { name });
    const { batches } = connection.query(`select * from "${name}"`);
    return batches.flatMap(({ numRows, data }) => {
      if (numRows === 0) return [];
      const columns = data.children.map((child) => valuesOf(child));
      return Array.from({ length: numRows }, (_, row) => columns.map((column) => column[row]));
    });
  } catch (error) {
    // After a failure of its own DuckDB answers nothing any more.
    connection = await open();
    throw error;
  }
});
