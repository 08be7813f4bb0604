import * as grpc from "@grpc/grpc-js";
import { EventsService } from "@pulumi/pulumi/proto/events_grpc_pb";
import type { EventRequest } from "@pulumi/pulumi/proto/events_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** One engine event, as far as it matters here (pulumi/pulumi sdk/go/common/apitype/events.go). */
export interface EngineEvent {
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string };
  readonly summaryEvent?: { readonly resourceChanges?: Readonly<Record<string, number>> };
}

/** Debug messages are dropped at once: the SDK writes resources into them, secrets included. */
const isTold = ({ diagnosticEvent, summaryEvent }: EngineEvent): boolean =>
  summaryEvent !== undefined || diagnosticEvent?.severity === "error" || diagnosticEvent?.severity === "warning";

/** Takes the engine's events over its own protocol, so that nothing of them is ever in a file. */
export class EventReceiver {
  /** Of the command that runs now. */
  readonly events: EngineEvent[] = [];
  private readonly server = new grpc.Server();
  private port = 0;

  static async listen(): Promise<EventReceiver> {
    const receiver = new EventReceiver();
    receiver.server.addService(EventsService, {
      streamEvents: (call: grpc.ServerReadableStream<EventRequest, Empty>, done: grpc.sendUnaryData<Empty>) => {
        call.on("data", (request: EventRequest) => {
          const event = JSON.parse(request.getEvent()) as EngineEvent;
          if (isTold(event)) receiver.events.push(event);
        });
        call.on("error", () => undefined); // the engine was killed
        call.on("end", () => done(null, new Empty()));
      },
    });
    receiver.port = await new Promise<number>((resolve, reject) => {
      receiver.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    return receiver;
  }

  /** For `pulumi --event-log`. */
  get address(): string {
    return `tcp://127.0.0.1:${this.port}`;
  }

  /** The events since the last call. */
  take(): EngineEvent[] {
    return this.events.splice(0);
  }

  close(): void {
    this.server.forceShutdown();
  }
}
