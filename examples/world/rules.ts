/** What follows from changes of the example: `fraiseql rules apply examples/world/rules.ts`. */
import { defineRules } from "../../src/core/mod.ts";

export const rules = defineRules([
  {
    name: "city-renamed",
    entity: "City",
    operations: ["update"],
    condition: "changed(name)",
    actions: [
      {
        kind: "webhook",
        url: "http://127.0.0.1:9000/cities/{{ new.pk_city }}",
        body: '{"before": {{ old.name }}, "after": {{ new.name }}}',
        signingKeys: ["${file://.fraiseql/secrets/webhook-key}"],
      },
    ],
    // So quick that one can watch. The default takes 28 hours.
    retry: { attemptsMax: 3, backoff: { kind: "exponential", delayMs: 200, factor: 2, maxMs: 10_000 }, jitter: 0 },
  },
  {
    name: "city-moved-north",
    entity: "City",
    operations: ["update"],
    condition: "changed(latitude) && new.latitude > old.latitude + 1",
    actions: [{ kind: "log", message: "{{ new.name }} moved north" }],
  },
]);
