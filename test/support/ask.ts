// Questions over real sockets, coded and decoded by dns-packet: a second opinion on our wire format.

import { createSocket } from "node:dgram";
import { connect } from "node:net";
import packet from "dns-packet";

/** What came back, in few words. */
export interface Reply {
  readonly rcode: string;
  readonly aa: boolean;
  readonly tc: boolean;
  /** Data of the answer section's records of the type that was asked. */
  readonly data: readonly string[];
  readonly ttl: number | undefined;
  readonly full: packet.DecodedPacket;
}

/** Asks once over UDP; rejects when nothing comes within `withinMs`. */
export function askUdp(
  port: number,
  name: string,
  type: packet.RecordType = "A",
  options: { readonly address?: string; readonly withinMs?: number } = {},
): Promise<Reply> {
  const { address = "127.0.0.1", withinMs = 2000 } = options;
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  return new Promise<Reply>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer for ${name}`)), withinMs);
    socket.once("error", reject);
    socket.once("message", (message) => {
      clearTimeout(timer);
      resolve(reply(packet.decode(message), type));
    });
    socket.send(query(name, type), port, address);
  }).finally(() => socket.close());
}

/** Asks once over TCP. */
export function askTcp(port: number, name: string, type: packet.RecordType = "A"): Promise<Reply> {
  const socket = connect(port, "127.0.0.1");
  return new Promise<Reply>((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.once("error", reject);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      resolve(reply(packet.decode(received.subarray(2)), type));
    });
    const question = query(name, type);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(question.length);
    socket.write(Buffer.concat([length, question]));
  }).finally(() => socket.destroy());
}

function query(name: string, type: packet.RecordType): Buffer {
  const id = Math.floor(Math.random() * 65536);
  return packet.encode({ type: "query", id, questions: [{ name, type, class: "IN" }] });
}

function reply(full: packet.DecodedPacket, type: packet.RecordType): Reply {
  const answers = (full.answers ?? []).filter((answer) => answer.type === type);
  const flags = full as unknown as { rcode: string; flag_aa: boolean; flag_tc: boolean };
  return {
    rcode: flags.rcode,
    aa: flags.flag_aa,
    tc: flags.flag_tc,
    data: answers.map((answer) => String((answer as { data?: unknown }).data)),
    ttl: (answers[0] as { ttl?: number } | undefined)?.ttl,
    full,
  };
}
