/** Every endpoint of `/api`. */

import { DELIVERY_ENDPOINTS } from "./deliveries.ts";
import type { Endpoint } from "./endpoint.ts";
import { EVENT_ENDPOINTS } from "./events.ts";
import { RULE_ENDPOINTS } from "./rules.ts";
import { STATUS_ENDPOINTS } from "./status.ts";

export const ENDPOINTS: readonly Endpoint[] = [
  ...RULE_ENDPOINTS,
  ...DELIVERY_ENDPOINTS,
  ...EVENT_ENDPOINTS,
  ...STATUS_ENDPOINTS,
];
