/** Colours of the sky by the height of the sun in degrees, as whole pixels. */
type Stop = readonly [degrees: number, red: number, green: number, blue: number];

const STOPS: readonly Stop[] = [
  [-45, 8, 12, 34],
  [-18, 14, 22, 62],
  [-12, 32, 42, 110],
  [-6, 98, 64, 140],
  [-0.8, 226, 110, 84],
  [4, 250, 190, 110],
  [14, 255, 236, 190],
  [45, 176, 218, 250],
];
const LOWEST = -45;
const HIGHEST = 45;
const STEPS_PER_DEGREE = 10;

const PIXELS = Uint32Array.from({ length: (HIGHEST - LOWEST) * STEPS_PER_DEGREE + 1 }, (_, step) =>
  pixelAt(LOWEST + step / STEPS_PER_DEGREE),
);

/** A pixel of `ImageData`, its four bytes as one little-endian word. */
export function skyPixel(degrees: number): number {
  const inside = Math.min(HIGHEST, Math.max(LOWEST, degrees));
  return PIXELS[Math.round((inside - LOWEST) * STEPS_PER_DEGREE)] ?? 0;
}

function pixelAt(degrees: number): number {
  const next = STOPS.findIndex(([at]) => at > degrees);
  const above = STOPS.at(next) as Stop;
  const below = STOPS.at(next < 0 ? -1 : Math.max(0, next - 1)) as Stop;
  const span = above[0] - below[0];
  const part = span === 0 ? 0 : (degrees - below[0]) / span;
  const [red, green, blue] = ([1, 2, 3] as const).map((index) =>
    Math.round(below[index] + (above[index] - below[index]) * part),
  ) as [number, number, number];
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}
