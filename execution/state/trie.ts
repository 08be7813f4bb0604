import { keccak256, rlp, type RlpItem } from "./hash";

/** How a node is known to its parent: its RLP where that is shorter than a hash, else the hash (yellow paper, D). */
type Reference = RlpItem;

interface Leaf {
  readonly kind: "leaf";
  readonly path: Uint8Array;
  readonly value: Uint8Array;
  reference?: Reference | undefined;
}
interface Extension {
  readonly kind: "extension";
  readonly path: Uint8Array;
  readonly child: Branch;
  reference?: Reference | undefined;
}
/** Keys of a trie are equally long, or ordered so that none is another's beginning: branches need no value. */
interface Branch {
  readonly kind: "branch";
  readonly children: readonly (Node | undefined)[];
  reference?: Reference | undefined;
}
type Node = Leaf | Extension | Branch;

const nothing = new Uint8Array(0);
const emptyRoot = keccak256(rlp(nothing));

/**
 * A Merkle Patricia trie in memory. Changing it is cheap; the root hashes each node that changed since the last root
 * once. Nodes are never changed in place, so a copy of the trie is its root node.
 */
export class Trie {
  private top: Node | undefined;

  /** @param value no bytes remove the key */
  set(key: Uint8Array, value: Uint8Array): void {
    const path = nibbles(key);
    this.top = value.length === 0 ? removed(this.top, path) : inserted(this.top, path, value);
  }

  /** 32 bytes. */
  root(): Uint8Array {
    if (this.top === undefined) return emptyRoot;
    const reference = referenceOf(this.top);
    return reference instanceof Uint8Array ? reference : keccak256(rlp(reference));
  }
}

function nibbles(key: Uint8Array): Uint8Array {
  const path = new Uint8Array(key.length * 2);
  key.forEach((byte, at) => {
    path[at * 2] = byte >> 4;
    path[at * 2 + 1] = byte & 15;
  });
  return path;
}

function common(a: Uint8Array, b: Uint8Array): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

const noChildren: readonly undefined[] = Array.from({ length: 16 }, () => undefined);

const withChild = (children: readonly (Node | undefined)[], nibble: number, child: Node | undefined): Branch => ({
  kind: "branch",
  children: children.with(nibble, child),
});

const extended = (path: Uint8Array, node: Node): Node => {
  if (path.length === 0) return node;
  if (node.kind === "branch") return { kind: "extension", path, child: node };
  return { ...node, path: Uint8Array.from([...path, ...node.path]), reference: undefined };
};

function inserted(node: Node | undefined, path: Uint8Array, value: Uint8Array): Node {
  if (node === undefined) return { kind: "leaf", path, value };
  if (node.kind === "branch") {
    const nibble = path[0] ?? 0;
    return withChild(node.children, nibble, inserted(node.children[nibble], path.subarray(1), value));
  }
  const same = common(node.path, path);
  if (same === node.path.length) {
    if (node.kind === "leaf") return { kind: "leaf", path, value };
    return { kind: "extension", path: node.path, child: inserted(node.child, path.subarray(same), value) as Branch };
  }
  const rest = node.path.subarray(same + 1);
  const below: Node =
    node.kind === "leaf" ? { kind: "leaf", path: rest, value: node.value } : extended(rest, node.child);
  const forked = withChild(noChildren, node.path[same] ?? 0, below);
  const both = inserted(forked, path.subarray(same), value);
  return extended(path.subarray(0, same), both);
}

function removed(node: Node | undefined, path: Uint8Array): Node | undefined {
  if (node === undefined) return undefined;
  if (node.kind === "branch") {
    const nibble = path[0] ?? 0;
    const before = node.children[nibble];
    const after = removed(before, path.subarray(1));
    if (after === before) return node;
    const branch = withChild(node.children, nibble, after);
    if (after !== undefined) return branch;
    const left = [...branch.children.entries()].filter(([, child]) => child !== undefined);
    const [only] = left;
    return left.length === 1 && only?.[1] !== undefined ? extended(Uint8Array.of(only[0]), only[1]) : branch;
  }
  if (common(node.path, path) < node.path.length) return node;
  if (node.kind === "leaf") return undefined;
  const child = removed(node.child, path.subarray(node.path.length));
  if (child === node.child) return node;
  return child === undefined ? undefined : extended(node.path, child);
}

/** Hex-prefix encoding (yellow paper, C). */
function compact(path: Uint8Array, isLeaf: boolean): Uint8Array {
  const odd = path.length % 2;
  const bytes = new Uint8Array(1 + (path.length - odd) / 2);
  bytes[0] = (isLeaf ? 32 : 0) + (odd === 1 ? 16 + (path[0] ?? 0) : 0);
  for (let at = odd, to = 1; at < path.length; at += 2) bytes[to++] = ((path[at] ?? 0) << 4) | (path[at + 1] ?? 0);
  return bytes;
}

function referenceOf(node: Node): Reference {
  if (node.reference !== undefined) return node.reference;
  const raw: RlpItem =
    node.kind === "branch"
      ? [...node.children.map((child) => (child === undefined ? nothing : referenceOf(child))), nothing]
      : [compact(node.path, node.kind === "leaf"), node.kind === "leaf" ? node.value : referenceOf(node.child)];
  const encoded = rlp(raw);
  node.reference = encoded.length < 32 ? raw : keccak256(encoded);
  return node.reference;
}
