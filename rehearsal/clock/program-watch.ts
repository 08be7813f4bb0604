import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";

/** What the program says about itself when its event loop has nothing left to do. */
export interface ProgramReport {
  /** Calls to the engine's resource monitor without an answer yet. */
  readonly outstanding: number;
  /** The program has ended and only waits for the engine's permission to exit. */
  readonly finished: boolean;
  /** Timers and file or name look-ups in flight: waiting that looks like idleness. */
  readonly timers: number;
}

/** It has something to do again; said before any call that follows from it. */
interface ProgramBusy {
  readonly busy: true;
}

/** Listens to the preload `preload.cjs` inside the Pulumi program. */
export class ProgramWatch {
  /** What it said last, if it is at rest since, and since `forget`. */
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
        const said = JSON.parse(line) as ProgramReport | ProgramBusy;
        this.report = "busy" in said ? undefined : said;
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
