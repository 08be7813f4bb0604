import { Blockscout } from "../../../../contracts/publish/blockscout";
import { Etherscan } from "../../../../contracts/publish/etherscan";
import { publishAll, publishOne, type Publication } from "../../../../contracts/publish/publish";
import type { Requester } from "../../../../contracts/publish/requester";
import type { ServiceName, VerificationService } from "../../../../contracts/publish/service";
import { Sourcify } from "../../../../contracts/publish/sourcify";
import { withService, type LocalService, type Reply, type Seen } from "./support/service";
import { key, requesterWith, submission } from "./support/submission";

type Step = "isVerified" | "submit" | "check";
type Replies = Partial<Record<Step, readonly Reply[]>>;

/** What a service documents for each situation, and how its requests are told apart. */
interface Documented {
  readonly name: ServiceName;
  readonly make: (url: string, requester: Requester) => VerificationService;
  readonly stepOf: (seen: Seen) => Step;
  readonly fresh: Reply;
  readonly known: Reply;
  readonly ticket: Reply;
  readonly already: Reply;
  readonly pending: Reply;
  readonly passed: Reply;
  readonly wrongCompiler: Reply;
  readonly wrongCompilerWords: RegExp;
  readonly otherCode: Reply;
  readonly otherCodeWords: RegExp;
}

const envelope = (status: "0" | "1", result: string | null, message = status === "1" ? "OK" : "NOTOK"): Reply => ({
  json: { status, message, result },
});
const actionOf = ({ query }: Seen): Step =>
  ({ getabi: "isVerified", verifysourcecode: "submit", checkverifystatus: "check" })[query.get("action")!] as Step;

const job = "72d12273-0723-448e-a9f6-f7957128efa5";
const noMatch = { match: null, creationMatch: null, runtimeMatch: null, chainId: "1", address: submission.address };
const exact = { ...noMatch, match: "exact_match", creationMatch: "exact_match", runtimeMatch: "exact_match" };
const failedJob = (customCode: string, message: string): Reply => ({
  json: { isJobCompleted: true, verificationId: job, contract: noMatch, error: { customCode, message, errorId: "1" } },
});

const documented: readonly Documented[] = [
  {
    name: "sourcify",
    make: (url, requester) => new Sourcify(`${url}/server`, requester),
    stepOf: ({ method, path }) =>
      method === "POST" ? "submit" : path.startsWith("/server/v2/contract/") ? "isVerified" : "check",
    fresh: { status: 404, json: noMatch },
    known: { json: exact },
    ticket: { status: 202, json: { verificationId: job } },
    already: { status: 409, json: { customCode: "already_verified", message: "is already verified", errorId: "1" } },
    pending: { json: { isJobCompleted: false, verificationId: job, contract: noMatch } },
    passed: { json: { isJobCompleted: true, verificationId: job, contract: exact } },
    wrongCompiler: {
      status: 400,
      json: { customCode: "unsupported_compiler_version", message: "Compiler not found", errorId: "1" },
    },
    wrongCompilerWords: /^HTTP 400: unsupported_compiler_version: Compiler not found$/,
    otherCode: failedJob("no_match", "The onchain and recompiled bytecodes don't match."),
    otherCodeWords: /^no_match: The onchain and recompiled bytecodes don't match\.$/,
  },
  {
    name: "blockscout",
    make: (url, requester) => new Blockscout(url, requester, key),
    stepOf: (seen) => (seen.path.startsWith("/api/v2/") ? "isVerified" : actionOf(seen)),
    fresh: { status: 404, json: { message: "Not found" } },
    known: { json: { is_verified: true, is_fully_verified: true } },
    ticket: envelope("1", "00000000000000000000000000000000000000aa65f0"),
    already: envelope("0", "Smart-contract already verified.", "Smart-contract already verified."),
    pending: envelope("1", "Unknown UID"),
    passed: envelope("1", "Pass - Verified"),
    wrongCompiler: envelope("0", null, "compilerversion is required."),
    wrongCompilerWords: /^compilerversion is required\.$/,
    otherCode: envelope("1", "Fail - Unable to verify"),
    otherCodeWords: /^Fail - Unable to verify$/,
  },
  {
    name: "etherscan",
    make: (url, requester) => new Etherscan(url, requester, key),
    stepOf: actionOf,
    fresh: envelope("0", "Contract source code not verified"),
    known: envelope("1", "[]"),
    ticket: envelope("1", "a7lpxkm9kpcpicx7daftmjifrfhiuhf5vqqnawhkfhzfrcpnxj"),
    already: envelope("0", "Contract source code already verified"),
    pending: envelope("0", "Pending in queue"),
    passed: envelope("1", "Pass - Verified"),
    wrongCompiler: envelope("0", "Invalid or not supported solc version"),
    wrongCompilerWords: /^Invalid or not supported solc version$/,
    otherCode: envelope("0", "Fail - Unable to verify"),
    otherCodeWords: /^Fail - Unable to verify$/,
  },
];

