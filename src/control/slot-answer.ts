// What the image is given for a pool's answer.

import { unreachable } from "../base/assert.ts";
import type { SlotAnswer } from "../image/writer.ts";
import type { LiveRequest } from "./announce.ts";

/** One answer with all records, or one of each record and how to pick among them. */
export function slotAnswer({ rdatas, pick, ttlSeconds: ttl }: LiveRequest): SlotAnswer {
  if (pick === undefined || rdatas.length === 0) {
    // A family that the served member lacks, or that nobody is up for: not longer than an answer.
    const picker = rdatas.length > 1 ? "rotate" : "first";
    return { picker, ttl, negativeTtl: ttl, variants: [rdatas] };
  }
  const variants = rdatas.map((rdata) => [rdata]);
  switch (pick.by) {
    case "weight":
      return { picker: "alias", ttl, variants, weights: pick.weights };
    case "source":
      return { picker: "rendezvous", ttl, variants };
    case "subnet":
      return { picker: "rendezvous-subnet", ttl, variants };
    default:
      return unreachable(pick);
  }
}
