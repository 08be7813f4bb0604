/** A mistake of one class, made in a StatefulSet that is otherwise right. */
export interface BrokenVariant {
  readonly what: string;
  readonly breakIt: (statefulSet: any) => void;
  /** What the API server must name. */
  readonly says: RegExp;
}

const podOf = (statefulSet: any): any => statefulSet.spec.template.spec;

export const brokenVariants: readonly BrokenVariant[] = [
  {
    what: "an unknown field",
    breakIt: (set) => (podOf(set).containers[0].readOnlyRootFilesystem = true),
    says: /readOnlyRootFilesystem.*(not declared|unknown field)/,
  },
  {
    what: "a selector that does not match its template",
    breakIt: (set) => (set.spec.selector.matchLabels = { "app.kubernetes.io/name": "another" }),
    says: /selector.*does not match template/i,
  },
  {
    what: "a volume mount without its volume",
    breakIt: (set) => (podOf(set).containers[0].volumeMounts = [{ name: "nowhere", mountPath: "/nowhere" }]),
    says: /volumeMounts\[\d+\]\.name: Not found: "nowhere"/,
  },
  {
    what: "a quantity that is none",
    breakIt: (set) => (podOf(set).containers[0].resources.requests.memory = "4 gigabytes"),
    says: /quantit/i,
  },
  {
    what: "a probe of a port that is out of range",
    breakIt: (set) => (podOf(set).containers[0].ports[0].containerPort = 70_000),
    says: /containerPort.*between 1 and 65535/,
  },
];
