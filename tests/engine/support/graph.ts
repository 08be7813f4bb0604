/** One resource group of the test program. */
export interface GraphNode {
  readonly name: string;
  /** Names of the resources that it depends on. */
  readonly after: readonly string[];
  readonly location: string;
  /** Changing it is an update in place. */
  readonly tag: string;
  /** Named by the program, so that a replacement deletes first. @default named by the provider */
  readonly fixedName?: string;
}
