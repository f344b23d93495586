/** The same server on Bun, on Deno and as the edge bundle, each a process of its own. */

import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { denoRun } from "../support/probe.ts";

const ROOT = join(import.meta.dir, "..", "..");

export type RuntimeName = "Bun" | "Deno" | "the edge bundle";
export const RUNTIMES: readonly RuntimeName[] = ["Bun", "Deno", "the edge bundle"];

export type Workplace = { readonly directory: string; readonly bundle: string; remove(): Promise<void> };
/** The bundle is needed for its own runtime alone. */
type StartPlace = Pick<Workplace, "directory"> & Partial<Workplace>;

/**
 * A folder of its own with the edge bundle in it.
 *
 * @param files - `edge.js` alone, which is all that is needed without exports, or what exports load too
 */
export async function workplace(files: "alone" | "with exports" = "alone"): Promise<Workplace> {
  const directory = await mkdtemp(join(tmpdir(), "fraiseql smoke "));
  const built = join(directory, "built");
  const build = Bun.spawn(["node", join(ROOT, "scripts", "build-edge.mjs"), join(built, "edge.js")], {
    stdout: "pipe",
    stderr: "pipe",
  });
  if ((await build.exited) !== 0) throw new Error(await new Response(build.stderr).text());
  const bundle = join(directory, "edge.js");
  await rename(join(built, "edge.js"), bundle);
  if (files === "with exports") await rename(join(built, "edge-arrow.js"), join(directory, "edge-arrow.js"));
  await rm(built, { recursive: true });
  return { directory, bundle, remove: () => rm(directory, { recursive: true, force: true }) };
}

function commandOf(runtime: RuntimeName, { bundle }: StartPlace): string[] {
  if (runtime === "Bun") return [process.execPath, join(ROOT, "routes", "serve.bun.ts")];
  if (runtime === "the edge bundle") return [process.execPath, bundle ?? "none was built"];
  return [...denoRun("--allow-env", "--allow-net", "--allow-read"), join(ROOT, "routes", "serve.deno.ts")];
}

export type ServerProcess = {
  /** With the path of GraphQL. */
  readonly url: string;
  readonly pid: number;
  readonly stderr: Promise<string>;
  /** Sends SIGTERM and gives the exit code. */
  stop(): Promise<number>;
};

/** Starts a server and waits for the line that names its URL; rejects with what it printed when it ends before. */
export async function startServer(
  runtime: RuntimeName,
  place: StartPlace,
  env: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = Bun.spawn(commandOf(runtime, place), {
    // Deno finds its packages from the folder of the checkout.
    cwd: runtime === "Deno" ? ROOT : place.directory,
    env: { PATH: process.env["PATH"], HOME: place.directory, FRAISEQL_SERVER_PORT: "0", ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const stderr = new Response(child.stderr).text();
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += new TextDecoder().decode(chunk);
    const url = /FraiseQL answers on (\S+)\n/.exec(printed)?.[1];
    if (url === undefined) continue;
    const stop = () => {
      child.kill("SIGTERM");
      return child.exited;
    };
    return { url, pid: child.pid, stderr, stop };
  }
  throw new Error(`it ended with ${await child.exited}: ${printed}${await stderr}`);
}
