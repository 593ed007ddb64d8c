// What the prober cannot do by itself. No caller sees it: the runner makes an observation of it.

import { AppError } from "../base/errors.ts";

/** A probe that cannot even begin. */
export class ProbeError extends AppError {
  override readonly code: "PROBE_BAD_REQUEST";

  constructor(code: ProbeError["code"], host: string) {
    super(`Cannot ask "${host}": a header or the path holds a line break`);
    this.code = code;
  }
}
