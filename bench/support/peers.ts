/** The peers live in `bench/peers` with a lock file of their own, so that the project does not depend on them. */
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DIRECTORY = fileURLToPath(new URL("../peers/", import.meta.url));

/** Node 22 or newer, which PostGraphile 5 needs; it comes from npm with the peers. */
const NODE = `${DIRECTORY}node_modules/node-linux-${process.arch}/bin/node`;

export type Peer = "mercurius" | "postgraphile";

/**
 * Installs what the lock file names, unless it is there.
 *
 * @throws Error when npm fails.
 */
export async function installPeers(): Promise<void> {
  if (isInstalled()) return;
  process.stdout.write("installing the peers into bench/peers (once, about half a minute)\n");
  const npm = Bun.spawn(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: DIRECTORY,
    stdout: "ignore",
    stderr: "inherit",
  });
  if ((await npm.exited) !== 0) throw new Error("npm ci failed in bench/peers; the messages above say why.");
}

/** npm writes a lock file of its own last: it is there only after a whole installation, and older than a new list of peers. */
function isInstalled(): boolean {
  const written = (name: string): number => statSync(`${DIRECTORY}${name}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return written("node_modules/.package-lock.json") > written("package-lock.json");
}

export function peerCommand(peer: Peer): readonly string[] {
  return [NODE, `${DIRECTORY}${peer}.mjs`];
}

/** `name version` of the peers and of the Node they run on. */
export async function peerVersions(): Promise<string> {
  const versions = await Promise.all(
    ["postgraphile", "mercurius", `node-linux-${process.arch}`].map(async (name) => {
      const { version } = (await Bun.file(`${DIRECTORY}node_modules/${name}/package.json`).json()) as {
        version: string;
      };
      return `${name.startsWith("node-") ? "node" : name} ${version}`;
    }),
  );
  return versions.join(", ");
}
