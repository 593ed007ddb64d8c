// What is asked for and cannot be done: no defect and no broken input, but an answer.

import { AppError } from "./errors.ts";

/**
 * Why something is refused: it is not there, it cannot be meant so, the state of things forbids it,
 * it was decided on a state that is past, it leaves out what it depends on.
 */
export type RefusalKind = "absent" | "unfit" | "conflict" | "stale" | "unsaid";

/** A request that is refused; `code` is stable, the message says what would help. */
export class Refusal extends AppError {
  override readonly code: string;
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, code: string, message: string) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}
