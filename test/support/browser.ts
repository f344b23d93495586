/** A headless Chromium, spoken to in its own protocol: https://chromedevtools.github.io/devtools-protocol/ */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The browser's program, where there is one. In CI it has to be there. */
export const chromium = Bun.which("chromium") ?? Bun.which("chromium-browser") ?? Bun.which("google-chrome");

export type Page = {
  /** The value of an expression in the page; a promise is waited for. */
  evaluate(expression: string): Promise<unknown>;
  /** Resolves when the element that a selector names is there; rejects when the page throws before that. */
  appears(selector: string): Promise<void>;
  /** The page as it looks, as the bytes of a PNG. */
  screenshot(): Promise<Uint8Array>;
  /** What the page has written to its console as an error, and what it threw. */
  readonly errors: readonly string[];
};

export type Browser = { open(url: string): Promise<Page>; close(): Promise<void> };

type Message = {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly params?: Record<string, unknown>;
};

export async function startBrowser(): Promise<Browser> {
  if (!chromium) throw new Error("there is no Chromium");
  const profile = await mkdtemp(join(tmpdir(), "fraiseql-browser-"));
  const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"];
  const child = Bun.spawn(
    [
      chromium,
      ...flags,
      "--window-size=1200,800",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    { stdout: "ignore", stderr: "pipe" },
  );
  const socket = new WebSocket(await addressIn(child.stderr));
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Set<(message: Message) => void>();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id === undefined) for (const listen of listeners) listen(message);
    else waiting.get(message.id)?.(message);
  };
  let ids = 0;
  const send = async (method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> => {
    const id = ++ids;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params, sessionId }));
    const { result, error } = await answer;
    waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
  return {
    open: async (url) => {
      const { targetId } = await send("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
      const inPage = (method: string, params?: object) => send(method, params, sessionId as string);
      const errors: string[] = [];
      const failed = Promise.withResolvers<never>();
      failed.promise.catch(() => undefined);
      const shown = moments();
      listeners.add(({ sessionId: of, method, params }) => {
        if (of !== sessionId) return;
        if (method === "Page.frameNavigated")
          shown(((params?.["frame"] ?? {}) as { loaderId?: string }).loaderId).resolve();
        if (method === "Runtime.exceptionThrown") {
          errors.push(JSON.stringify(params?.["exceptionDetails"]));
          failed.reject(new Error(errors.at(-1)));
        }
        if (method === "Log.entryAdded" && JSON.stringify(params).includes('"level":"error"'))
          errors.push(JSON.stringify(params));
      });
      for (const domain of ["Page", "Runtime", "Log"]) await inPage(`${domain}.enable`);
      const { loaderId } = await inPage("Page.navigate", { url });
      // What is evaluated before may be gone with the page before.
      await shown(loaderId).promise;
      return pageOf(inPage, errors, failed.promise);
    },
    close: async () => {
      socket.close();
      // Not asked to end: a page that waits for an answer would keep it.
      child.kill("SIGKILL");
      await child.exited;
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** One moment for each name, to be waited for before or after it has come. */
function moments() {
  const known = new Map<unknown, ReturnType<typeof Promise.withResolvers<void>>>();
  return (name: unknown) => {
    const moment = known.get(name) ?? Promise.withResolvers<void>();
    known.set(name, moment);
    return moment;
  };
}

function pageOf(
  send: (method: string, params?: object) => Promise<Record<string, unknown>>,
  errors: readonly string[],
  failed: Promise<never>,
): Page {
  const evaluate: Page["evaluate"] = async (expression) => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value?: unknown }).value;
  };
  return {
    errors,
    evaluate,
    appears: async (selector) => {
      const found = evaluate(`new Promise((resolve) => {
        const look = () => document.querySelector(${JSON.stringify(selector)}) && resolve();
        new MutationObserver(look).observe(document, { attributes: true, childList: true, subtree: true });
        look();
      })`);
      await Promise.race([found, failed]);
    },
    screenshot: async () => {
      const { data } = await send("Page.captureScreenshot", { format: "png" });
      return Uint8Array.fromBase64(data as string);
    },
  };
}

async function addressIn(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let printed = "";
  const decoder = new TextDecoder();
  const reader = stderr.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    printed += decoder.decode(value, { stream: true });
    const address = /DevTools listening on (\S+)/.exec(printed)?.[1];
    if (address) {
      // What else it prints is read away, lest it waits for a reader.
      void (async () => {
        while (!(await reader.read()).done);
      })();
      return address;
    }
    if (done) throw new Error(`Chromium did not start: ${printed}`);
  }
}
