// A test double for the responder: its answer shows every field of the exchange that a transport
// fills in, so that a wrong one changes octets.

/** What the first octet of the question section asks the double to do. */
export const ACT = { echo: 1, large: 2, silent: 3 };

export class EchoAnswerer {
  respond({ packet, start, length, out, outStart, outMax, ...rest }) {
    if (length < 12 || packet[start + 2] >= 0x80) return 0;
    const act = length > 12 ? packet[start + 12] : ACT.echo;
    if (act === ACT.silent) return 0;
    out.set(packet.subarray(start, start + length), outStart);
    out[outStart + 2] |= 0x80;
    const { transport, source, sourceStart, sourceLength, sourcePort, nowSeconds } = rest;
    let at = outStart + length;
    out[at++] = transport;
    out[at++] = sourceLength;
    out.set(source.subarray(sourceStart, sourceStart + sourceLength), at);
    at += sourceLength;
    out[at++] = sourcePort >> 8;
    out[at++] = sourcePort & 255;
    out[at++] = nowSeconds & 255;
    const end = act === ACT.large ? outStart + outMax : at;
    out.fill(0x55, at, end);
    return end - outStart;
  }

  settle() {}
}

/** The answer context every transport under test is given; the wall clock always says 7 s. */
export function echoContext(exchange) {
  return {
    exchange,
    epoch: { enter() {}, leave() {} },
    clock: { nowMs: () => performance.now(), wallMs: () => 7000 },
    answerer: new EchoAnswerer(),
  };
}
