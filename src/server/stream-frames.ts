// What sessions say over a stream: as many messages as fit one piece of memory go out in one write, and
// that memory is used again as soon as the peer has taken them. A million records pass through it.

import type { Socket } from "node:net";

const LENGTH_OCTETS = 2;
/** Two of the longest messages, eight of a usual transfer. Others have their turn in between. */
const SLICE_OCTETS = 0x2_0000;

/**
 * Writes the messages that `next` gives, each behind its length (RFC 1035 section 4.2.2).
 *
 * @param tell is called before and after each write.
 * @returns false when the socket takes no more.
 */
export async function writeFrames(
  socket: Socket,
  next: () => Uint8Array | undefined,
  tell: () => void,
): Promise<boolean> {
  let message = next();
  // The first goes alone: most answers are one message, and need memory for no more.
  let slice = Buffer.allocUnsafe(LENGTH_OCTETS + (message?.length ?? 0));
  while (message !== undefined) {
    let end = 0;
    for (; message !== undefined && fits(message, end, slice); message = next()) {
      end = putFrame(slice, end, message);
    }
    tell();
    if (!(await isTaken(socket, slice.subarray(0, end)))) return false;
    tell();
    if (slice.length < SLICE_OCTETS) slice = Buffer.allocUnsafe(SLICE_OCTETS);
  }
  return true;
}

function fits(message: Uint8Array, end: number, slice: Uint8Array): boolean {
  return end + LENGTH_OCTETS + message.length <= slice.length;
}

function putFrame(slice: Uint8Array, at: number, message: Uint8Array): number {
  slice[at] = message.length >> 8;
  slice[at + 1] = message.length & 0xff;
  slice.set(message, at + LENGTH_OCTETS);
  return at + LENGTH_OCTETS + message.length;
}

/**
 * Resolves in another turn of the loop, when the system has all of it or the socket is gone: what was
 * not written by then is called back too.
 */
function isTaken(socket: Socket, octets: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (socket.destroyed || socket.writableEnded) resolve(false);
    else socket.write(octets, (error) => setImmediate(() => resolve(!error && !socket.destroyed)));
  });
}
