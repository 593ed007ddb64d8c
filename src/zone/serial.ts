// Which serial a zone is published under when its file was loaded again.

import { advanceSerial, compareSerial } from "../dns/serial.ts";

/** What is known of a zone's serials when its file was read; 32 bits each. */
export interface SerialChoice {
  /** The serial last published, swaps included. */
  readonly published: number;
  /** What the file held when it was last loaded. */
  readonly fileBefore: number;
  readonly fileNow: number;
  /** Whether anything but the file's serial differs from what is published. */
  readonly hasChanges: boolean;
}

/**
 * The serial to publish: it never goes back (RFC 1982), whatever the file says.
 *
 *   the file's serial       other changes   outcome
 *   new and past published  any             the file's
 *   any other               yes             the one after the published
 *   any other               no              the published: nothing is to be said to secondaries
 */
export function chooseSerial(choice: SerialChoice): number {
  const { published, fileBefore, fileNow } = choice;
  const hasGrown = fileNow !== fileBefore && compareSerial(fileNow, published) === 1;
  if (hasGrown) return fileNow;
  return choice.hasChanges ? advanceSerial(published) : published;
}
