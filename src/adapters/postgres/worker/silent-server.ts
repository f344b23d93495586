export type SilenceWatch = {
  sent(): void;
  received(bytes: Buffer): void;
  /** Whether an answer is outstanding, as far as is known. */
  isOwed(): boolean;
  end(): void;
};

/**
 * Tells a server that is idle from one that owes an answer and sends nothing.
 *
 * @param onSilence - called when nothing came for the time, and the next time only after something was sent
 */
export function watchSilence(silenceMs: number, onSilence: () => void): SilenceWatch {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sent = 0;
  const end = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const expect = () => {
    clearTimeout(timer);
    timer = setTimeout(onSilence, silenceMs);
  };
  return {
    end,
    isOwed: () => timer !== undefined,
    sent: () => {
      sent += 1;
      expect();
    },
    received: (bytes) => {
      // With more sent than one message's worth, the end of one answer may not be the last: then the watch goes on. At
      // worst it ends a connection that is idle.
      const isOver = endsInReadyForQuery(bytes);
      if (isOver && sent <= 1) end();
      else expect();
      if (isOver) sent = 0;
    },
  };
}

/** `Z`, its length, and the state of the transaction: https://www.postgresql.org/docs/18/protocol-message-formats.html */
function endsInReadyForQuery(bytes: Buffer): boolean {
  const at = bytes.length - 6;
  return at >= 0 && bytes[at] === 0x5a && bytes.readUInt32BE(at + 1) === 5;
}
