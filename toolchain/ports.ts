import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below what systems hand out by themselves (Linux from 32768 on, RFC 6335 from 49152): a port of that range may be
 * taken by anybody's outgoing connection between this look and the program's start, or while the program restarts.
 */
const [LOWEST, HIGHEST] = [15_000, 32_767] as const;
const MOST_TRIES = 1_000;

/**
 * Ports of the loopback interface that are free now, all different, and that no outgoing connection takes meanwhile.
 *
 * @throws Error when there are not so many
 */
export async function freePorts(count: number): Promise<number[]> {
  const free = new Set<number>();
  for (let tried = 0; free.size < count; tried++) {
    if (tried === MOST_TRIES) throw new Error(`No ${count} free ports between ${LOWEST} and ${HIGHEST}.`);
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (await isFree(port)) free.add(port);
  }
  return [...free];
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
