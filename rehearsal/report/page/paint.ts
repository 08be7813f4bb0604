import { formatDuration, kindOf, shortNameOf } from "../format";
import type { PlacedGroup } from "../lanes";
import type { Palette } from "../palette";
import { type Part, partsOf } from "../parts";
import type { Operation } from "../report-data";
import { ticks, type Viewport } from "../viewport";

/** All that a picture of the timeline depends on; sizes in CSS pixels. */
export interface Scene {
  readonly operations: readonly Operation[];
  readonly critical: ReadonlySet<number>;
  readonly placed: readonly PlacedGroup[];
  readonly view: Viewport;
  readonly width: number;
  readonly height: number;
  /** Where the groups' names stand; 0 when they are above their lanes. */
  readonly gutter: number;
  /** Height of a lane whose bars bear names. */
  readonly tall: number;
  readonly scrollTop: number;
  readonly palette: Palette;
  readonly scale: number;
  readonly selected?: number;
  readonly hovered?: number;
}

/** Height of the time axis, which stays at the top. */
export const axisHeight = 26;

/** In a lower bar the border would hide the hatching. */
const outlinedHeight = 12;

const lengthOf = ({ startMs, endMs }: Part): number => endMs - startMs;

/** A bar is drawn no shorter than this. */
export const shortestBar = 2;

const font = (weight: number, size: number): string => `${weight} ${size}px system-ui, sans-serif`;

/** Pixels of a moment from the left. */
export const xOf = ({ view, width, gutter }: Pick<Scene, "view" | "width" | "gutter">, ms: number): number =>
  gutter + ((ms - view.startMs) / (view.endMs - view.startMs)) * (width - gutter);

/** Moment at a distance from the left. */
export const msAt = ({ view, width, gutter }: Pick<Scene, "view" | "width" | "gutter">, x: number): number =>
  view.startMs + ((x - gutter) / (width - gutter)) * (view.endMs - view.startMs);

type Hatch = "queued" | "blocked" | "throttled";

/** A small picture to fill with, drawn at the screen's own resolution. */
const hatching = (
  context: CanvasRenderingContext2D,
  { scale, palette }: Scene,
  kind: Hatch,
): CanvasPattern | string => {
  const size = Math.max(4, Math.round(6 * scale));
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  if (pen === null) return palette.waiting;
  if (kind === "throttled") {
    pen.fillStyle = palette.throttled;
    pen.fillRect(0, 0, size, size);
    pen.fillStyle = palette.onThrottled;
    pen.fillRect(0, 0, size / 3, size);
  } else if (kind === "queued") {
    pen.strokeStyle = palette.waiting;
    pen.lineWidth = scale;
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift - 1, size + 1);
      pen.lineTo(shift + size + 1, -1);
    }
    pen.stroke();
  } else {
    pen.fillStyle = palette.waiting;
    pen.fillRect(size / 3, size / 3, size / 3, size / 3);
  }
  const pattern = context.createPattern(tile, "repeat");
  pattern?.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern ?? palette.waiting;
};

