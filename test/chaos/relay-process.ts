import { join } from "node:path";
import { takeLines } from "./take-lines.ts";

export type RelayProcess = {
  start(): void;
  /** By SIGKILL; whether it ran until then. */
  kill(): Promise<boolean>;
};

/** @param told gets the kind of what the relay observed, other than what it published */
export function relayProcess(urls: { readonly postgres: string; readonly nats: string }, told: (kind: string) => void) {
  const program = [process.execPath, join(import.meta.dir, "relay-probe.ts"), urls.postgres, urls.nats];
  let child: ReturnType<typeof spawn> | undefined;
  const spawn = () => Bun.spawn(program, { stdout: "pipe", stderr: "inherit" });
  const relay: RelayProcess = {
    start: () => {
      child = spawn();
      void takeLines(child.stdout, told);
    },
    kill: async () => {
      child?.kill("SIGKILL");
      await child?.exited;
      return child?.signalCode === "SIGKILL";
    },
  };
  return relay;
}
