/** A chart with a day in each column and a minute in each line: one row of the table is one point. */
import { skyPixel } from "./colours.ts";

const MINUTE_MS = 60_000;
const MINUTES = 1_440;
const MARGIN = { left: 52, right: 8, top: 8, bottom: 26 };

export type SunMapSpan = { readonly start: Date; readonly days: number };

export type SunMap = {
  /** Points by time, in milliseconds since 1970, and height, in degrees. They show after the next `paint`. */
  add(times: ArrayLike<number>, heights: ArrayLike<number>): void;
  paint(): void;
  clear(): void;
};

export function createSunMap(canvas: HTMLCanvasElement, { start, days }: SunMapSpan): SunMap {
  const points = new OffscreenCanvas(days, MINUTES);
  const pointsContext = contextOf(points.getContext("2d"));
  const image = new ImageData(days, MINUTES);
  const pixels = new Uint32Array(image.data.buffer);
  const context = contextOf(canvas.getContext("2d"));
  return {
    add: (times, heights) => {
      for (let row = 0; row < times.length; row += 1) {
        const minute = Math.round(((times[row] ?? 0) - start.getTime()) / MINUTE_MS);
        const line = MINUTES - 1 - (minute % MINUTES);
        pixels[line * days + Math.floor(minute / MINUTES)] = skyPixel(heights[row] ?? 0);
      }
    },
    paint: () => {
      pointsContext.putImageData(image, 0, 0);
      drawFrame(canvas, context, { start, days }, (width, height) =>
        context.drawImage(points, MARGIN.left, MARGIN.top, width, height),
      );
    },
    clear: () => void pixels.fill(0),
  };
}

function contextOf<Context>(context: Context | null): Context {
  if (!context) throw new Error("this browser draws nothing");
  return context;
}

/** The picture between its two axes, at the size that the page gives the canvas now. */
function drawFrame(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  { start, days }: SunMapSpan,
  drawPoints: (width: number, height: number) => void,
): void {
  const { clientWidth, clientHeight } = canvas;
  canvas.width = clientWidth * devicePixelRatio;
  canvas.height = clientHeight * devicePixelRatio;
  context.scale(devicePixelRatio, devicePixelRatio);
  const width = clientWidth - MARGIN.left - MARGIN.right;
  const height = clientHeight - MARGIN.top - MARGIN.bottom;
  context.fillStyle = "#161b22";
  context.fillRect(MARGIN.left, MARGIN.top, width, height);
  drawPoints(width, height);
  context.fillStyle = "#9aa5b1";
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (let hour = 0; hour <= 24; hour += 6) {
    const y = MARGIN.top + height * (1 - hour / 24);
    context.fillText(`${String(hour).padStart(2, "0")}:00`, MARGIN.left - 8, y);
    context.fillRect(MARGIN.left - 4, y - 0.5, 4, 1);
  }
  context.textAlign = "left";
  context.textBaseline = "top";
  const months = new Intl.DateTimeFormat("en", { month: "short", year: "2-digit", timeZone: "UTC" });
  for (let month = 0; ; month += 3) {
    const first = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month);
    const day = (first - start.getTime()) / (MINUTES * MINUTE_MS);
    if (day >= days) break;
    const x = MARGIN.left + (width * day) / days;
    context.fillText(months.format(first), x + 4, MARGIN.top + height + 8);
    context.fillRect(x, MARGIN.top + height, 1, 8);
  }
}
