// System errors as observations: which of them blame the target, and which this host.

import { codeOf, messageOf } from "../base/errors.ts";
import type { ObservationCode } from "../health/observation.ts";

/** How far a connection had come when it failed. */
export type FaultStage = "local" | "connecting" | "securing" | "connected";

/** An error's code and whether the target's own host reported it. */
export interface Fault {
  readonly code: ObservationCode;
  readonly isHard: boolean;
  readonly detail: string;
}

const RESOURCES = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EAGAIN", "EADDRINUSE"]);
const UNREACHABLE = new Set(["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "EACCES", "EPERM"]);

/**
 * What a failed connection says.
 *
 *   error                        local              connecting            connected
 *   ECONNREFUSED                 connect-refused    connect-refused       connect-reset
 *   ECONNRESET EPIPE             connect-reset      connect-reset         connect-reset
 *   ETIMEDOUT                    connect-timeout    connect-timeout       response-timeout
 *   EHOSTUNREACH ENETUNREACH ... prober-network     connect-unreachable   connect-unreachable
 *   EMFILE ENOBUFS ...           prober-resources   the same              the same
 *   EADDRNOTAVAIL (bind)         prober-config      -                     -
 *   EADDRNOTAVAIL (connect)      prober-resources   the same              -
 *   anything else                prober-config      connect-unreachable   response-closed
 *
 * While the TLS handshake runs it is as for "connected", but ETIMEDOUT is "tls-timeout" and anything
 * else "tls-handshake", as is every error of TLS itself at any time.
 *
 * "local" means that the system call itself failed, before any packet left: no route, a local
 * firewall, no descriptor. The same numbers arriving later were sent by the network on the way
 * (ICMP) and do count: a site whose routes are gone is down. The first line's "hard" errors come
 * from the target's own host.
 */
export function faultOf(error: unknown, stage: FaultStage): Fault {
  const code = codeOf(error) ?? "";
  const tls = tlsFault(error, code, stage);
  if (tls !== undefined) return tls;
  const detail = messageOf(error);
  const soft = (name: ObservationCode): Fault => ({ code: name, isHard: false, detail });
  const hard = (name: ObservationCode): Fault => ({ code: name, isHard: true, detail });
  if (code === "ECONNREFUSED" && stage !== "connected") return hard("connect-refused");
  if (["ECONNREFUSED", "ECONNRESET", "EPIPE", "ECONNABORTED"].includes(code)) {
    return hard("connect-reset");
  }
  if (RESOURCES.has(code)) return soft("prober-resources");
  if (code === "ENETDOWN") return soft("prober-network");
  if (code === "EADDRNOTAVAIL") {
    return soft(syscallOf(error) === "bind" ? "prober-config" : "prober-resources");
  }
  if (code === "ETIMEDOUT") {
    if (stage === "securing") return soft("tls-timeout");
    return soft(stage === "connected" ? "response-timeout" : "connect-timeout");
  }
  if (UNREACHABLE.has(code)) {
    return soft(stage === "local" ? "prober-network" : "connect-unreachable");
  }
  if (stage === "local") return soft("prober-config");
  if (stage === "securing") return soft("tls-handshake");
  return soft(stage === "connecting" ? "connect-unreachable" : "response-closed");
}

/** The other side went away before the TLS handshake was over, without a word of TLS. */
export const CLOSED_IN_HANDSHAKE: Fault = {
  code: "tls-handshake",
  isHard: false,
  detail: "closed within the TLS handshake",
};

/** Errors of TLS itself; a connection closed within the handshake gets a number of node's own. */
function tlsFault(error: unknown, code: string, stage: FaultStage): Fault | undefined {
  const isNodes = code === "ECONNRESET" && syscallOf(error) === undefined;
  if (stage === "securing" && isNodes) return CLOSED_IN_HANDSHAKE;
  const isOfTls = code === "EPROTO" || /^ERR_(?:SSL|TLS)_/.test(code);
  if (!isOfTls || stage === "local") return undefined;
  const reason = error instanceof Error && "reason" in error ? error.reason : undefined;
  const detail = `TLS: ${typeof reason === "string" ? reason : messageOf(error)}`;
  return { code: "tls-handshake", isHard: false, detail };
}

function syscallOf(error: unknown): unknown {
  return error instanceof Error && "syscall" in error ? error.syscall : undefined;
}
