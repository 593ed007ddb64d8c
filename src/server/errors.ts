// What can go wrong when listening starts: one error with stable codes and a mend in each sentence.

import { AppError } from "../base/errors.ts";
import { formatListen, type ListenAddress } from "./listen.ts";

/** The ways a listener can be refused. */
type ServerErrorCode =
  | "SERVER_ADDRESS_IN_USE"
  | "SERVER_ADDRESS_FORBIDDEN"
  | "SERVER_ADDRESS_MISSING"
  | "SERVER_FAMILY_MISSING"
  | "SERVER_ADDRESS_INVALID"
  | "SERVER_LISTEN_FAILED"
  | "SERVER_SOCKET_BROKEN"
  | "SERVER_CERTIFICATE_INVALID";

/** The server cannot listen as it was told to; nothing that was running is changed. */
export class ServerError extends AppError {
  override readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The protocol named in a refusal's sentence. */
type ListenProtocol = "UDP" | "TCP" | "TLS";

const REFUSALS: Readonly<Record<string, readonly [ServerErrorCode, string]>> = {
  EADDRINUSE: [
    "SERVER_ADDRESS_IN_USE",
    "another program uses it; stop that program, or choose another port",
  ],
  EACCES: [
    "SERVER_ADDRESS_FORBIDDEN",
    "not allowed; ports below 1024 need root or CAP_NET_BIND_SERVICE",
  ],
  EADDRNOTAVAIL: [
    "SERVER_ADDRESS_MISSING",
    "no interface of this machine has this address; add it there or choose another",
  ],
  EAFNOSUPPORT: [
    "SERVER_FAMILY_MISSING",
    "this machine has no such address family; switch it on or leave the address out",
  ],
};

/**
 * The error for a failed bind or listen.
 *
 * @param systemCode the system call's code, such as "EADDRINUSE".
 */
export function listenError(
  address: ListenAddress,
  protocol: ListenProtocol,
  systemCode: string,
  cause?: unknown,
): ServerError {
  const [code, state] = REFUSALS[systemCode] ?? ["SERVER_LISTEN_FAILED", systemCode];
  const message = `Cannot listen on ${formatListen(address)} (${protocol}): ${state}`;
  return new ServerError(code, message, { cause });
}
