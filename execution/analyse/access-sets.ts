import type { BlockAccess } from "./access";
import { accessFromList } from "./block-access-list";
import { accessFromPrestate } from "./prestate";
import type { RecordedBlock } from "./recorded";

/** The access sets of a block from whatever it was recorded by. */
export const accessOf = (recorded: RecordedBlock): BlockAccess =>
  recorded.prestate === undefined && recorded.accessList !== undefined
    ? accessFromList(recorded)
    : accessFromPrestate(recorded);
