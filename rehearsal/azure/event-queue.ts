/** What orders two events: the time, then the rank (Azure before its clients), then the URN, then who came first. */
export interface QueuedEvent {
  readonly atMs: number;
  readonly rank: number;
  readonly urn: string;
  readonly id: number;
}

const before = (a: QueuedEvent, b: QueuedEvent): boolean => {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  if (a.rank !== b.rank) return a.rank < b.rank;
  if (a.urn !== b.urn) return a.urn < b.urn;
  return a.id < b.id;
};

/** A binary heap of events, earliest first. */
export class EventQueue<E extends QueuedEvent> {
  private readonly heap: E[] = [];

  get next(): E | undefined {
    return this.heap[0];
  }

  push(event: E): void {
    const { heap } = this;
    heap.push(event);
    let at = heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  pop(): E | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const [child, index] = right !== undefined && before(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1];
      if (!before(child, last)) break;
      heap[at] = child;
      at = index;
    }
    heap[at] = last;
    return first;
  }
}
