// Liveness: when nothing is wrong any more, everything is well again.

import { isHost } from "../../../src/config/members.ts";
import type { MemberStatus } from "../../../src/view/status.ts";
import type { Invariant, View } from "../invariant.ts";
import { APEX, addressesOf, type Options, ownerName } from "../setup.ts";

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
        const first = firstAnswer(members, type, isTogether(options));
        if (first === undefined || setup.arePoolsDeleted) continue;
        // What flapped is kept out for its time.
        if (view.pools.some((pool) => isDamped(pool.members, first))) continue;
        const { data } = view.reply(ownerName(owner), type);
        const answered = data.join(" ");
        const areMembers = data.every((one) => addressesOf(members).includes(one));
        const isFree = FREE.some((key) => options[key] !== undefined);
        if (isFree ? !areMembers : answered !== first)
          return `${owner} ${type} is answered "${answered}", not ${first}`;
      }
    }
    return undefined;
  }
}

function typeOf(address: string): "A" | "AAAA" | "CNAME" {
  if (isHost(address)) return "CNAME";
  return address.includes(":") ? "AAAA" : "A";
}

/** With one of these the first member need not be the one that is served in the end. */
const FREE = ["failback", "mode", "policy", "gate", "fence", "promote"];

/** What is answered when all is well; "" for NODATA, undefined where there is no pool. */
function firstAnswer(
  members: readonly string[],
  type: "A" | "AAAA" | "CNAME",
  areTogether: boolean,
): string | undefined {
  const ofType = (member: string): string | undefined =>
    addressesOf([member]).find((address) => typeOf(address) === type);
  const answers = members.map(ofType);
  if (!areTogether) return answers.find((answer) => answer !== undefined);
  return answers.every((answer) => answer === undefined) ? undefined : (answers[0] ?? "");
}

function isTogether(options: Options): boolean {
  return ["families", "gate", "fence", "promote"].some((key) => options[key] !== undefined);
}

function isDamped(members: readonly MemberStatus[], id: string): boolean {
  return members.some(({ member, damping }) => {
    return member === id && damping?.reusableWallMs !== undefined;
  });
}
