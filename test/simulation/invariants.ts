// All invariants, in the order in which a breach is best understood.

import type { Invariant } from "./invariant.ts";
import { BrakeHolds } from "./invariants/anchors.ts";
import {
  AnswersAreDecisions,
  NoDeadMemberIsServed,
  NoForcedDownMemberIsServed,
  ServedNamesStayServed,
} from "./invariants/answers.ts";
import { BeliefsAreExplained } from "./invariants/beliefs.ts";
import { MomentsAskOnce, WindowsKeepTheFloor } from "./invariants/calendar.ts";
import { DrainedIsHeldByNobody } from "./invariants/drains.ts";
import { NobodyIsPromotedTwice } from "./invariants/handovers.ts";
import { DiskFollows, JournalIsWhole, SerialsAreNew } from "./invariants/journal.ts";
import { AllIsWellInTheEnd } from "./invariants/liveness.ts";
import { LogIsEnough } from "./invariants/log.ts";
import { ProbingIsNeeded } from "./invariants/probing.ts";
import { RestartsChangeNothing } from "./invariants/restarts.ts";
import { StickyClientsStay } from "./invariants/sticky.ts";
import { NewsAlternates, SwapsAreDue } from "./invariants/swaps.ts";

/** New ones for one play: they keep records. */
export function allInvariants(): readonly Invariant[] {
  return [
    new AnswersAreDecisions(),
    new ServedNamesStayServed(),
    new NoDeadMemberIsServed(),
    new NoForcedDownMemberIsServed(),
    new BeliefsAreExplained(),
    new BrakeHolds(),
    new ProbingIsNeeded(),
    new WindowsKeepTheFloor(),
    new MomentsAskOnce(),
    new SwapsAreDue(),
    new StickyClientsStay(),
    new NobodyIsPromotedTwice(),
    new DrainedIsHeldByNobody(),
    new NewsAlternates(),
    new SerialsAreNew(),
    new JournalIsWhole(),
    new RestartsChangeNothing(),
    new AllIsWellInTheEnd(),
    new DiskFollows(),
    new LogIsEnough(),
  ];
}
