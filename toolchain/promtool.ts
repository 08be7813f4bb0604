import type { DebianTool } from "./debian-package";

/** Prometheus' promtool, which tests alert rules. */
export const promtool: DebianTool = {
  name: "promtool",
  package: "prometheus",
  megabytes: 19,
  variable: "MERIDIAN_PROMTOOL",
  program: "usr/bin/promtool",
  install:
    "Install Prometheus (Debian and Ubuntu: apt-get install prometheus), or set MERIDIAN_PROMTOOL to the promtool of one that is there: https://prometheus.io/download/",
};
