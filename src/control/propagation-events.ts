// What is said of a propagation: one line for each thing that is worth telling.

import { counted } from "../base/count.ts";
import { formatDuration } from "../base/duration.ts";
import { event, type LivezoneEvent } from "../events/event.ts";
import type { BookNews } from "../propagation/book.ts";
import { figuresOf } from "../propagation/figures.ts";
import { shownResolver } from "./held-reading.ts";
import type { Tracked } from "./propagation-story.ts";

/** The events of a book's news. */
export function newsEvents(
  tracked: Tracked,
  news: readonly BookNews[],
  addresses: "prefix" | "full",
  nowMs: number,
): readonly LivezoneEvent[] {
  return news.map((one) => newsEvent(tracked, one, addresses, nowMs));
}

function newsEvent(
  { pool, type, book, before, after, isPicked }: Tracked,
  news: BookNews,
  addresses: "prefix" | "full",
  nowMs: number,
): LivezoneEvent {
  const { swap, isAtLeast: atLeast } = book;
  const of = { swap, pool, type };
  const figures = figuresOf(book);
  const { resolvers, queries, counts, t50Ms, t90Ms, t99Ms } = figures;
  const least = atLeast ? "at least " : "";
  // Where an answer holds one record, one that stays is as good as before.
  const gone = isPicked ? before.filter((member) => !after.includes(member)) : before;
  const old = gone.join(", ") || "nothing";
  const afterMs = Math.max(0, Math.round(nowMs - book.openedMs));
  switch (news.kind) {
    case "opened": {
      const lastMs = figures.lastMs ?? 0;
      const isUnknown = atLeast && resolvers === 0;
      const who = isUnknown ? "somebody" : `${least}${counted(resolvers, "resolver")}`;
      const msg = `Swap ${swap}: ${who} may hold ${old} for ${pool}, the last one for ${told(lastMs)}`;
      const moments = { t50Ms, t90Ms, t99Ms, lastMs };
      return event("propagation.opened", msg, { ...of, resolvers, queries, atLeast, ...moments });
    }
    case "progress": {
      const { percent } = news;
      const holding = counts.holding + counts.overdue;
      const rest = atLeast && holding === 0 ? "others may not have" : `${least}${holding} have not`;
      const msg = `Swap ${swap}: ${percent} % have moved after ${told(afterMs)}, ${rest}`;
      return event("propagation.progress", msg, { ...of, percent, afterMs, holding, atLeast });
    }
    case "overdue": {
      const { evidence } = news;
      const lateMs = Math.max(0, Math.round(news.lateMs));
      const resolver =
        evidence === "seen" ? news.resolver : shownResolver(news.resolver, addresses);
      const how =
        evidence === "seen"
          ? `still answers ${old}, ${told(lateMs)} after it should not`
          : `keeps answers longer than their TTL and may still give ${old}`;
      const msg = `Swap ${swap}: ${resolver} ${how}`;
      return event("propagation.overdue", msg, { ...of, resolver, lateMs, evidence });
    }
    case "recovered": {
      const { resolver } = news;
      const lateMs = Math.max(0, Math.round(news.lateMs));
      const msg = `Swap ${swap}: ${resolver} answers the new records, ${told(lateMs)} late`;
      return event("propagation.recovered", msg, { ...of, resolver, lateMs });
    }
    case "drained": {
      const { confirmed, expired, overdue } = counts;
      const late = overdue === 0 ? "" : `, but ${counted(overdue, "resolver")} overdue`;
      const msg =
        resolvers === 0 && !atLeast
          ? `Swap ${swap}: nobody holds ${old} for ${pool}`
          : `Swap ${swap}: no honest cache holds ${old} for ${pool} any more${late}`;
      const fields = { ...of, afterMs, confirmed, expired, overdue, atLeast };
      return event("propagation.drained", msg, fields);
    }
  }
}

function told(durationMs: number): string {
  return formatDuration(
    durationMs < 1000 ? Math.round(durationMs) : Math.round(durationMs / 1000) * 1000,
  );
}
