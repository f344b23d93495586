/** What follows from changes of the example: `fraiseql rules apply examples/world/rules.ts`. */
import { defineRules } from "../../src/core/mod.ts";

export const rules = defineRules([
  {
    name: "city-counted",
    entity: "City",
    operations: ["update"],
    condition: "changed(population)",
    actions: [
      {
        kind: "webhook",
        url: "http://127.0.0.1:9000/cities/{{ new.pk_city }}",
        body: '{"city": {{ new.name }}, "before": {{ old.population }}, "after": {{ new.population }}}',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference to a secret, read when a webhook is sent
        signingKeys: ["${env://SECRET_WEBHOOK_KEY}"],
      },
    ],
    // So quick that one can watch. The default takes 28 hours.
    retry: { attemptsMax: 3, backoff: { kind: "exponential", delayMs: 200, factor: 2, maxMs: 10_000 }, jitter: 0 },
  },
  {
    name: "metropolis",
    entity: "City",
    operations: ["insert", "update"],
    condition: "changed(population) && population >= 1000000",
    actions: [{ kind: "log", message: "{{ new.name }} has {{ new.population }} people" }],
  },
]);
