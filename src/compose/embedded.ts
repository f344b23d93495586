/** The PostgreSQL of `npm start`: for trying things out, without a server of one's own. */
import { join } from "node:path";
import { type DatabaseContents, ensureDatabase } from "../adapters/embedded-postgres/ensure-database.ts";
import { ensureReader } from "../adapters/embedded-postgres/reader.ts";
import { lookInPublic } from "../adapters/embedded-postgres/search-path.ts";
import { startEmbeddedPostgres } from "../adapters/embedded-postgres/start.ts";
import { ensureWriter } from "../adapters/embedded-postgres/writer.ts";
import type { Config } from "../config/schema.ts";
import { migrateDatabase } from "./migrating.ts";

const CONNECT_MS = 5_000;

export type EmbeddedDatabase = {
  /** The database with the contents, for a role that can only read: what is served. */
  readonly url: string;
  /** The same for a role that may also change rows: what mutations run as. */
  readonly writeUrl: string;
  /** The same for its superuser: for whoever tries things out in it. */
  readonly ownerUrl: string;
  /** Shuts PostgreSQL down. It ends with the process too, however that ends. */
  stop(): Promise<void>;
};

export type EmbeddedDatabaseOptions = {
  /** Holds everything that is kept from one start to the next. */
  readonly directory: string;
  readonly contents: DatabaseContents;
  /** Which tables are observed; all of them where nothing is said. */
  readonly events?: Pick<Config["events"], "tables" | "columns">;
  /** Takes one line per step that may take a while. */
  progress(line: string): void;
};

/** Starts PostgreSQL on the directory and sees that the contents are in it. */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const { directory, contents, progress } = options;
  const server = await startEmbeddedPostgres({ directory: join(directory, "postgres") });
  try {
    const load = (url: string) => {
      progress(`Loading ${contents.name} into PostgreSQL (once)`);
      return contents.load(url);
    };
    const { url: ownerUrl, keptAs } = await ensureDatabase(server.url, { ...contents, load });
    if (keptAs) progress(`The database ${contents.name} was made by an older version; it is kept as ${keptAs}`);
    await lookInPublic(ownerUrl);
    await migrateDatabase({
      url: ownerUrl,
      connectTimeoutMs: CONNECT_MS,
      events: { tables: ["*"], ...options.events },
    });
    return { url: await ensureReader(ownerUrl), writeUrl: await ensureWriter(ownerUrl), ownerUrl, stop: server.stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
