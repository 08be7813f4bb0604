/**
 * Changes the arguments of one child before it is made: the way out where Meridian has no setting.
 *
 * A transform sees what the component would have asked for, and returns what is asked for in its place.
 */
export type Transform<Args> = (args: Args) => Args;

/** A child's arguments after its transform, if it has one. */
export const transformed = <Args>(transform: Transform<Args> | undefined, args: Args): Args =>
  transform === undefined ? args : transform(args);
