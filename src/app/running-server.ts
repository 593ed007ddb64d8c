// A server within its process, as whoever starts one sees it.

import { AppError } from "../base/errors.ts";
import type { ListenAddress } from "../server/listen.ts";
import type { ThreadStatus } from "../view/status.ts";

/** What a running server can be asked from within its process. */
export interface Server {
  /** Where it listens, with the ports it really has. */
  readonly addresses: readonly ListenAddress[];
  readonly zones: number;
  threads(): readonly ThreadStatus[];
  /** Looks at every zone and pools file now. */
  rescan(): void;
  /** Ends one thread as a defect would; its replacement follows. For tests of exactly that. */
  killThread(kind: ThreadStatus["kind"], index: number): Promise<void>;
  stop(cause: string): Promise<void>;
}

/** Nothing can be served: no listen address or no zone is usable. */
export class StartError extends AppError {
  override readonly code: "START_NO_ADDRESS" | "START_NO_ZONE";

  constructor(code: StartError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
