import { main } from "../../cli/main";

/** Runs one command line in this process, and keeps what it prints. */
export async function runCommand(...argv: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const spies = [
    jest.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((printed.out += String(text)))),
    jest.spyOn(process.stderr, "write").mockImplementation((text) => Boolean((printed.err += String(text)))),
  ];
  try {
    return { exitCode: await main(argv), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
