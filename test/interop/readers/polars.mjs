// Polars reads our stream and writes one of its own, which flechette reads: what comes back went through Polars.
import pl from "nodejs-polars";
import { readFlechette } from "../../core/columnar/read-flechette.ts";
import { readFiles } from "./read-files.mjs";

await readFiles(process.argv[2], (stream) => {
  const written = pl.readIPCStream(Buffer.from(stream)).writeIPCStream();
  return readFlechette(new Uint8Array(written)).rows;
});
