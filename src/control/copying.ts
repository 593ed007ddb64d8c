// A transfer that was taken, on its way to being answered: as an edit like any other.

import type { ReceivedZone } from "../transfer/received-zone.ts";
import { chooseSerial } from "../zone/serial.ts";
import type { Publisher } from "./publisher.ts";
import type { ZonePlace } from "./zone-ports.ts";

/**
 * Publishes what a primary has given in place of the copy that is served. What it leaves of the zone's
 * pools stays: a primary knows nothing of them, and is followed all the same.
 *
 * @throws EditError when the store refuses: nothing has then changed.
 */
export async function publishCopy(
  publisher: Publisher,
  { served, known, pools, sharing }: ZonePlace,
  { zone: after, changes }: Extract<ReceivedZone, { readonly kind: "good" }>,
): Promise<void> {
  const fileNow = after.serial;
  const fileBefore = served.fileSerial;
  const hasChanges = changes.length > 0;
  await publisher.edit(served, {
    ...{ after, changes, cause: "transfer", fileSerial: fileNow },
    // Swaps have serials of their own: the primary's is taken where it is newer than those.
    chooseSerial: (published) => chooseSerial({ published, fileBefore, fileNow, hasChanges }),
  });
  const read = await pools.read(known.pools, after, sharing());
  if (read.kind === "bad") await pools.reload(known.pools, served, sharing());
  else await pools.follow(known.pools, served, read);
}
