/** Whether a client wants its body compressed. https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3 */

/** True where `zstd` is named and is not wanted less than no compression at all. */
export function acceptsZstd(accepted: string | null): boolean {
  if (accepted === null) return false;
  const zstd = qualityOf("zstd", accepted);
  return zstd !== undefined && zstd > 0 && zstd >= (qualityOf("identity", accepted) ?? 0);
}

function qualityOf(coding: string, accepted: string): number | undefined {
  for (const part of accepted.toLowerCase().split(",")) {
    const [name, ...parameters] = part.split(";").map((piece) => piece.trim());
    if (name !== coding) continue;
    const given = parameters.find((parameter) => parameter.startsWith("q="));
    const quality = given === undefined ? 1 : Number(given.slice(2));
    return Number.isFinite(quality) ? quality : 0;
  }
  return undefined;
}
