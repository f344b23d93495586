/** What the bus knows an event by when it was published again because somebody asked: rules decide on each replay anew. */
const REPLAY = /^(.+):replay:\d+$/;

/** @param replay 1 for the first */
export function replayId(eventId: string, replay: number): string {
  return `${eventId}:replay:${replay}`;
}

/** The id of the event itself, whichever of its publications is named. */
export function eventIdOf(id: string): string {
  return REPLAY.exec(id)?.[1] ?? id;
}
