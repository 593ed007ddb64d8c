// What is told of a decision once its answer is visible: why it is so, for dig, and the lines of the log.

import type { MemberView } from "../failover/decision.ts";
import type { LiveRequest } from "./announce.ts";
import { answerReason } from "./dig-lines.ts";
import { type DecisionNews, decisionEvent, memberEvents } from "./pool-events.ts";
import type { FamilyRuntime } from "./pool-family.ts";
import type { PoolPorts } from "./pool-ports.ts";

/** A decision of one family that was carried out. */
export interface CarriedOut {
  readonly news: DecisionNews;
  readonly runtime: Pick<FamilyRuntime, "sinceWallMs" | "swapId">;
  readonly request: LiveRequest;
  /** What was believed of the members, and what had been when the family last decided. */
  readonly views: readonly MemberView[];
  readonly before: readonly MemberView[] | undefined;
}

/** Tells what was carried out. */
export function tellDecision(
  { news, runtime, request, views, before }: CarriedOut,
  { time, publish, emit }: Pick<PoolPorts, "time" | "publish" | "emit">,
): void {
  const { decision } = news;
  const { sinceWallMs, swapId } = runtime;
  const aheadMs = time.wallMs() - time.nowMs();
  const toWallMs = (ms: number): number => Math.round(ms + aheadMs);
  publish.explain?.(request, answerReason({ decision, views, sinceWallMs, swapId }, toWallMs));
  const said = decisionEvent(news);
  if (said !== undefined) emit(said);
  for (const each of memberEvents(news, views, before)) emit(each);
}
