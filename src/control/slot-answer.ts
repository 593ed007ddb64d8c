// What the image is given for a pool's answer.

import { unreachable } from "../base/assert.ts";
import type { SlotAnswer } from "../image/writer.ts";
import type { LiveRequest } from "./announce.ts";

/**
 * One answer with all records, or one of each record and how to pick among them.
 *
 * @param isSame its records are those that the slot answers already.
 */
export function slotAnswer(request: LiveRequest, isSame: boolean): SlotAnswer {
  const { rdatas, pick, ttlSeconds: ttl } = request;
  if (pick === undefined || rdatas.length === 0) {
    // A family that the served member lacks, or that nobody is up for: not longer than an answer.
    const picker = rdatas.length > 1 ? "rotate" : "first";
    return { picker, ttl, negativeTtl: ttl, variants: [rdatas], isSame };
  }
  const variants = rdatas.map((rdata) => [rdata]);
  switch (pick.by) {
    case "weight":
      return { picker: "alias", ttl, variants, weights: pick.weights, isSame };
    case "source":
      return { picker: "rendezvous", ttl, variants, isSame };
    case "subnet":
      return { picker: "rendezvous-subnet", ttl, variants, isSame };
    default:
      return unreachable(pick);
  }
}
