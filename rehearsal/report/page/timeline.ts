import { type Direction, type Group, laneAt, layOut, type Metrics, neighbour, type PlacedGroup, stack } from "../lanes";
import { palettes } from "../palette";
import type { ReportData } from "../report-data";
import { pan, reveal, type Viewport, wholeRun, zoom } from "../viewport";
import { byId } from "./dom";
import { axisHeight, msAt, paint, type Scene, shortestBar, xOf } from "./paint";

/** What the timeline tells the page. */
export interface TimelineEvents {
  /** Another operation is pointed at or chosen. */
  readonly onDetails: (index: number | undefined) => void;
  /** Another part of the run is shown. */
  readonly onView: (view: Viewport) => void;
}

/** Below this width the groups' names stand above their lanes. */
const narrow = 640;
/** Lane heights in pixels, and the lengths from which a bar has room for a name or is more than a mark. */
const tall = 17;
const slim = 6;
const thin = 3;
const namedPixels = 56;
const markPixels = 5;
/** No screen is wider in bars than this; shorter bars share no lane with what follows at once. */
const finest = 600;

/**
 * The bars on a canvas. A canvas, not SVG: a fleet has thousands of bars and parts, and zooming or dragging moves all of
 * them in each frame; as elements they would be laid out and styled each time, as pixels only those in sight are drawn.
 * What a canvas cannot say, the table of operations and the details say in text.
 */
export class Timeline {
  private readonly viewer = byId("viewer", HTMLElement);
  private readonly spacer = byId("spacer", HTMLElement);
  private readonly canvas = byId("canvas", HTMLCanvasElement);
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private readonly critical: ReadonlySet<number>;
  private readonly minimumMs: number;
  private groups: readonly Group[] = [];
  private placed: readonly PlacedGroup[] = [];
  private contentHeight = 0;
  private gutter = 0;
  private printing = false;
  private frame = 0;
  private shown: Viewport;
  private selected: number | undefined;
  private hovered: number | undefined;

  constructor(
    private readonly data: ReportData,
    private readonly events: TimelineEvents,
  ) {
    this.critical = new Set(data.criticalPath.map(({ operation }) => operation));
    this.shown = wholeRun(data.virtualMs);
    this.minimumMs = (this.shown.endMs / finest) * shortestBar;
    this.dark.addEventListener("change", () => this.redraw());
    this.viewer.addEventListener("scroll", () => this.redraw());
    new ResizeObserver(() => this.arrange()).observe(this.viewer);
    addEventListener("beforeprint", () => this.print(true));
    addEventListener("afterprint", () => this.print(false));
  }

  /** Lays out these operations and no others. */
  show(indexes: readonly number[]): void {
    this.groups = layOut(this.data.operations, indexes, this.minimumMs);
    this.placed = [];
    this.viewer.scrollTop = 0;
    this.arrange();
  }

  get view(): Viewport {
    return this.shown;
  }

  /** @param aroundMs the moment that keeps its place. @default the middle of the view */
  zoom(factor: number, aroundMs = (this.shown.startMs + this.shown.endMs) / 2): void {
    this.move(zoom(this.shown, factor, aroundMs, this.data.virtualMs));
  }

  /** @param share of what is shown; negative for earlier */
  pan(share: number): void {
    this.move(pan(this.shown, share * (this.shown.endMs - this.shown.startMs), this.data.virtualMs));
  }

  showWhole(): void {
    this.move(wholeRun(this.data.virtualMs));
  }

  /** Shows a moment in the middle, in some detail. */
  centre(ms: number): void {
    const whole = wholeRun(this.data.virtualMs).endMs;
    const length = Math.min(this.shown.endMs - this.shown.startMs, whole / 4);
    this.move(pan({ startMs: 0, endMs: length }, ms - length / 2, this.data.virtualMs));
  }

  /** Chooses an operation and brings it into view; undefined lets go. */
  select(index: number | undefined): void {
    this.selected = index;
    this.hovered = undefined;
    const operation = index === undefined ? undefined : this.data.operations[index];
    if (index !== undefined && operation !== undefined) {
      const span = { startMs: operation.arrivedMs, endMs: operation.endMs };
      this.move(reveal(this.shown, span, this.data.virtualMs));
      this.scrollTo(index);
    }
    this.tell();
  }

  /** Goes to the next bar in a direction. */
  step(direction: Direction): number | undefined {
    const next = neighbour(this.data.operations, this.groups, this.selected, direction);
    this.select(next);
    return next;
  }

  /** What is under a point of the window, which `hover` then marks. */
  at(clientX: number, clientY: number): number | undefined {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [clientX - box.left, clientY - box.top - axisHeight];
    if (y < 0 || x < this.gutter) return undefined;
    const lane = laneAt(this.placed, y + this.viewer.scrollTop)?.operations ?? [];
    const distance = (index: number): number => {
      const operation = this.data.operations[index];
      if (operation === undefined) return Infinity;
      return Math.max(xOf(this.scale(), operation.arrivedMs) - x, x - xOf(this.scale(), operation.endMs), 0);
    };
    const nearest = lane.toSorted((a, b) => distance(a) - distance(b))[0];
    return nearest !== undefined && distance(nearest) <= 4 ? nearest : undefined;
  }

