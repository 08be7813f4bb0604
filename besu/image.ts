/** Besu's container image: what the clusters run by default (`chain.besuImage`), and the local network where Docker is. */
export const BESU_IMAGE = "hyperledger/besu:26.8.0";

/** Besu in that image. The image's own entry script joins its arguments into one line of shell (besu, docker/Dockerfile). */
export const BESU_IN_IMAGE = "/opt/besu/bin/besu";
