/** Gas that a transaction may use at most (EIP-7825, Osaka). */
export const TRANSACTION_GAS_CAP = 16_777_216n;