class Painter {
  private readonly patterns: Readonly<Record<Hatch, CanvasPattern | string>>;
  drawn = 0;

  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly scene: Scene,
  ) {
    const make = (kind: Hatch): CanvasPattern | string => hatching(context, scene, kind);
    this.patterns = { queued: make("queued"), blocked: make("blocked"), throttled: make("throttled") };
  }

  paint(): void {
    const { context, scene } = this;
    context.setTransform(scene.scale, 0, 0, scene.scale, 0, 0);
    context.fillStyle = scene.palette.background;
    context.fillRect(0, 0, scene.width, scene.height);
    context.textBaseline = "middle";
    this.axis();
    context.save();
    context.beginPath();
    context.rect(0, axisHeight, scene.width, scene.height - axisHeight);
    context.clip();
    for (const group of scene.placed) this.group(group);
    context.restore();
  }

  private top(y: number): number {
    return axisHeight + y - this.scene.scrollTop;
  }

  private axis(): void {
    const { context, scene } = this;
    const { palette, width, height, gutter } = scene;
    const marks = ticks(scene.view, Math.max(2, Math.floor((width - gutter) / 80)));
    context.font = font(400, 11);
    for (const { atMs, label } of marks) {
      const x = Math.round(xOf(scene, atMs)) + 0.5;
      context.strokeStyle = palette.line;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x, axisHeight - 5);
      context.lineTo(x, height);
      context.stroke();
      const textWidth = context.measureText(label).width;
      const left = Math.min(Math.max(x - textWidth / 2, gutter), width - textWidth - 1);
      context.fillStyle = palette.muted;
      context.fillText(label, left, axisHeight / 2 - 1);
    }
  }

  private group(group: PlacedGroup): void {
    const { context, scene } = this;
    const [top, bottom] = [this.top(group.top), this.top(group.bottom)];
    if (bottom < axisHeight || top > scene.height) return;
    context.strokeStyle = scene.palette.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, Math.round(bottom) - 2.5);
    context.lineTo(scene.width, Math.round(bottom) - 2.5);
    context.stroke();
    context.save();
    context.beginPath();
    context.rect(scene.gutter, axisHeight, scene.width - scene.gutter, scene.height);
    context.clip();
    for (const { operations, top: laneTop, height } of group.lanes) {
      const y = this.top(laneTop);
      if (y + height >= axisHeight && y <= scene.height) for (const index of operations) this.bar(index, y, height);
    }
    context.restore();
    this.name(group, top, bottom);
  }

  /** The name follows the scrolling as long as some of its group is to be seen. */
  private name(group: PlacedGroup, top: number, bottom: number): void {
    const { context, scene } = this;
    context.font = font(600, 12);
    context.fillStyle = scene.palette.text;
    const aside = scene.gutter > 0;
    const y = aside ? Math.max(top + scene.tall / 2, Math.min(axisHeight + 8, bottom - 12)) : top + 10;
    context.fillText(group.name, aside ? 0 : 2, y);
  }

  private bar(index: number, laneTop: number, laneHeight: number): void {
    const { scene, context } = this;
    const operation = scene.operations[index];
    if (operation === undefined) return;
    const left = xOf(scene, operation.arrivedMs);
    const right = Math.max(xOf(scene, operation.endMs), left + shortestBar);
    if (right < scene.gutter || left > scene.width) return;
    this.drawn += 1;
    const named = laneHeight >= scene.tall;
    const [y, height] = named ? [laneTop + 1, laneHeight - 3] : [laneTop, laneHeight - 1];
    const parts = partsOf(operation);
    const instant: Part = { startMs: operation.startMs, endMs: operation.endMs, kind: "work" };
    const longest = parts.reduce<Part | undefined>(
      (best, part) => (part.kind === "work" && (best === undefined || lengthOf(part) > lengthOf(best)) ? part : best),
      undefined,
    );
    for (const part of parts.length === 0 ? [instant] : parts) {
      this.part(operation, part, y, height, named && part === longest);
    }
    if (scene.critical.has(index)) {
      const begin = xOf(scene, operation.startMs);
      this.outline(begin, y, Math.max(right - begin, shortestBar), height, scene.palette.critical, named ? 2 : 1.5);
    }
    if (operation.faults !== undefined)
      this.diamond(Math.max(xOf(scene, operation.startMs), scene.gutter) + 4, y + height / 2);
    if (index === scene.selected || index === scene.hovered) {
      context.setLineDash(index === scene.selected ? [] : [3, 2]);
      this.outline(left - 1.5, y - 1.5, right - left + 3, height + 3, scene.palette.text, 2);
      context.setLineDash([]);
    }
  }

  private part(operation: Operation, { startMs, endMs, kind }: Part, y: number, height: number, named: boolean): void {
    const { context, scene } = this;
    const { palette } = scene;
    const x = Math.max(xOf(scene, startMs), scene.gutter - 4);
    const end = Math.min(
      Math.max(xOf(scene, endMs), xOf(scene, startMs) + (kind === "work" ? shortestBar : 0)),
      scene.width + 4,
    );
    const width = end - x;
    if (width <= 0) return;
    const failed = operation.outcome === "failed";
    const bar = palette.bars[kindOf(operation.urn)];
    if (kind !== "work") {
      context.fillStyle = this.patterns[kind];
      context.fillRect(x, y, width, height);
      if (width > 3 && height >= outlinedHeight)
        this.outline(x, y, width, height, kind === "throttled" ? palette.onThrottled : palette.waiting, 1);
      return;
    }
    context.fillStyle = failed ? palette.failed : bar.fill;
    context.fillRect(x, y, width, height);
    if (width > 4) this.outline(x, y, width, height, failed ? palette.text : bar.edge, 1);
    if (named) this.label(operation, x, y, width, height, failed ? palette.onFailed : bar.text);
  }

  private outline(x: number, y: number, width: number, height: number, colour: string, line: number): void {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.strokeRect(x + line / 2, y + line / 2, Math.max(0, width - line), Math.max(0, height - line));
  }

  private label(operation: Operation, x: number, y: number, width: number, height: number, colour: string): void {
    const { context, scene } = this;
    const failed = operation.outcome === "failed";
    context.font = font(400, 10.5);
    const left = Math.max(x, scene.gutter) + (operation.faults === undefined ? 5 : 12);
    const room = Math.min(x + width, scene.width) - left - 4;
    const text = fitting(context, `${failed ? "✕ " : ""}${shortNameOf(operation.urn)}`, room);
    if (text === undefined) {
      if (failed) this.cross(Math.max(x + width, scene.gutter) + 3, y + height / 2);
      return;
    }
    context.fillStyle = colour;
    context.fillText(text, left, y + height / 2 + 1);
  }

  /** Marks a failure whose bar is too short to bear the mark. */
  private cross(x: number, y: number): void {
    const { context, scene } = this;
    context.font = font(700, 13);
    context.strokeStyle = scene.palette.background;
    context.lineWidth = 4;
    context.lineJoin = "round";
    context.strokeText("✕", x, y + 1);
    context.fillStyle = scene.palette.failed;
    context.fillText("✕", x, y + 1);
  }

  private diamond(x: number, y: number): void {
    const { context, scene } = this;
    context.beginPath();
    context.moveTo(x, y - 5);
    context.lineTo(x + 5, y);
    context.lineTo(x, y + 5);
    context.lineTo(x - 5, y);
    context.closePath();
    context.fillStyle = scene.palette.background;
    context.fill();
    context.strokeStyle = scene.palette.text;
    context.lineWidth = 1.5;
    context.stroke();
  }
}

/** The text, or as much of it as tells something; undefined when not even that fits. */
const fitting = (context: CanvasRenderingContext2D, text: string, room: number): string | undefined => {
  if (room < 12) return undefined;
  if (context.measureText(text).width <= room) return text;
  const letters = Math.floor((room / context.measureText(text).width) * text.length) - 1;
  return letters >= 6 ? `${text.slice(0, letters).trimEnd()}…` : undefined;
};

/** Draws the part of the timeline that is to be seen; returns how many bars that are. */
export const paint = (context: CanvasRenderingContext2D, scene: Scene): number => {
  const painter = new Painter(context, scene);
  painter.paint();
  return painter.drawn;
};

/** `0.0 s to 13 min 37 s` */
export const spanText = ({ startMs, endMs }: Viewport): string =>
  `${formatDuration(startMs)} to ${formatDuration(endMs)}`;
