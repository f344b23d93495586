/** An answer in JSON whose body is made while it is sent. */
import { FraiseqlError } from "../src/core/errors.ts";
import type { LongAnswer } from "../src/flows/answers/answer.ts";
import type { ResponseType } from "./media-type.ts";
import { answerResponse } from "./respond.ts";
import type { RouteParts } from "./route-parts.ts";
import { streamBody } from "./stream-body.ts";

export function longAnswerResponse(
  parts: RouteParts,
  request: Request,
  answer: LongAnswer,
  type: ResponseType,
): Response {
  parts.longAnswer?.(request, "begins");
  let isAbandoned = false;
  const body = streamBody(answer.body, answer.rest, {
    abandoned: () => {
      isAbandoned = true;
    },
    made: () => parts.longAnswer?.(request, "is made"),
    failed: (error) => {
      // What PostgreSQL said is in the cause, where there is one.
      if (!isAbandoned && !request.signal.aborted)
        parts.report(error instanceof FraiseqlError ? (error.cause ?? error) : error);
    },
  });
  return answerResponse(answer, type, body);
}
