// Reading names out of a message, where they may be compressed, and the error for all broken input.

import { AppError } from "../base/errors.ts";
import { NAME_OCTETS_MAX, type Name } from "./name.ts";

/** What is wrong with a message in wire form; `offset` counts octets from its start. */
export class MessageError extends AppError {
  override readonly code:
    | "MESSAGE_TRUNCATED"
    | "MESSAGE_BAD_NAME"
    | "MESSAGE_BAD_POINTER"
    | "MESSAGE_BAD_RDATA"
    | "MESSAGE_BAD_OPT"
    | "MESSAGE_TRAILING"
    | "MESSAGE_TOO_LONG";
  readonly offset: number;

  constructor(code: MessageError["code"], offset: number, state: string) {
    const verb = code === "MESSAGE_TOO_LONG" ? "write" : "read";
    super(`Cannot ${verb} message at octet ${offset}: ${state}`);
    this.code = code;
    this.offset = offset;
  }
}

/**
 * The most pointers one name may take: each useful one leads to a label, and no name has more than
 * 127. Without it a packet of pointers to pointers would cost its square in time.
 */
const POINTERS_MAX = 127;

/** A name read from a message, uncompressed, and the offset behind it in the message. */
interface PacketName {
  readonly name: Name;
  readonly end: number;
}

/**
 * Reads the name at `at`. Pointers must lead strictly backwards (RFC 1035 section 4.1.4), so that
 * they never loop, and there may be 127 of them.
 *
 * @param limit the offset that the name's own octets (not those it points to) must not pass.
 * @throws MessageError
 */
export function readPacketName(packet: Uint8Array, at: number, limit = packet.length): PacketName {
  const out = new Uint8Array(NAME_OCTETS_MAX);
  let length = 0;
  let end = -1;
  let here = at;
  let stop = limit;
  let floor = at;
  let pointers = 0;
  for (;;) {
    if (here >= stop) throw truncated(here, "a name");
    const size = packet[here] ?? 0;
    if (size >= 0xc0) {
      if (here + 1 >= stop) throw truncated(here, "a name");
      const target = ((size & 0x3f) << 8) | (packet[here + 1] ?? 0);
      if (target >= floor) {
        throw new MessageError(
          "MESSAGE_BAD_POINTER",
          here,
          `pointer to ${target} is not backwards`,
        );
      }
      if (++pointers > POINTERS_MAX) {
        throw new MessageError("MESSAGE_BAD_POINTER", at, `more than ${POINTERS_MAX} pointers`);
      }
      if (end < 0) end = here + 2;
      here = target;
      floor = target;
      stop = packet.length;
      continue;
    }
    if (size > 63) throw new MessageError("MESSAGE_BAD_NAME", here, "unknown kind of label");
    if (here + 1 + size > stop) throw truncated(here, "a label");
    if (length + 1 + size > NAME_OCTETS_MAX) {
      throw new MessageError("MESSAGE_BAD_NAME", at, `name exceeds ${NAME_OCTETS_MAX} octets`);
    }
    out.set(packet.subarray(here, here + 1 + size), length);
    length += 1 + size;
    here += 1 + size;
    if (size === 0) return { name: out.slice(0, length), end: end < 0 ? here : end };
  }
}

/**
 * A copy of some octets as a plain array of its own. Sockets hand out Buffers, whose `slice` shares
 * memory with a packet that will be overwritten.
 */
export function copyOctets(octets: Uint8Array, start = 0, end = octets.length): Uint8Array {
  return new Uint8Array(octets.subarray(start, end));
}

/** The error for a message that ends inside `what`. */
export function truncated(offset: number, what: string): MessageError {
  return new MessageError("MESSAGE_TRUNCATED", offset, `message ends inside ${what}`);
}
