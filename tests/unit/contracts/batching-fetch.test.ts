import { batchingFetch } from "../../../contracts/batching-fetch";

interface Asked {
  readonly id: number;
}

/** A node that takes so many requests at once, and notes the bodies that it got. */
function node(most: number, answer: (asked: readonly Asked[]) => readonly object[] = (all) => all.map(echo)) {
  const bodies: unknown[] = [];
  const fetcher = batchingFetch((_, init) => {
    const body = JSON.parse(init?.body as string) as Asked | Asked[];
    bodies.push(body);
    if (!Array.isArray(body)) return Promise.resolve(Response.json(answer([body])[0]));
    if (body.length <= most) return Promise.resolve(Response.json(answer(body)));
    return Promise.resolve(Response.json({ id: null, error: { code: -32600, message: "too many" } }));
  });
  const ask = async (count: number): Promise<Response> => {
    const requests = Array.from({ length: count }, (_, id) => ({ id, method: "any" }));
    return fetcher("http://node", { method: "POST", body: JSON.stringify(requests) });
  };
  return { ask, bodies };
}
const echo = ({ id }: Asked): object => ({ id, result: id });
const idsOf = async (response: Response): Promise<number[]> => ((await response.json()) as Asked[]).map(({ id }) => id);

test("a batch of one goes without brackets and comes back in them", async () => {
  const { ask, bodies } = node(0);
  expect(await idsOf(await ask(1))).toEqual([0]);
  expect(bodies).toEqual([{ id: 0, method: "any" }]);
});

test("answers in any order come in the order of the requests", async () => {
  const { ask, bodies } = node(10, (asked) => asked.map(echo).reverse());
  expect(await idsOf(await ask(4))).toEqual([0, 1, 2, 3]);
  expect(bodies).toHaveLength(1);
});

test.each([0, 1, 2, 3])("a node that takes %i at once gets no more, in the order of the requests", async (most) => {
  const { ask, bodies } = node(most);
  expect(await idsOf(await ask(7))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const taken = bodies.filter((body) => !Array.isArray(body) || body.length <= most).flat() as Asked[];
  expect(taken.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test("a body that is too large is halved; what means later is passed on", async () => {
  const statuses = [413, 200, 429];
  const sizes: number[] = [];
  const fetcher = batchingFetch((_, init) => {
    const body = JSON.parse(init?.body as string) as Asked[];
    sizes.push(body.length);
    return Promise.resolve(Response.json(body.map(echo), { status: statuses.shift() }));
  });
  const response = await fetcher("http://node", { body: JSON.stringify([0, 1, 2, 3].map((id) => ({ id }))) });
  expect(sizes).toEqual([4, 2, 2]);
  expect(response.status).toBe(429);
});

test("an answer that leaves a request out is a connection that failed, and not the answer to another", async () => {
  const { ask } = node(10, (asked) => asked.slice(1).map(echo));
  await expect(ask(3)).rejects.toThrow("without an answer");
});
