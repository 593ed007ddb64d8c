// Policy "weighted": one member in each answer, drawn by weight.

import { chooseActive } from "./all-active.ts";
import type { Choice, DecisionInput } from "./decision.ts";

/**
 * Answers every usable member, one at a time, each as often as its weight says among those that are
 * answered.
 *
 *   a (weight 3)   b (weight 1)   answered            code
 *   up             up             a 75 %, b 25 %      all-up
 *   up             down           a                   some-down
 *   down           up             b                   some-down, panic with a floor above 0.25
 *   up, in hold    up             b                   failback-hold
 *   down           damped         b                   some-down
 *   down           down           as `chooseLastResort` says, by weight   all-down
 *
 * Who may be answered is decided as in `chooseAllActive`, and with the same holds. The panic floor
 * is a share of weight, and off by default: whoever is given a dead member here has no other one to
 * try, and the heaviest member's death alone would be cause for panic.
 */
export function chooseWeighted(input: DecisionInput): Choice {
  return chooseActive(input, 0);
}
