// What an entry of the catalog is.

import { z } from "zod";

/** How loud an event is, in pino's words. */
export type EventLevel = "debug" | "info" | "warn" | "error" | "fatal";

/** One event's level, meaning and fields. */
export interface EventKind<Shape extends z.ZodRawShape> {
  readonly level: EventLevel;
  readonly summary: string;
  readonly fields: z.ZodObject<Shape>;
}

/** An entry of the catalog. */
export function kind<Shape extends z.ZodRawShape>(
  level: EventLevel,
  summary: string,
  shape: Shape,
): EventKind<Shape> {
  return { level, summary, fields: z.object(shape) };
}
