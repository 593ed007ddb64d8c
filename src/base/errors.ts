// The one error family of livezone: broken input and failed system calls.
// Expected outcomes are values with a `kind`; broken invariants are `assert`.

/**
 * Base of every error livezone throws on purpose.
 *
 * `message` follows `Cannot <verb> <thing>: <state>`, without a final period; `code` is stable and
 * documented, so that callers and tests never match on prose.
 */
export abstract class AppError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A state the program believed impossible. It is thrown by `assert` alone and may end a thread. */
export class InvariantError extends AppError {
  override readonly code = "INVARIANT";
}

/** The sentence of any thrown value, for a log line or an operator's terminal. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The stable code of an error (`AppError.code` or a system call's `ECONNREFUSED`), if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return error.code;
  }
  return undefined;
}
