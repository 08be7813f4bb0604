import { createHash } from "node:crypto";
import { dirname } from "node:path";

import { BESU_IN_IMAGE } from "../besu/image";
import type { LocalNode } from "./local-plan";

/** Name of a node's container: of no other network's on the same engine, and the same at every start. */
export function containerName({ name, folder }: Pick<LocalNode, "name" | "folder">): string {
  const network = createHash("sha256").update(dirname(folder)).digest("hex").slice(0, 12);
  return `meridian-${network}-${name}`;
}

/**
 * What `docker` is started with to run a node as its child does: in the foreground, on this machine's loopback, with the
 * same paths. The container sees its node's own folder and the shared files, so no other validator's key.
 *
 * @param user `uid:gid` that owns the folders; Besu writes its database as that user. @default the image's own
 */
export const dockerRunArguments = (node: LocalNode, image: string, user?: string): string[] => [
  "run",
  "--rm",
  "--pull=never",
  `--name=${containerName(node)}`,
  `--label=meridian.network=${dirname(node.folder)}`,
  `--label=meridian.node=${node.name}`,
  "--network=host",
  ...(user === undefined ? [] : [`--user=${user}`]),
  "--cap-drop=ALL",
  "--security-opt=no-new-privileges",
  // SELinux would keep the container out of the folders, unless they were relabelled.
  "--security-opt=label=disable",
  mount(node.folder),
  ...node.shared.map((file) => `${mount(file)},readonly`),
  // Without a value docker takes the one of its own environment, so what a user put there is on no command line.
  "--env=BESU_OPTS",
  `--entrypoint=${BESU_IN_IMAGE}`,
  image,
  ...node.args,
];

/** Unlike `--volume` it refuses what does not exist. Its value is a line of CSV. */
const mount = (path: string): string => `--mount=type=bind,${csvField(`source=${path}`)},${csvField(`target=${path}`)}`;

const csvField = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
