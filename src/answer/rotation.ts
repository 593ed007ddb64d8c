// Which record of an RRset comes first: another one each time, so that askers who take the first are
// spread.

import type { RRsetView } from "../image/rrset-view.ts";

/** One thread's turns. */
export class Rotation {
  private readonly isOn: boolean;
  private turn = 0;

  /** @param isOn whether records take turns at all; else they keep the zone's order. */
  constructor(isOn: boolean) {
    this.isOn = isOn;
  }

  /** The record of `view` that comes first this time. */
  of(view: RRsetView): number {
    if (view.count < 2 || !this.isOn) return 0;
    this.turn = (this.turn + 1) & 0x3fff_ffff;
    return this.turn % view.count;
  }
}
