// Liveness: when nothing is wrong any more, everything is well again.

import { isHost } from "../../../src/config/members.ts";
import type { MemberStatus } from "../../../src/view/status.ts";
import type { Invariant, View } from "../invariant.ts";
import { APEX, ownerName } from "../setup.ts";

/** After all faults the first member is served, and the files are in force. */
export class AllIsWellInTheEnd implements Invariant {
  readonly name = "when all faults are over for long, all is as the files say";

  settled(view: View): string | undefined {
    if (!view.isReady) return "control does not run";
    const { setup } = view;
    const txt = view.reply(`txt.${APEX}`, "TXT").data.join(" ");
    if (!setup.isZoneBroken && txt !== `"${setup.txt}"`) {
      return `txt is ${txt}, the zone file says "${setup.txt}"`;
    }
    for (const target of view.status.targets) {
      if (target.belief !== "up") return `${target.target} is ${target.belief}: ${target.reason}`;
    }
    for (const [owner, { members, options }] of setup.pools) {
      for (const type of ["A", "AAAA", "CNAME"] as const) {
        const first = members.find((member) => typeOf(member) === type);
        if (first === undefined || setup.arePoolsDeleted) continue;
        // What flapped is kept out for its time.
        if (view.pools.some((pool) => isDamped(pool.members, first))) continue;
        const { data } = view.reply(ownerName(owner), type);
        const answered = data.join(" ");
        const areMembers = data.every((one) => members.includes(one));
        const isFree = ["failback", "mode", "policy"].some((key) => options[key] !== undefined);
        if (isFree ? !areMembers : answered !== first)
          return `${owner} ${type} is answered "${answered}", not ${first}`;
      }
    }
    return undefined;
  }
}

function typeOf(member: string): "A" | "AAAA" | "CNAME" {
  if (isHost(member)) return "CNAME";
  return member.includes(":") ? "AAAA" : "A";
}

function isDamped(members: readonly MemberStatus[], id: string): boolean {
  return members.some(({ member, damping }) => {
    return member === id && damping?.reusableWallMs !== undefined;
  });
}
