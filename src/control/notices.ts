// Which events are worth telling somebody who is not looking, and which of them belong together.

import type { Happened } from "../events/happened.ts";
import type { Notice } from "./ports-notify.ts";

type Draft = Pick<Notice, "key" | "kind" | "severity">;

/**
 * The notice of an event, if it is worth one.
 *
 *   opened by             closed by          severity   about
 *   pool.failed-open      pool.recovered     critical   the pool's family
 *   target.contradicted   target.agreed      critical   the address
 *   store.failing         store.recovered    critical   the store
 *   image.failing         –                  critical   once
 *   handover.failed       –                  critical   once
 *   target.down           target.up          warning    the target
 *   brake.on              brake.off          warning    the brake
 *   probe.faulted         probe.recovered    warning    the prober
 *   zone.rejected         zone.published     warning    the zone
 *   delegation.broken     delegation.mended  critical   the zone's delegation
 *   zone.expired          zone.revived       critical   the copied zone
 *   primary.failing       primary.recovered  warning    the copied zone's primaries
 *   secondary.deaf        secondary.hears    warning    the secondary
 *   pool.swapped, pool.waiting, thread.died, backup.failed, maintenance.refused, tls.rejected,
 *   keys.rejected, a drill that failed: once
 */
export function noticeOf({ run, number, wallMs, event: happened }: Happened): Notice | undefined {
  const draft = draftOf(happened);
  if (draft === undefined || number === 0) return undefined;
  const { event, msg: message, ...fields } = happened;
  return { id: `${run}-${number}`, ...draft, event, message, wallMs, fields };
}

function draftOf(happened: Happened["event"]): Draft | undefined {
  switch (happened.event) {
    case "pool.failed-open":
      return opened("critical", `pool ${happened.pool} ${happened.type}`);
    case "pool.recovered":
      return closed("critical", `pool ${happened.pool} ${happened.type}`);
    case "target.contradicted":
      return opened("critical", `forced ${happened.address}`);
    case "target.agreed":
      return closed("critical", `forced ${happened.address}`);
    case "store.failing":
      return opened("critical", "store");
    case "store.recovered":
      return closed("critical", "store");
    case "target.down":
      return opened("warning", `target ${happened.target}`);
    case "target.up":
      return closed("warning", `target ${happened.target}`);
    case "brake.on":
      return opened("warning", "brake");
    case "brake.off":
      return closed("warning", "brake");
    case "probe.faulted":
      return opened("warning", "prober");
    case "probe.recovered":
      return closed("warning", "prober");
    case "zone.rejected":
      return opened("warning", `zone ${happened.zone}`);
    case "zone.published":
      return closed("warning", `zone ${happened.zone}`);
    case "image.failing":
      return once("critical", "image");
    case "drill.finished":
      return happened.passed ? undefined : once("warning", `drill ${happened.drill}`);
    case "pool.swapped":
    case "pool.waiting":
      return once("warning", `swap ${happened.pool} ${happened.type}`);
    case "handover.failed":
      return once("critical", `handover ${happened.pool}`);
    case "thread.died":
    case "backup.failed":
    case "maintenance.refused":
    case "tls.rejected":
    case "keys.rejected":
      return once("warning", happened.event);
    default:
      return ofOtherServers(happened);
  }
}

/** What is wrong between this server and the others of a zone. */
function ofOtherServers(happened: Happened["event"]): Draft | undefined {
  switch (happened.event) {
    case "delegation.broken":
      return opened("critical", `delegation ${happened.zone}`);
    case "delegation.mended":
      return closed("critical", `delegation ${happened.zone}`);
    case "zone.expired":
      return opened("critical", `expiry ${happened.zone}`);
    case "zone.revived":
      return closed("critical", `expiry ${happened.zone}`);
    case "primary.failing":
      return opened("warning", `primary ${happened.zone}`);
    case "primary.recovered":
      return closed("warning", `primary ${happened.zone}`);
    case "secondary.deaf":
      return opened("warning", `secondary ${happened.server} ${happened.zone}`);
    case "secondary.hears":
      return closed("warning", `secondary ${happened.server} ${happened.zone}`);
    default:
      return undefined;
  }
}

function opened(severity: Notice["severity"], key: string): Draft {
  return { kind: "opened", severity, key };
}

function closed(severity: Notice["severity"], key: string): Draft {
  return { kind: "closed", severity, key };
}

function once(severity: Notice["severity"], key: string): Draft {
  return { kind: "once", severity, key };
}
