/** Receives the example's webhooks, verifies them as any receiver of Standard Webhooks does, and says what came. */
import { Webhook } from "standardwebhooks";

const key = process.env["SECRET_WEBHOOK_KEY"] ?? "";
const isFailing = process.argv.includes("--failing");
if (key === "") {
  console.error("There is no SECRET_WEBHOOK_KEY; `. .fraiseql/settings` sets it while the example runs.");
  process.exit(2);
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 9000,
  async fetch(request) {
    if (isFailing) return new Response("out of order", { status: 503 });
    const { pathname } = new URL(request.url);
    try {
      const payload = new Webhook(key).verify(await request.text(), Object.fromEntries(request.headers));
      console.log(`verified ${request.headers.get("webhook-id")} ${pathname} ${JSON.stringify(payload)}`);
      return new Response(null, { status: 204 });
    } catch {
      return new Response("not signed with this key", { status: 401 });
    }
  },
});
console.log(`Receiving on ${server.url}${isFailing ? " and failing" : ""}`);
