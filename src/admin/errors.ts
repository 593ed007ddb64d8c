// What can keep the API from being offered.

import { AppError } from "../base/errors.ts";

/** The socket cannot be had: somebody answers on it, it is another file, its path does not fit. */
export class AdminError extends AppError {
  override readonly code:
    | "ADMIN_SOCKET_IN_USE"
    | "ADMIN_SOCKET_NOT_A_SOCKET"
    | "ADMIN_SOCKET_PATH_TOO_LONG"
    | "ADMIN_SOCKET_UNUSABLE"
    | "ADMIN_ADDRESS_UNUSABLE";

  constructor(code: AdminError["code"], path: string, state: string, cause?: unknown) {
    super(`Cannot offer the API at "${path}": ${state}`, { cause });
    this.code = code;
  }
}
