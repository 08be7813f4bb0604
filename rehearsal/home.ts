import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { parse, stringify } from "yaml";

import { tryFileLock } from "../contracts/file-lock";
import { MeridianError } from "../errors";

/** Another rehearsal uses the same folder. */
export class RehearsalBusyError extends MeridianError {
  constructor(folder: string) {
    super(`Another rehearsal is running in ${folder}.`, {
      hint: "Wait for it to end, or stop it with Ctrl-C where it runs.",
    });
  }
}

/** Takes the folder's lock. @returns what frees it @throws RehearsalBusyError when another process has it */
export const takeFolder = (folder: string): (() => void) => {
  const release = tryFileLock(join(folder, "lock"));
  if (release === undefined) throw new RehearsalBusyError(folder);
  return release;
};

/** @throws RehearsalBusyError when a rehearsal is running in the folder */
export const requireIdle = (folder: string): void => takeFolder(folder)();

export interface HomeOptions {
  /** Where everything of the rehearsal is kept, e.g. `.rehearsal`. */
  readonly folder: string;
  /** Folder of the Pulumi program. */
  readonly program: string;
  /** Absolute path of the pulumi binary; its language host lies beside it or on PATH. */
  readonly pulumi: string;
  readonly stack: string;
  /** Folder of the home whose backend and passphrase are used, so that stacks may refer to each other. @default `folder` */
  readonly backend?: string;
}

/**
 * A Pulumi home, file backend and passphrase of the rehearsal's own, so that it can never touch a real stack. Exclusive:
 * the kernel drops the lock when the process that holds it dies.
 */
export class RehearsalHome {
  readonly configFile: string;
  /** Frees the folder's lock. */
  readonly close: () => void;

  constructor(private readonly options: HomeOptions) {
    const { folder, stack } = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    mkdirSync(join(this.shared, "backend"), { recursive: true, mode: 0o700 });
    this.close = takeFolder(folder);
    this.clearLocks();
    this.keepNoLog();
    this.writePassphrase();
    this.configFile = join(folder, `Pulumi.${stack}.yaml`);
  }

  /** We are alone with our stack: while no engine of ours runs, an engine's lock on it is left over from a killed one. */
  clearLocks(): void {
    const locks = join(this.shared, "backend", ".pulumi", "locks", "organization");
    for (const project of existsSync(locks) ? readdirSync(locks) : []) {
      rmSync(join(locks, project, this.options.stack), { recursive: true, force: true });
    }
  }

  /** Environment for the Pulumi CLI: nothing of the user's own Pulumi settings reaches it. */
  environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const { folder, pulumi } = this.options;
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
    return {
      ...Object.fromEntries(inherited),
      PATH: [dirname(pulumi), process.env.PATH].join(delimiter),
      PULUMI_HOME: join(folder, "pulumi-home"),
      PULUMI_BACKEND_URL: `file://${join(this.shared, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(this.shared, "passphrase"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_DEBUG_COMMANDS: "true", // offers --event-log
      PULUMI_NODEJS_TRANSPILE_ONLY: "true", // types are checked by `npm run types`
      PULUMI_DIY_BACKEND_ZSTD: "true",
      ...extra,
    };
  }

  /** Whether the stack has been created in this home. */
  get hasStack(): boolean {
    return existsSync(this.scratchConfig);
  }

  /** Creates the stack on first use and writes its configuration: the project's, with the salt of this passphrase. */
  prepareStack(configuration: string): void {
    const { program, pulumi, stack } = this.options;
    const scratch = dirname(this.scratchConfig);
    if (!this.hasStack) {
      mkdirSync(scratch, { recursive: true });
      const { name } = parse(readFileSync(join(program, "Pulumi.yaml"), "utf8")) as { name: string };
      writeFileSync(join(scratch, "Pulumi.yaml"), stringify({ name, runtime: "nodejs" }));
      // Created in a folder of its own, because the CLI writes the salt into the stack file beside Pulumi.yaml.
      execFileSync(pulumi, ["stack", "init", stack, "--non-interactive"], {
        cwd: scratch,
        env: this.environment(),
        stdio: "pipe",
      });
    }
    const { encryptionsalt } = parse(readFileSync(this.scratchConfig, "utf8")) as { encryptionsalt: string };
    const settings = (existsSync(configuration) ? parse(readFileSync(configuration, "utf8")) : {}) as object | null;
    writeFileSync(this.configFile, stringify({ ...settings, encryptionsalt }));
  }

  /**
   * The CLI writes every message of its engine, at the finest level, into a compressed and encrypted log of
   * its own: a third of the engine's time in a preview without changes (docs/performance.md). It has no switch; where
   * the folder cannot be made it goes on without.
   */
  private keepNoLog(): void {
    const home = join(this.options.folder, "pulumi-home");
    mkdirSync(home, { recursive: true });
    rmSync(join(home, "logs"), { recursive: true, force: true });
    writeFileSync(join(home, "logs"), "");
  }

  private get shared(): string {
    return this.options.backend ?? this.options.folder;
  }

  private get scratchConfig(): string {
    return join(this.options.folder, "stack", `Pulumi.${this.options.stack}.yaml`);
  }

  private writePassphrase(): void {
    const file = join(this.shared, "passphrase");
    if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  }
}
