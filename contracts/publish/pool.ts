/**
 * Works on items, so many at a time, and gives the results in the items' order. The first error ends it, so `work` keeps
 * to itself what must not stop the others.
 *
 * @param concurrency at least 1
 */
export async function mapInOrder<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}
