// Policy "sticky": one member for each client, always the same one.

import { chooseActive } from "./all-active.ts";
import type { Choice, DecisionInput } from "./decision.ts";

/**
 * Answers each client, told apart by its address prefix, with one of the usable members: the first
 * in that client's own order of all members (rendezvous hashing).
 *
 *   a             b      c      clients of a   of b   of c   code
 *   up            up     up     a              b      c      all-up
 *   down          up     up     b or c         b      c      some-down
 *   up, in hold   up     up     b or c         b      c      failback-hold
 *   up, held      up     up     a              b      c      all-up
 *   down          down   up     c              c      c      some-down
 *   down          down   down   as `chooseLastResort` says   all-down
 *
 * Only the clients of a member that changes are moved, and moved back; what each member's clients
 * are follows from its address alone, so that a restart, another order of the members and another
 * server with the same pool change nothing.
 *
 * Who may be answered is decided as in `chooseAllActive`, and with the same holds. The panic floor
 * is off by default: whoever is given a dead member here has no other one to try.
 */
export function chooseSticky(input: DecisionInput): Choice {
  return chooseActive(input, 0);
}
