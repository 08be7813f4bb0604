import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";

/** What the program last said about itself; it speaks only when its event loop has nothing left to do. */
export interface ProgramReport {
  /** Calls to the engine's resource monitor without an answer yet. */
  readonly outstanding: number;
  /** The program has ended and only waits for the engine's permission to exit. */
  readonly finished: boolean;
  /** Timers and file or name look-ups in flight: waiting that looks like idleness. */
  readonly timers: number;
}

/** Listens to the preload `preload.cjs` inside the Pulumi program. */
export class ProgramWatch {
  /** The newest report since `forget`, or undefined. */
  report: ProgramReport | undefined;
  /** Whether a program is there to report. */
  connected = false;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((socket) => {
      socket.unref();
      this.connected = true;
      socket.on("error", () => socket.destroy());
      createInterface(socket).on("line", (line) => {
        this.report = JSON.parse(line) as ProgramReport;
      });
      socket.on("close", () => {
        this.report = undefined;
        this.connected = false;
      });
    });
  }

  static async listen(): Promise<ProgramWatch> {
    const watch = new ProgramWatch();
    await new Promise<void>((resolve, reject) => {
      watch.server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    watch.server.unref();
    return watch;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** After an operation was answered the old report says nothing any more. */
  forget(): void {
    this.report = undefined;
  }

  close(): void {
    this.server.close();
  }
}
