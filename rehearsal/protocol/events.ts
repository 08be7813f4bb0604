import * as grpc from "@grpc/grpc-js";
import { EventsService } from "@pulumi/pulumi/proto/events_grpc_pb";
import type { EventRequest } from "@pulumi/pulumi/proto/events_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import { type EngineEvent, told } from "./engine-events";

/** A place that the engine sends its events to. */
export interface EventServer {
  /** For `pulumi --event-log`. */
  readonly address: string;
  close(): void;
}

/**
 * Takes the engine's events over its own protocol, so that nothing of them is ever in a file.
 * @param onEvent called for each with what the engine sends: JSON that may hold secrets
 */
export const serveEvents = async (onEvent: (event: unknown) => void): Promise<EventServer> => {
  const server = new grpc.Server();
  server.addService(EventsService, {
    streamEvents: (call: grpc.ServerReadableStream<EventRequest, Empty>, done: grpc.sendUnaryData<Empty>) => {
      call.on("data", (request: EventRequest) => onEvent(JSON.parse(request.getEvent())));
      call.on("error", () => undefined); // the engine was killed
      call.on("end", () => done(null, new Empty()));
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `tcp://127.0.0.1:${port}`, close: () => server.forceShutdown() };
};

/** Keeps what the engine tells of a run. */
export class EventReceiver {
  /** Of the command that runs now. */
  readonly events: EngineEvent[] = [];
  private server: EventServer | undefined;

  static async listen(): Promise<EventReceiver> {
    const receiver = new EventReceiver();
    receiver.server = await serveEvents((sent) => {
      const event = told(sent as EngineEvent);
      if (event !== undefined) receiver.events.push(event);
    });
    return receiver;
  }

  /** For `pulumi --event-log`. */
  get address(): string {
    return this.server?.address ?? "";
  }

  /** The events since the last call. */
  take(): EngineEvent[] {
    return this.events.splice(0);
  }

  close(): void {
    this.server?.close();
  }
}
