// What people are told without asking: notices, and who receives them.

/** How grave a notice is, least first. */
export type NoticeSeverity = "info" | "warning" | "critical";

/** Something worth telling somebody who is not looking. */
export interface Notice {
  /** Of the event that it is about: no receiver is told of one twice. */
  readonly id: string;
  /** What it is about. What opens a trouble and what closes it have the same. */
  readonly key: string;
  /** opens a trouble that lasts, closes it, or happens once. */
  readonly kind: "opened" | "closed" | "once";
  readonly severity: NoticeSeverity;
  /** The event's name and its sentence. */
  readonly event: string;
  readonly message: string;
  readonly wallMs: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Who is told, of what, and how. */
export interface NotifyReceiver {
  readonly name: string;
  /** A webhook, or a program that is given the notice on its standard input. */
  readonly to:
    | { readonly kind: "webhook"; readonly url: string; readonly secret: string | undefined }
    | { readonly kind: "exec"; readonly program: string };
  /** Less grave ones are not for it. */
  readonly severity: NoticeSeverity;
  /** A trouble that is over within this is never told. */
  readonly delayMs: number;
  /** A trouble that lasts is told again after this; undefined: once. */
  readonly repeatMs: number | undefined;
}

/** Tells receivers. Never waited for, never throws. */
export interface NotifyPort {
  /** Takes a notice; `isPast`: it was told before a restart and counts as known. */
  notice(notice: Notice, isPast?: boolean): void;
  close(): void;
}
