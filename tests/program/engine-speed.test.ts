import * as pulumi from "@pulumi/pulumi";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";

import {
  applyEngineSpeed,
  dropVersionAliases,
  type SdkPromises,
  takeNoStacksForPromises,
} from "../../components/engine-speed";

const version = { type: "azure-native:network/v20230201:VirtualNetwork" };
const resource = Object.create(null) as pulumi.Resource;
const transform = (type: string, aliases: pulumi.CustomResourceOptions["aliases"]) =>
  dropVersionAliases({
    resource,
    type,
    name: "n",
    props: { a: 1 },
    opts: { aliases, protect: true },
  });

describe("dropVersionAliases", () => {
  it("drops azure-native's older types and leaves the other options and the properties alone", () => {
    expect(transform("azure-native:network:VirtualNetwork", [version, version])).toEqual({
      props: { a: 1 },
      opts: { aliases: [], protect: true },
    });
  });

  it("keeps every alias of ours: a former name, parent, URN or type elsewhere", () => {
    const ours = [
      { name: "old-name" },
      { ...version, name: "old-name" },
      "urn:pulumi:dev::meridian::azure-native:network:VirtualNetwork::old",
      { type: "meridian:region:Network" },
    ];

    expect(transform("azure-native:network:VirtualNetwork", [version, ...ours])?.opts).toMatchObject({ aliases: ours });
  });

  it.each([
    ["another provider's resource", "kubernetes:core/v1:Namespace", [version]],
    ["a resource without aliases", "azure-native:network:VirtualNetwork", undefined],
  ])("leaves %s as it is", (_, type, aliases) => {
    expect(transform(type, aliases)).toBeUndefined();
  });
});

describe("takeNoStacksForPromises", () => {
  const sdk = debuggable as SdkPromises;

  it("finds in this SDK what it replaces", () => {
    expect(sdk.debuggablePromise).toBeInstanceOf(Function);
  });

  it("keeps what the SDK notes of a promise but its frames, and every other error's frames", async () => {
    const own: SdkPromises = { ...sdk };
    takeNoStacksForPromises(own);
    const promise = Promise.resolve(7) as Promise<number> & { _debugStackTrace?: string; _debugCtx?: unknown };

    await expect(own.debuggablePromise?.(promise, "context")).resolves.toBe(7);
    expect(promise._debugCtx).toBe("context");
    expect(promise._debugStackTrace).not.toMatch(/\n/);
    expect(new Error("x").stack).toMatch(/\n +at /);
  });

  it("gives errors their frames back when the SDK throws, and leaves an SDK without it alone", () => {
    const failing: SdkPromises = {
      debuggablePromise: () => {
        throw new Error("refused");
      },
    };
    takeNoStacksForPromises(failing);

    expect(() => failing.debuggablePromise?.(Promise.resolve())).toThrow("refused");
    expect(new Error("x").stack).toMatch(/\n +at /);
    const none: SdkPromises = {};
    takeNoStacksForPromises(none);
    expect(none).toEqual({});
  });
});

describe("applyEngineSpeed", () => {
  const before = Object.entries(Object.getOwnPropertyDescriptors(Error)).filter(([name]) => /stack/i.test(name));
  const { debuggablePromise } = debuggable as SdkPromises;
  const { debug, info } = pulumi.log;
  const slow = { versionAliases: "keep", stackTraces: "full", debugMessages: "keep" } as const;
  beforeEach(() => {
    Error.prepareStackTrace = () => "rewritten";
    Error.stackTraceLimit = 10;
  });
  afterEach(() => {
    Reflect.deleteProperty(Error, "prepareStackTrace");
    for (const [name, descriptor] of before) Object.defineProperty(Error, name, descriptor);
    Object.assign(debuggable, { debuggablePromise });
    Object.assign(pulumi.log, { debug });
  });

  it("keeps stack traces short and as V8 writes them, and takes none for promises", () => {
    applyEngineSpeed({ ...slow, stackTraces: "short" });

    expect(new Error("x").stack?.split("\n")).toHaveLength(1 + 2);
    expect((debuggable as SdkPromises).debuggablePromise).not.toBe(debuggablePromise);
  });

  it("drops the SDK's debug messages and no others", async () => {
    applyEngineSpeed({ ...slow, debugMessages: "drop" });

    await expect(pulumi.log.debug("x")).resolves.toBeUndefined();
    expect(pulumi.log.debug).not.toBe(debug);
    expect(pulumi.log.info).toBe(info);
  });

  it("leaves the SDK and its errors alone when everything is wanted in full", () => {
    applyEngineSpeed(slow);

    expect(new Error("x").stack).toBe("rewritten");
    expect(Error.stackTraceLimit).toBe(10);
    expect((debuggable as SdkPromises).debuggablePromise).toBe(debuggablePromise);
    expect(pulumi.log.debug).toBe(debug);
  });
});
