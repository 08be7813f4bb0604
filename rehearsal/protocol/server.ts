import * as grpc from "@grpc/grpc-js";
import * as empty from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import * as services from "@pulumi/pulumi/proto/provider_grpc_pb";

import type { VirtualClock } from "../clock/virtual-clock";
import type { Difference } from "./difference";
import { PartialError, type SimulatedProvider } from "./provider";
import type { Properties } from "./values";

type Handler = (call: { request: unknown }, callback: grpc.sendUnaryData<unknown>) => void;

const toProperties = (struct: Struct | undefined): Properties => struct?.toJavaScript() ?? {};
const toStruct = (properties: Properties): Struct => Struct.fromJavaScript(properties);

const kinds = {
  add: [rpc.PropertyDiff.Kind.ADD, rpc.PropertyDiff.Kind.ADD_REPLACE],
  delete: [rpc.PropertyDiff.Kind.DELETE, rpc.PropertyDiff.Kind.DELETE_REPLACE],
  update: [rpc.PropertyDiff.Kind.UPDATE, rpc.PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

const toDiffResponse = ({ changes, deleteBeforeReplace }: Difference): rpc.DiffResponse => {
  const response = new rpc.DiffResponse();
  response.setHasdetaileddiff(true);
  response.setChanges(
    changes.size > 0 ? rpc.DiffResponse.DiffChanges.DIFF_SOME : rpc.DiffResponse.DiffChanges.DIFF_NONE,
  );
  response.setDeletebeforereplace(deleteBeforeReplace);
  for (const [path, { kind, replaces }] of changes) {
    const detail = new rpc.PropertyDiff();
    detail.setKind(kinds[kind][replaces ? 1 : 0]);
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
    response.addDiffs(path);
    if (replaces) response.addReplaces(path);
  }
  return response;
};

/** The engine reads what exists of a half-made resource from gRPC's status details (ErrorResourceInitFailed). */
const partially = ({ message, id, outputs, inputs }: PartialError): grpc.Metadata => {
  const detail = new rpc.ErrorResourceInitFailed();
  detail.setId(id);
  detail.setProperties(toStruct(outputs));
  detail.setInputs(toStruct(inputs));
  detail.setReasonsList([message]);
  const any = new Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message);
  status.addDetails(any);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
};

/** Answers `call` with what `answer` gives; an error becomes the resource's diagnostic. */
const unary =
  (answer: (request: never) => unknown): Handler =>
  ({ request }, callback) => {
    void Promise.resolve()
      .then(() => answer(request as never))
      .then(
        (response) => callback(null, response),
        (error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          const metadata = error instanceof PartialError ? partially(error) : new grpc.Metadata();
          callback({ code: grpc.status.UNKNOWN, details: message, message, name: "ProviderError", metadata });
        },
      );
  };

/** What every resource request carries. */
interface ResourceRequest {
  getUrn(): string;
}
const identify = (request: ResourceRequest): { urn: string; type: string; name: string } => {
  const urn = request.getUrn();
  const [, , types = "", name = ""] = urn.split("::");
  return { urn, type: types.split("$").at(-1) ?? "", name };
};

/** Provider configuration is accepted as it is: the simulated cloud has one subscription and no credentials. */
const configurationHandlers = (provider: SimulatedProvider, clock: () => VirtualClock): Record<string, Handler> => ({
  handshake: unary(() => new rpc.ProviderHandshakeResponse().setAcceptSecrets(true)),
  attach: unary(() => new empty.Empty()),
  getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(provider.version)),
  getSchema: unary(() => new rpc.GetSchemaResponse().setSchema("{}")),
  checkConfig: unary((request: rpc.CheckRequest) => {
    clock().makeProvider(request.getUrn());
    return new rpc.CheckResponse().setInputs(request.getNews());
  }),
  diffConfig: unary((request: rpc.DiffRequest) =>
    toDiffResponse(provider.diffConfig(toProperties(request.getOlds()), toProperties(request.getNews()))),
  ),
  configure: unary((request: rpc.ConfigureRequest) => {
    provider.configure?.(toProperties(request.getArgs()));
    return new rpc.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
  }),
});

