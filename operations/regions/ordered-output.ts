/** Keeps each part's lines together, and writes the parts in their order, each as soon as all before it are done. */
export class OrderedOutput {
  private readonly lines = new Map<string, string[]>();
  private readonly done = new Set<string>();
  private next = 0;

  /** @param parts names, in the order to write them in; each once */
  constructor(
    private readonly parts: readonly string[],
    private readonly write: (line: string) => void,
  ) {}

  /** Adds a line to a part; it is written at once when it is the part's turn. */
  add(part: string, line: string): void {
    if (part === this.parts[this.next]) this.write(line);
    else this.lines.set(part, [...(this.lines.get(part) ?? []), line]);
  }

  /** Says that nothing more comes of a part. */
  end(part: string): void {
    this.done.add(part);
    for (let current = this.parts[this.next]; current !== undefined; current = this.parts[this.next]) {
      for (const line of this.lines.get(current) ?? []) this.write(line);
      this.lines.delete(current);
      if (!this.done.has(current)) return;
      this.next += 1;
    }
  }
}
