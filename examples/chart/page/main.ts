/** Asks for a million rows and draws each batch when it is there. */
import { tableFromIPC } from "@uwdata/flechette";
import { createClient } from "../../../src/client/mod.ts";
import { SunDocument } from "./generated/operations.ts";
import { createSunMap } from "./sun-map.ts";

const START = new Date("2024-01-01T00:00:00Z");
const DAYS = 731;
const ROWS = DAYS * 1_440;

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const status = byId<HTMLOutputElement>("status");
const progress = byId<HTMLProgressElement>("progress");
const button = byId<HTMLButtonElement>("again");
const map = createSunMap(byId<HTMLCanvasElement>("chart"), { start: START, days: DAYS });
const client = createClient({ url: "/graphql" });

/** Draws once for all that came since the last frame. */
let isPlanned = false;
const paintSoon = (): void => {
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    map.paint();
  });
};

async function draw(signal: AbortSignal): Promise<void> {
  const begin = performance.now();
  let firstMs: number | undefined;
  let bytes = 0;
  let rows = 0;
  const table = client.table(
    SunDocument,
    {},
    {
      signal,
      reader: (stream) => tableFromIPC(stream),
      onProgress: (seen) => {
        bytes = seen.bytes;
        progress.value = seen.rows / ROWS;
      },
    },
  );
  for await (const batch of table) {
    firstMs ??= performance.now() - begin;
    rows += batch.numRows;
    map.add(batch.getChild("at").toArray(), batch.getChild("altitude").toArray());
    paintSoon();
    status.textContent = `${rows.toLocaleString("en")} rows, ${(bytes / 1e6).toFixed(1)} MB`;
  }
  map.paint();
  const whole = `first rows after ${(firstMs ?? 0).toFixed(0)} ms, all drawn after ${((performance.now() - begin) / 1_000).toFixed(2)} s`;
  status.textContent = `${rows.toLocaleString("en")} rows, ${(bytes / 1e6).toFixed(1)} MB: ${whole}`;
}

let running: AbortController | undefined;

async function start(): Promise<void> {
  const mine = new AbortController();
  running = mine;
  const { dataset } = document.body;
  dataset["state"] = "reading";
  button.textContent = "Stop";
  map.clear();
  map.paint();
  try {
    await draw(mine.signal);
    dataset["state"] = "done";
  } catch (error) {
    status.textContent = mine.signal.aborted ? "Stopped." : String(error);
    dataset["state"] = mine.signal.aborted ? "stopped" : "failed";
  }
  running = undefined;
  button.textContent = "Again";
}

button.addEventListener("click", () => {
  if (running) running.abort();
  else void start();
});
addEventListener("resize", paintSoon);
await start();
