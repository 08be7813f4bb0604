/**
 * Passes Ctrl-C and SIGTERM on until `dispose`: the first asks to stop, the second insists.
 * @returns `received` tells whether one came
 */
export const onInterrupt = (
  interrupt: () => void,
): { readonly received: () => boolean; readonly dispose: () => void } => {
  let received = false;
  const handler = (): void => {
    process.stderr.write(received ? "\nkilling\n" : "\nstopping; press Ctrl-C again to kill\n");
    received = true;
    interrupt();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, handler);
  return {
    received: () => received,
    dispose: () => {
      for (const signal of signals) process.off(signal, handler);
    },
  };
};
