import { METRICS_PORT } from "../besu/node-options";

/** Name of the script in a node's ConfigMap. */
export const PROBE_FILE = "probe.sh";

/**
 * A probe that means something: Besu's /readiness stays 200 on a halted chain and /liveness is always UP (measured,
 * Besu 26.8.0), while the age of the chain's head tells a node that follows the chain from one that does not.
 *
 * `alive`: the node answers. `ready SECONDS`: its newest block is at most so old, or it waits for the chain's first.
 * `ready SECONDS BLOCKS`: also it has a peer, and is at most so many blocks behind the best that any peer told of: a node
 * that is still fetching the chain has the first block of a chain, and no business of answering.
 * In bash alone, which Besu's image has; it has neither curl nor wget. Exit code 0 is yes.
 */
export const PROBE_SCRIPT = `#!/bin/bash
set -eu
export LC_ALL=C
exec 3<>"/dev/tcp/127.0.0.1/\${METRICS_PORT:-${METRICS_PORT}}"
printf 'GET /metrics HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3
height='' head='' best=0 peers=0
while IFS=' ' read -r name value _ <&3 || [ -n "$name" ]; do
  case $name in
    ethereum_blockchain_height) printf -v height '%.0f' "\${value%$'\\r'}" ;;
    ethereum_best_known_block_number) printf -v best '%.0f' "\${value%$'\\r'}" ;;
    ethereum_peer_count) printf -v peers '%.0f' "\${value%$'\\r'}" ;;
    besu_blockchain_chain_head_timestamp) printf -v head '%.0f' "\${value%$'\\r'}" ;;
  esac
done
[ -n "$height" ] || { echo "no metrics"; exit 1; }
[ "$1" = ready ] || exit 0
if [ -n "\${3:-}" ]; then
  [ "$peers" != 0 ] || { echo "no peers"; exit 1; }
  lag=$((best - height))
  [ "$lag" -le "$3" ] || { echo "block $height is $lag behind"; exit 1; }
fi
[ "$height" != 0 ] || exit 0
printf -v now '%(%s)T' -1
age=$((now - head))
[ "$age" -le "$2" ] || { echo "block $height is $age s old"; exit 1; }
`;
