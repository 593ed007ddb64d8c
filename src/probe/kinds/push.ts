// Kind "push": the target, or a monitor on its behalf, reports in; the last report is the answer.

import { formatDuration } from "../../base/duration.ts";
import type { PushAsk } from "../../config/ask.ts";
import type { Heartbeat } from "../heartbeats.ts";
import type { Finding, Kind } from "../kind.ts";

/**
 *   last report             observed
 *   good, not too old       ok
 *   bad, not too old        push-failed, hard: the target's own word
 *   none, or older than ttl push-silent
 */
export const push: Kind<PushAsk> = {
  begin: ({ ttlMs }, { heartbeat, time }, done) => {
    const nowMs = time.nowMs();
    const finding = findingOf(heartbeat ?? { kind: "none", sinceMs: nowMs }, ttlMs, nowMs);
    const cancel = time.after(0, () => done(finding));
    return () => {
      cancel();
      return finding;
    };
  },
};

function findingOf(heartbeat: Heartbeat, ttlMs: number, nowMs: number): Finding {
  const finding = (code: Finding["code"], detail: string): Finding => {
    return { code, isHard: code === "push-failed", phases: {}, detail };
  };
  const ttl = formatDuration(ttlMs);
  if (heartbeat.kind === "none") return finding("push-silent", `no report yet, waiting for ${ttl}`);
  const ageMs = nowMs - heartbeat.atMs;
  if (ageMs >= ttlMs) {
    const age = formatDuration(Math.round(ageMs / 1000) * 1000);
    return finding("push-silent", `no report for ${age}, expected one every ${ttl}`);
  }
  if (heartbeat.isGood) return finding("ok", "");
  return finding("push-failed", heartbeat.detail === "" ? "reported bad" : heartbeat.detail);
}
