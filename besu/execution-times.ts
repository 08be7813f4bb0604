/** The class of Besu that executes a block's transactions; it says so before and after, at level TRACE (Besu 26.4). */
const PROCESSOR = "org.hyperledger.besu.ethereum.mainnet.AbstractBlockProcessor";

/** Configuration of log4j with which Besu says when it executed which block, in nanoseconds, besides its usual lines. */
export const EXECUTION_LOGGING = `<?xml version="1.0" encoding="UTF-8"?>
<Configuration level="WARN">
  <Appenders>
    <Console name="console"><PatternLayout pattern="%nano %p %m%n"/></Console>
  </Appenders>
  <Loggers>
    <Logger name="${PROCESSOR}" level="TRACE"/>
    <Root level="INFO"><AppenderRef ref="console"/></Root>
  </Loggers>
</Configuration>
`;

const LINE = /^(\d+) TRACE trace(Start|End)Block for (\d+)$/gm;

/**
 * How long Besu executed each block's transactions: from its first to its last, without the state root and the writing.
 *
 * @param log of a node with {@link EXECUTION_LOGGING}
 * @returns milliseconds by block number, of its last execution: a proposer may execute a block more than once
 */
export function executionTimes(log: string): Map<number, number> {
  const begun = new Map<number, bigint>();
  const times = new Map<number, number>();
  for (const [, nanos = "0", kind, block] of log.matchAll(LINE)) {
    const number = Number(block);
    const start = begun.get(number);
    if (kind === "Start") begun.set(number, BigInt(nanos));
    else if (start !== undefined) times.set(number, Number(BigInt(nanos) - start) / 1e6);
  }
  return times;
}
