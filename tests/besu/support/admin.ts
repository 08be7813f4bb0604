import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { RpcCall } from "../../../operations/json-rpc";
import { adminCommand, type AdminCalls, readAnswers } from "../../../operations/membership/admin";
import type { LocalNode } from "../../../operations/local-plan";

/** Makes calls over a node's private port, by the command that runs in pods. */
export async function administer({ ports }: LocalNode, ...calls: readonly RpcCall[]): Promise<readonly unknown[]> {
  const { stdout } = await promisify(execFile)("bash", ["-c", adminCommand(calls, ports.admin)]);
  return readAnswers(stdout, calls);
}

/** The same for the operations. @param nodeOf the node of a region, which has no more than one */
export const localAdmin = (nodeOf: (region: string) => LocalNode): AdminCalls => ({
  call: ({ region }, calls) => administer(nodeOf(region), ...calls),
});
