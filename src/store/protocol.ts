// What a client and the thread that serves it say to each other over a MessagePort. Both run the
// same build, so messages carry no version and are not validated.

import type { StoreErrorCode } from "./errors.ts";
import type { StoreOperations } from "./operations.ts";

/** Operations a client may ask for; closing the database is its thread's own affair. */
export type StoreOperation = Exclude<keyof StoreOperations, "close">;

/** An operation with its arguments. */
export type StoreCall = {
  [Op in StoreOperation]: {
    readonly op: Op;
    readonly args: Readonly<Parameters<StoreOperations[Op]>>;
  };
}[StoreOperation];

/** What an operation brings. */
export type StoreResult<Op extends StoreOperation> = Awaited<ReturnType<StoreOperations[Op]>>;

/** From the client. `hang-up`: no more will be asked on this port. */
export type StoreRequest =
  | { readonly id: number; readonly kind: "call"; readonly call: StoreCall }
  | { readonly id: number; readonly kind: "hang-up" };

/** From the thread, once for each request. */
export type StoreReply =
  | { readonly id: number; readonly kind: "done"; readonly value: unknown }
  | {
      readonly id: number;
      readonly kind: "failed";
      readonly code: StoreErrorCode;
      readonly message: string;
    };
