/** The values of whole `DataRow` messages. Strict: it throws at anything that is not exactly that. */
export function rowsOf(bytes: Uint8Array): (Buffer | null)[][] {
  const buffer = Buffer.from(bytes);
  const rows: (Buffer | null)[][] = [];
  let at = 0;
  while (at < buffer.length) {
    if (buffer[at] !== 0x44) throw new Error(`there is a message ${buffer[at]} among the rows`);
    const end = at + 1 + buffer.readInt32BE(at + 1);
    const row: (Buffer | null)[] = [];
    let place = at + 7;
    for (let left = buffer.readInt16BE(at + 5); left > 0; left -= 1) {
      const length = buffer.readInt32BE(place);
      place += 4;
      row.push(length < 0 ? null : buffer.subarray(place, place + length));
      place += Math.max(length, 0);
    }
    if (place !== end || end > buffer.length) throw new Error("a row is not whole");
    rows.push(row);
    at = end;
  }
  return rows;
}
