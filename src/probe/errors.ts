// What the prober cannot do by itself. No caller sees it: the runner makes an observation of it.

import { AppError } from "../base/errors.ts";

/** A probe that cannot even begin. */
export class ProbeError extends AppError {
  override readonly code: "PROBE_BAD_REQUEST" | "PROBE_BAD_PROGRAM" | "PROBE_BAD_FILE";

  constructor(code: ProbeError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
