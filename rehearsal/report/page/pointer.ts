import type { Timeline } from "./timeline";

/** A press that moves less than this is a click. */
const dragPixels = 4;

/** Mouse, pen and fingers: hover and tap show, dragging moves, two fingers or Ctrl with the wheel zoom. */
export const listenToPointers = (viewer: HTMLElement, timeline: Timeline): void => {
  const pressed = new Map<number, { x: number; y: number }>();
  let travelled = 0;

  const spread = (): number => {
    const [a, b] = [...pressed.values()];
    return a === undefined || b === undefined ? 0 : Math.abs(a.x - b.x);
  };

  viewer.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (pressed.size === 0) travelled = 0;
    pressed.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  viewer.addEventListener("pointermove", (event) => {
    const before = pressed.get(event.pointerId);
    if (before === undefined) {
      timeline.hover(timeline.at(event.clientX, event.clientY));
      return;
    }
    const apart = spread();
    pressed.set(event.pointerId, { x: event.clientX, y: event.clientY });
    travelled += Math.abs(event.clientX - before.x);
    if (travelled < dragPixels) return;
    if (!viewer.hasPointerCapture(event.pointerId)) viewer.setPointerCapture(event.pointerId);
    if (pressed.size === 1) {
      const { startMs, endMs } = timeline.view;
      timeline.pan(timeline.msOf(before.x - event.clientX) / (endMs - startMs));
      return;
    }
    const [a, b] = [...pressed.values()];
    if (apart > 0 && spread() > 0 && a !== undefined && b !== undefined) {
      timeline.zoom(spread() / apart, timeline.msAt((a.x + b.x) / 2));
    }
  });
  viewer.addEventListener("pointerup", (event) => {
    const clicked = pressed.delete(event.pointerId) && travelled < dragPixels;
    if (clicked) timeline.select(timeline.at(event.clientX, event.clientY));
  });
  viewer.addEventListener("pointercancel", (event) => pressed.delete(event.pointerId));
  viewer.addEventListener("pointerleave", () => timeline.hover(undefined));
  viewer.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        timeline.zoom(Math.exp(-event.deltaY / 300), timeline.msAt(event.clientX));
        return;
      }
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
      event.preventDefault();
      timeline.pan(sideways / viewer.clientWidth);
    },
    { passive: false },
  );
};