const planningHandlers = (provider: SimulatedProvider): Record<string, Handler> => ({
  check: unary((request: rpc.CheckRequest) => {
    const { inputs, failures } = provider.check({
      ...identify(request),
      inputs: toProperties(request.getNews()),
      oldInputs: toProperties(request.getOlds()),
      randomSeed: request.getRandomseed_asU8(),
    });
    const list = failures.map(({ property, reason }) => new rpc.CheckFailure().setProperty(property).setReason(reason));
    return new rpc.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(list);
  }),
  diff: unary((request: rpc.DiffRequest) =>
    toDiffResponse(
      provider.diff({
        ...identify(request),
        id: request.getId(),
        oldInputs: toProperties(request.getOldInputs()),
        oldOutputs: toProperties(request.getOlds()),
        inputs: toProperties(request.getNews()),
      }),
    ),
  ),
  invoke: unary((request: rpc.InvokeRequest) =>
    new rpc.InvokeResponse().setReturn(toStruct(provider.invoke(request.getTok(), toProperties(request.getArgs())))),
  ),
});

const operationHandlers = (provider: SimulatedProvider, clock: () => VirtualClock): Record<string, Handler> => ({
  create: unary(async (request: rpc.CreateRequest) => {
    const call = { ...identify(request), inputs: toProperties(request.getProperties()) };
    if (request.getPreview()) return new rpc.CreateResponse().setProperties(toStruct(provider.preview(call)));
    const { id, outputs } = await clock().run(call.urn, "create", () => provider.create(call));
    return new rpc.CreateResponse().setId(id).setProperties(toStruct(outputs));
  }),
  update: unary(async (request: rpc.UpdateRequest) => {
    const preview = request.getPreview();
    const call = {
      ...identify(request),
      preview,
      id: request.getId(),
      oldInputs: toProperties(request.getOldInputs()),
      oldOutputs: toProperties(request.getOlds()),
      inputs: toProperties(request.getNews()),
    };
    const outputs = preview
      ? { ...call.oldOutputs, ...provider.preview(call) }
      : await clock().run(call.urn, "update", () => provider.update(call));
    return new rpc.UpdateResponse().setProperties(toStruct(outputs));
  }),
  delete: unary(async (request: rpc.DeleteRequest) => {
    const call = {
      ...identify(request),
      id: request.getId(),
      outputs: toProperties(request.getProperties()),
      inputs: toProperties(request.getOldInputs()),
    };
    await clock().run(call.urn, "delete", () => provider.delete(call));
    return new empty.Empty();
  }),
  read: unary(async (request: rpc.ReadRequest) => {
    const call = {
      ...identify(request),
      id: request.getId(),
      outputs: toProperties(request.getProperties()),
      inputs: toProperties(request.getInputs()),
    };
    const state = await clock().run(call.urn, "read", () => provider.read(call));
    if (state === undefined) return new rpc.ReadResponse();
    const { id, outputs, inputs } = state;
    return new rpc.ReadResponse().setId(id).setProperties(toStruct(outputs)).setInputs(toStruct(inputs));
  }),
});

/** Serves one provider on loopback until `close`. */
export interface ProviderServer {
  readonly name: string;
  readonly port: number;
  close(): void;
}

/**
 * Serves Pulumi's provider protocol (`ResourceProviderService`) for one provider. All its instances share this port: the
 * engine attaches each of them to it (PULUMI_DEBUG_PROVIDERS).
 * @param clock the clock of the update that runs now
 * @param interrupted whether the engine was asked to stop: it also sends `cancel` when it closes one instance of many
 */
export const serveProvider = async (
  provider: SimulatedProvider,
  clock: () => VirtualClock,
  interrupted: () => boolean,
): Promise<ProviderServer> => {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const cancel = unary(() => {
    if (interrupted()) {
      provider.cancel();
      clock().cancel();
    }
    return new empty.Empty();
  });
  const handlers = {
    ...configurationHandlers(provider, clock),
    ...planningHandlers(provider),
    ...operationHandlers(provider, clock),
    cancel,
  };
  const touching = Object.fromEntries(
    Object.entries(handlers).map(([name, handler]): [string, Handler] => [
      name,
      (call, callback) => {
        clock().touch();
        handler(call, (error, value) => {
          clock().touch();
          callback(error, value);
        });
      },
    ]),
  );
  server.addService(
    (services as unknown as { ResourceProviderService: grpc.ServiceDefinition }).ResourceProviderService,
    touching,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { name: provider.name, port, close: () => server.forceShutdown() };
};
