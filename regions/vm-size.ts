/**
 * The vCPUs of an Azure VM size, as its name says: `Standard_D4s_v5` has 4, `Standard_M8-2ms` is constrained to 2.
 *
 * Source: Azure docs, "Virtual machine sizes naming conventions": family, sub-family, number of vCPUs, constrained
 * vCPUs, additive features, version.
 *
 * @returns undefined for a name of another form
 */
export function vcpusOf(vmSize: string): number | undefined {
  const match = /^[A-Z][A-Za-z]+_[A-Z]{1,3}(\d+)(?:-(\d+))?[a-z]*(?:_|$)/.exec(vmSize);
  const count = match?.[2] ?? match?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Cores of a node that each of its validators can count on; undefined where the size's name does not say. */
export function coresPerValidator(
  {
    validatorVmSize,
    validatorNodes,
  }: { readonly validatorVmSize: string; readonly validatorNodes?: number | undefined },
  validators: number,
): number | undefined {
  const cores = vcpusOf(validatorVmSize);
  const onOneNode = Math.ceil(validators / (validatorNodes ?? validators));
  return cores === undefined ? undefined : Math.max(1, Math.floor(cores / onOneNode));
}