  hover(index: number | undefined): void {
    if (index === this.hovered) return;
    this.hovered = index;
    this.tell();
  }

  /** The moment under a point of the window. */
  msAt(clientX: number): number {
    return msAt(this.scale(), clientX - this.canvas.getBoundingClientRect().left);
  }

  /** Milliseconds that a distance on the screen stands for. */
  msOf(pixels: number): number {
    const { width, gutter } = this.scale();
    return (pixels / (width - gutter)) * (this.shown.endMs - this.shown.startMs);
  }

  private tell(): void {
    this.events.onDetails(this.hovered ?? this.selected);
    this.redraw();
  }

  private move(view: Viewport): void {
    const zoomed = Math.abs(view.endMs - view.startMs - (this.shown.endMs - this.shown.startMs)) > 0.5;
    this.shown = view;
    this.events.onView(view);
    if (zoomed) this.arrange();
    else this.redraw();
  }

  private scale(): Pick<Scene, "view" | "width" | "gutter"> {
    return { view: this.shown, width: this.printing ? 1000 : this.room(), gutter: this.gutter };
  }

  /** Pixels beside each other in the viewer: its padding is none of them. */
  private room(): number {
    return this.viewer.clientWidth - parseFloat(getComputedStyle(this.viewer).paddingLeft);
  }

  private scrollTo(index: number): void {
    for (const group of this.placed) {
      const lane = group.lanes.find(({ operations }) => operations.includes(index));
      if (lane === undefined) continue;
      const room = this.viewer.clientHeight - axisHeight - lane.height - slim;
      const top = lane === group.lanes[0] ? group.top : lane.top;
      if (top < this.viewer.scrollTop) this.viewer.scrollTop = top;
      else if (lane.top > this.viewer.scrollTop + room) this.viewer.scrollTop = lane.top - room;
    }
  }

  private print(printing: boolean): void {
    this.printing = printing;
    this.viewer.classList.toggle("printing", printing);
    this.arrange();
    this.draw();
  }

  /** Heights and margins, which depend on the width and on what is shown. */
  private arrange(): void {
    const aside = this.printing || this.viewer.clientWidth >= narrow;
    const context = this.canvas.getContext("2d");
    if (context !== null) context.font = "600 12px system-ui, sans-serif";
    const widest = Math.max(60, ...this.groups.map(({ name }) => context?.measureText(name).width ?? 0));
    this.gutter = aside ? Math.ceil(widest) + 12 : 0;
    const metrics: Metrics = {
      tall,
      slim,
      thin,
      namedMs: this.msOf(namedPixels),
      markMs: this.msOf(markPixels),
      titleHeight: aside ? 0 : 20,
      groupGap: 8,
    };
    const anchor = this.topmost();
    ({ placed: this.placed, height: this.contentHeight } = stack(this.data.operations, this.groups, metrics));
    this.spacer.style.height = `${axisHeight + this.contentHeight}px`;
    this.keep(anchor);
    this.redraw();
  }

  /** The group at the upper border, and how much of it is above that. */
  private topmost(): { readonly name: string; readonly share: number } | undefined {
    const y = this.viewer.scrollTop;
    const group = this.placed.find(({ top, bottom }) => y >= top && y < bottom);
    return group && { name: group.name, share: (y - group.top) / (group.bottom - group.top) };
  }

  /** When zooming makes lanes higher or lower, what stood at the upper border stays there. */
  private keep(anchor: { readonly name: string; readonly share: number } | undefined): void {
    const group = this.placed.find(({ name }) => name === anchor?.name);
    if (anchor === undefined || group === undefined) return;
    const top = group.top + anchor.share * (group.bottom - group.top);
    if (Math.abs(top - this.viewer.scrollTop) >= 1) this.viewer.scrollTop = top;
  }

  private redraw(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { canvas, viewer, printing } = this;
    const context = canvas.getContext("2d");
    const { view, width, gutter } = this.scale();
    const full = axisHeight + this.contentHeight;
    // The largest canvas that every browser draws is 16,384 pixels high; paper ends sooner than that.
    const height = printing ? Math.min(full, 8000) : Math.min(viewer.clientHeight, full);
    if (context === null || width === 0 || height === 0) return;
    const scale = printing ? 2 : devicePixelRatio;
    const [pixelsX, pixelsY] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== pixelsX || canvas.height !== pixelsY) [canvas.width, canvas.height] = [pixelsX, pixelsY];
    canvas.style.width = printing ? "100%" : `${width}px`;
    canvas.style.height = printing ? "auto" : `${height}px`;
    const bars = paint(context, {
      operations: this.data.operations,
      critical: this.critical,
      placed: this.placed,
      view,
      width,
      height,
      gutter,
      tall,
      scrollTop: printing ? 0 : viewer.scrollTop,
      palette: palettes[this.dark.matches && !printing ? "dark" : "light"],
      scale,
      ...(this.selected !== undefined && { selected: this.selected }),
      ...(this.hovered !== undefined && { hovered: this.hovered }),
    });
    viewer.dataset.bars = String(bars);
    viewer.dataset.groups = this.placed.map(({ name }) => name).join(" ");
    viewer.dataset.startMs = String(Math.round(view.startMs));
    viewer.dataset.endMs = String(Math.round(view.endMs));
  }
}
