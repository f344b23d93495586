/** Programs that are run as processes of their own, on another runtime too, and print what they found. */
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..", "..");

/** `deno run` with these options. */
export const denoRun = (...options: readonly string[]): readonly string[] => [
  join(ROOT, "node_modules", ".bin", "deno"),
  "run",
  "--quiet",
  ...options,
];

/**
 * What a program printed. It runs in the folder of the checkout, where Deno finds its packages.
 *
 * @throws Error when it complains or ends with another code than 0
 */
export async function printedBy(command: readonly string[], cwd: string = ROOT): Promise<string> {
  const child = Bun.spawn([...command], { cwd, stdout: "pipe", stderr: "pipe" });
  const [printed, complaint, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (complaint !== "" || code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${complaint}`);
  return printed;
}
