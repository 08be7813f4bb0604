// Ends what a rehearsal has started when the rehearsal itself dies, by SIGKILL too: the kernel then closes our standard
// input. Lines on it: "+123" to watch a session (setsid), "-123" when it has ended by itself.
"use strict";
const { readdirSync, readFileSync } = require("node:fs");
const { createInterface } = require("node:readline");

const sessions = new Set();

/** Processes of a session; where there is no /proc, its leader's group has to do. */
const membersOf = (session) => {
  try {
    const members = readdirSync("/proc").filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]) === session;
      } catch {
        return false;
      }
    });
    return members.map(Number);
  } catch {
    return [-session];
  }
};

createInterface({ input: process.stdin })
  .on("line", (line) =>
    line.startsWith("+") ? sessions.add(Number(line.slice(1))) : sessions.delete(Number(line.slice(1))),
  )
  .on("close", () => {
    for (const pid of [...sessions].flatMap(membersOf)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it ended meanwhile
      }
    }
  });
