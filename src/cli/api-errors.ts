// What is said when a running server cannot be asked, or does not do what it is asked: one sentence,
// with the mend where there is one.

import { AppError, codeOf, messageOf } from "../base/errors.ts";
import { type ApiAddress, placeOf } from "./api-address.ts";

/** The server cannot be asked, or refuses: the message is what the operator is told. */
export class ApiError extends AppError {
  override readonly code: "API_ABSENT" | "API_REFUSED" | "API_SILENT" | "API_GARBLED";

  constructor(code: ApiError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** An answer as it came. */
export interface ApiAnswer {
  readonly status: number;
  /** Without its parameters; empty: none was named. */
  readonly mediaType: string;
  readonly body: string;
}

/** What is not an answer of livezone's API. */
export function strangeAnswer(server: ApiAddress, state: string, cause?: unknown): ApiError {
  const message = `Cannot understand the server at "${placeOf(server)}": ${state}`;
  return new ApiError("API_GARBLED", `${message}; is it livezone's API?`, cause);
}

/** What an answer says that is no success. @param document its body, parsed. */
export function refusal(
  server: ApiAddress,
  { status, mediaType }: ApiAnswer,
  document: unknown,
): ApiError {
  const { code, detail } = problemOf(document);
  if (mediaType !== "application/problem+json" || detail === undefined) {
    return strangeAnswer(server, `it answers with status ${status}, not as livezone does`);
  }
  const state = server.kind === "tcp" ? TOKEN_STATES[code ?? ""] : undefined;
  if (state === undefined) return new ApiError("API_REFUSED", detail);
  return new ApiError("API_REFUSED", `Cannot ask the server at "${placeOf(server)}": ${state}`);
}

const TOKEN_STATES: Readonly<Record<string, string>> = {
  NO_TOKEN: "it wants a token; set LIVEZONE_TOKEN, or name a file that holds it by --token-file",
  BAD_TOKEN: "it does not know the token that was sent",
};

/** Why there was no answer. */
export function unreachable(server: ApiAddress, error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const code = codeOf(error);
  const place = placeOf(server);
  if (code === "ENOENT" || code === "ECONNREFUSED") {
    const mend =
      server.kind === "socket"
        ? 'start one with "livezone serve", or name its socket with --socket PATH'
        : 'its configuration says "admin: listen:" where it does';
    return new ApiError("API_ABSENT", `No server answers at "${place}": ${mend}`, error);
  }
  const state = STATES[code ?? ""] ?? stateOf(server, error);
  return new ApiError("API_ABSENT", `Cannot ask the server at "${place}": ${state}`, error);
}

const UNTRUSTED =
  "its certificate is not trusted here; name the authority that signed it by --ca FILE";

const STATES: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "its name cannot be looked up now",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
  ETIMEDOUT: "it does not take connections",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_SSL_WRONG_VERSION_NUMBER: "it speaks no TLS",
  EPROTO: "it speaks no TLS that is understood here",
};

function stateOf(server: ApiAddress, error: unknown): string {
  const code = codeOf(error);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const names = error instanceof Error && "reason" in error ? `: ${String(error.reason)}` : "";
    return `its certificate is for other names${names.replace(/\.$/, "")}`;
  }
  const isPlain = server.kind === "tcp" && server.origin.startsWith("http:");
  if (isPlain && code === "ECONNRESET") return "it hung up; where it has TLS, write https://";
  return messageOf(error);
}

function problemOf(document: unknown): {
  readonly code: string | undefined;
  readonly detail: string | undefined;
} {
  const isObject = typeof document === "object" && document !== null;
  return {
    code: isObject && "code" in document ? String(document.code) : undefined,
    detail: isObject && "detail" in document ? String(document.detail) : undefined,
  };
}