interface Published extends Publication {
  readonly steps: readonly Step[];
  readonly seen: LocalService["seen"];
}

/** Publishes the contract once; each step gets its replies in order, the last of them for ever. */
function publish(
  service: Documented,
  replies: Replies,
  { timeoutMs = 300_000, requestTimeoutMs = 20_000 } = {},
): Promise<Published> {
  const steps: Step[] = [];
  const reply = (seen: Seen): Reply => {
    const step = service.stepOf(seen);
    steps.push(step);
    const own = replies[step] ?? (step === "isVerified" ? [service.fresh] : []);
    return own[Math.min(steps.filter((each) => each === step).length, own.length) - 1] ?? { status: 418, json: {} };
  };
  return withService(reply, async ({ url, seen }) => {
    const { requester, clock } = requesterWith({ requestTimeoutMs });
    const one = { submission, service: service.make(url, requester) };
    const published = await publishOne(one, { clock, concurrency: 1, timeoutMs });
    return { ...published, steps, seen };
  });
}

describe.each(documented.map((service) => [service.name, service] as const))("%s", (_, service) => {
  const { ticket, pending, passed } = service;

  test("is asked, told, and asked until it has verified", async () => {
    const { status, steps } = await publish(service, { submit: [ticket], check: [pending, pending, passed] });
    expect(status).toBe("verified");
    expect(steps).toEqual(["isVerified", "submit", "check", "check", "check"]);
  });

  test("what is verified already is not sent", async () => {
    const { status, steps } = await publish(service, { isVerified: [service.known] });
    expect(status).toBe("already verified");
    expect(steps).toEqual(["isVerified"]);
  });

  test("what somebody verified in the meantime is a success", async () => {
    expect((await publish(service, { submit: [service.already] })).status).toBe("already verified");
  });

  test("a compiler that it does not take is a failure in its own words", async () => {
    const { status, said } = await publish(service, { submit: [service.wrongCompiler] });
    expect(status).toBe("failed");
    expect(said).toMatch(service.wrongCompilerWords);
  });

  test("other bytecode is a failure in its own words", async () => {
    const { status, said } = await publish(service, { submit: [ticket], check: [pending, service.otherCode] });
    expect(status).toBe("failed");
    expect(said).toMatch(service.otherCodeWords);
  });

  test("a service that never decides is a failure that says so", async () => {
    const { status, said } = await publish(service, { submit: [ticket], check: [pending] });
    expect(status).toBe("failed");
    expect(said).toMatch(/^no result within 300 s; last it said: /);
  });

  const limited: Reply = { status: 429, headers: { "retry-after": "3" }, json: { message: "slow down" } };
  test.each<[string, Reply]>([
    ["429 with Retry-After", limited],
    ["429 without", { status: 429, json: { message: "slow down" } }],
    ["500", { status: 500, json: { message: "internal" } }],
    ["malformed JSON", { text: "{" }],
    ["a closed connection", "close"],
  ])("%s at every step only delays it", async (_name, bad) => {
    const { status } = await publish(service, {
      isVerified: [bad, service.fresh],
      submit: [bad, ticket],
      check: [bad, pending, bad, passed],
    });
    expect(status).toBe("verified");
  });

  test("one that hangs is given up on, by the step", async () => {
    const { status, said, steps } = await publish(service, { submit: ["hang"] }, { requestTimeoutMs: 30 });
    expect(status).toBe("failed");
    expect(said).toBe("no answer within 1 s, 6 times");
    expect(steps.filter((step) => step === "submit")).toHaveLength(6);
  });

  test("no answer of odd shape is taken for a success", async () => {
    for (const json of [null, [], 7, "Pass - Verified", {}, { status: "1" }, { result: {} }]) {
      const odd: Reply = { json };
      expect((await publish(service, { submit: [ticket], check: [odd] }, { timeoutMs: 20_000 })).status).toBe("failed");
      expect((await publish(service, { submit: [odd] }, { timeoutMs: 20_000 })).status).toBe("failed");
    }
  });
});

