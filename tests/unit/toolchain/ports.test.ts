import { createServer } from "node:net";

import { freePorts } from "../../../toolchain/ports";

test("ports are different, and below those that outgoing connections take", async () => {
  const ports = await freePorts(40);
  expect(new Set(ports).size).toBe(40);
  for (const port of ports) expect(port).toBeLessThan(32_768);
});

test("one can be listened on at once, twice not", async () => {
  const [port = 0] = await freePorts(1);
  const listening = (server: ReturnType<typeof createServer>) =>
    new Promise<string>((resolve) => {
      server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
      server.listen(port, "127.0.0.1", () => resolve("listens"));
    });
  const [first, second] = [createServer(), createServer()];
  expect(await listening(first)).toBe("listens");
  expect(await listening(second)).toBe("EADDRINUSE");
  await new Promise((resolve) => first.close(resolve));
});