describe("requests are those of the documentation", () => {
  const sent = async (name: ServiceName): Promise<readonly Seen[]> => {
    const service = documented.find((each) => each.name === name)!;
    return (await publish(service, { submit: [service.ticket], check: [service.passed] })).seen;
  };

  test("sourcify", async () => {
    const [isVerified, submit, check] = await sent("sourcify");
    expect(isVerified).toMatchObject({ method: "GET", path: `/server/v2/contract/1/${submission.address}` });
    expect(submit).toMatchObject({ method: "POST", path: `/server/v2/verify/1/${submission.address}` });
    expect(submit!.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(submit!.body)).toEqual({
      stdJsonInput: submission.input,
      compilerVersion: "0.8.30+commit.73712a01",
      contractIdentifier: "contracts/src/WETH9.sol:WETH9",
    });
    expect(check).toMatchObject({ method: "GET", path: `/server/v2/verify/${job}` });
  });

  const form = {
    contractaddress: submission.address,
    sourceCode: JSON.stringify(submission.input),
    codeformat: "solidity-standard-json-input",
    contractname: "contracts/src/WETH9.sol:WETH9",
    compilerversion: "v0.8.30+commit.73712a01",
    constructorArguments: submission.constructorArguments,
    constructorArguements: submission.constructorArguments,
    licenseType: "12",
  };

  test("etherscan", async () => {
    const [isVerified, submit, check] = await sent("etherscan");
    const common = { chainid: "1", module: "contract", apikey: key };
    expect(isVerified).toMatchObject({ method: "GET", path: "/v2/api" });
    expect(Object.fromEntries(isVerified!.query)).toEqual({ ...common, action: "getabi", address: submission.address });
    expect(submit).toMatchObject({ method: "POST", path: "/v2/api" });
    expect(Object.fromEntries(submit!.query)).toEqual({ ...common, action: "verifysourcecode" });
    expect(submit!.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(Object.fromEntries(new URLSearchParams(submit!.body))).toEqual(form);
    const guid = "a7lpxkm9kpcpicx7daftmjifrfhiuhf5vqqnawhkfhzfrcpnxj";
    expect(Object.fromEntries(check!.query)).toEqual({ ...common, action: "checkverifystatus", guid });
  });

  test("blockscout", async () => {
    const [isVerified, submit, check] = await sent("blockscout");
    expect(isVerified).toMatchObject({ method: "GET", path: `/api/v2/smart-contracts/${submission.address}` });
    expect(submit).toMatchObject({ method: "POST", path: "/api" });
    expect(Object.fromEntries(submit!.query)).toEqual({ module: "contract", action: "verifysourcecode", apikey: key });
    expect(Object.fromEntries(new URLSearchParams(submit!.body))).toEqual(form);
    expect(check!.query.get("guid")).toBe("00000000000000000000000000000000000000aa65f0");
  });
});

describe("what is one service's own", () => {
  const [sourcify, blockscout, etherscan] = documented as [Documented, Documented, Documented];

  test("etherscan says too many with status 200, and later it takes the contract", async () => {
    const limit = envelope("0", "Max rate limit reached, please use API Key for higher rate limit");
    const { status } = await publish(etherscan, {
      isVerified: [limit, etherscan.fresh],
      submit: [limit, etherscan.ticket],
      check: [limit, etherscan.passed],
    });
    expect(status).toBe("verified");
  });

  test.each([
    ["etherscan", etherscan, "Unable to locate ContractCode at 0x00000000000000000000000000000000000000AA"],
    ["blockscout", blockscout, "The address is not a smart contract"],
  ])("%s may not have the block yet", async (_, service, said) => {
    const { status } = await publish(service, {
      submit: [envelope("0", said), service.ticket],
      check: [service.passed],
    });
    expect(status).toBe("verified");
  });

  test("sourcify's job of somebody else is waited for, by the contract", async () => {
    const running: Reply = {
      status: 429,
      json: { customCode: "duplicate_verification_request", message: "is already being verified", errorId: "1" },
    };
    const { status, said, steps } = await publish(sourcify, {
      isVerified: [sourcify.fresh, sourcify.fresh, sourcify.known],
      submit: [running],
    });
    expect(status).toBe("verified");
    expect(said).toBe("exact match");
    expect(steps).toEqual(["isVerified", "submit", "isVerified", "isVerified"]);
  });

  test("a match of sourcify that is not exact is improved, as a partial one of blockscout is", async () => {
    const lesser: Reply = { json: { ...exact, match: "match" } };
    const improved = { submit: [sourcify.ticket], check: [sourcify.passed] };
    expect(await publish(sourcify, { isVerified: [lesser], ...improved })).toMatchObject({ said: "exact match" });
    const partly: Reply = { json: { is_verified: true, is_fully_verified: false } };
    const again = { submit: [blockscout.ticket], check: [blockscout.passed] };
    expect((await publish(blockscout, { isVerified: [partly], ...again })).status).toBe("verified");
  });

  test("nothing that it says holds the key", async () => {
    for (const service of [blockscout, etherscan]) {
      const echo = envelope("0", `Invalid API Key ${key}`);
      const { said, url } = await publish(service, { submit: [echo] });
      expect(`${said ?? ""} ${url}`).not.toContain(key);
      expect(said).toBe("Invalid API Key [key]");
    }
  });
});

test("many are published in their own order, and one failure stops none of the others", async () => {
  const [sourcify] = documented as [Documented];
  const addresses = Array.from({ length: 12 }, (_, n) => `0x${String(n).padStart(40, "0")}` as const);
  const bad = addresses[4]!;
  await withService(
    (seen) => {
      if (sourcify.stepOf(seen) === "isVerified") return sourcify.fresh;
      if (seen.method === "GET") return sourcify.passed;
      return seen.path.endsWith(bad) ? sourcify.wrongCompiler : sourcify.ticket;
    },
    async ({ url }) => {
      for (const concurrency of [1, 5, 64]) {
        const { requester, clock } = requesterWith();
        const service = sourcify.make(url, requester);
        const jobs = addresses.map((address) => ({ submission: { ...submission, address }, service }));
        const published = await publishAll(jobs, { clock, concurrency, timeoutMs: 300_000 });
        expect(published.map(({ status }) => status)).toEqual(
          addresses.map((address) => (address === bad ? "failed" : "verified")),
        );
      }
    },
  );
});

describe("the situations tell a broken adapter", () => {
  const [, , etherscan] = documented as [Documented, Documented, Documented];
  const broken = (change: (service: VerificationService) => Partial<VerificationService>): Documented => ({
    ...etherscan,
    make: (url, requester) => {
      const whole = etherscan.make(url, requester);
      return Object.assign(Object.create(whole) as VerificationService, change(whole));
    },
  });

  test("one that takes a ticket for the end", async () => {
    const lax = broken((whole) => ({
      submit: async (...args) => {
        const submitted = await whole.submit(...args);
        return submitted.kind === "ticket" ? { kind: "verified" } : submitted;
      },
    }));
    const replies = { submit: [etherscan.ticket], check: [etherscan.otherCode] };
    expect((await publish(etherscan, replies)).status).toBe("failed");
    expect((await publish(lax, replies)).status).not.toBe("failed");
  });

  test("one that takes every word with `verified` in it for a success", async () => {
    const lax = broken(() => ({
      isVerified: () => Promise.resolve("Contract source code not verified".includes("verified")),
    }));
    const replies = { submit: [etherscan.ticket], check: [etherscan.otherCode] };
    expect((await publish(etherscan, replies)).status).toBe("failed");
    expect((await publish(lax, replies)).status).not.toBe("failed");
  });
});
