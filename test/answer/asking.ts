// Questions and answers as lines of text, near to what dig prints.
//
//   ? NAME TYPE [CLASS] [+tcp] [+rd] [+cd] [+edns] [+bufsize=N] [+do] [+version=N] [+opt=CODE:HEX]
//     [+from=ADDRESS]
//   packet HEX...        an exact packet, words of hex put together

import { TRANSPORT } from "../../src/answer/exchange.ts";
import { ipToBytes } from "../../src/base/ip.ts";
import { optionToText } from "../../src/dns/edns.ts";
import {
  decodeMessage,
  encodeQuery,
  type Message,
  type MessageRecord,
} from "../../src/dns/message.ts";
import { nameFromText, nameToText } from "../../src/dns/name.ts";
import { printRdata } from "../../src/dns/rdata.ts";
import {
  classFromText,
  classToText,
  rcodeToText,
  typeFromText,
  typeToText,
} from "../../src/dns/types.ts";
import type { World } from "./zones.ts";

/** Asks what one line says and prints what comes back. */
export function askLine(world: World, line: string): string[] {
  const flags = line.split(/\s+/).filter((word) => word.startsWith("+"));
  const packet = packetOf(line);
  const transport = flags.includes("+tls")
    ? TRANSPORT.tls
    : flags.includes("+tcp")
      ? TRANSPORT.tcp
      : TRANSPORT.udp;
  const port = optionOf(flags, "port");
  const from = ipToBytes(optionOf(flags, "from") ?? "");
  const { exchange } = world;
  const { source, sourceLength } = exchange;
  if (from !== undefined) {
    exchange.source = from;
    exchange.sourceLength = from.length;
  }
  const answer = world.ask(packet, {
    transport,
    ...(port === undefined ? {} : { sourcePort: Number(port) }),
  });
  exchange.source = source;
  exchange.sourceLength = sourceLength;
  return answer === undefined ? ["(silence)"] : printAnswer(answer);
}

/** The packet that one line describes. */
export function packetOf(line: string): Uint8Array {
  const words = line.trim().split(/\s+/);
  const flags = words.filter((word) => word.startsWith("+"));
  const rest = words.filter((word) => !word.startsWith("+"));
  return rest[0] === "packet" ? hex(rest.slice(1).join("")) : queryOf(rest, flags);
}

/** The lines of a response. */
export function printAnswer(packet: Uint8Array): string[] {
  const message = decodeMessage(packet);
  const sections: readonly [string, readonly MessageRecord[]][] = [
    ["answer", message.answers],
    ["authority", message.authorities],
    ["additional", message.additionals],
  ];
  return [
    `${rcodeToText(message.rcode)} ${flagsOf(message).join(" ")} (${packet.length} octets)`,
    ...message.questions.map((question) => {
      const type = typeToText(question.type);
      return `question ${nameToText(question.name)} ${classToText(question.class)} ${type}`;
    }),
    ...sections.flatMap(([title, records]) => records.map((record) => printed(title, record))),
    ...printOpt(message),
  ];
}

function printed(title: string, record: MessageRecord): string {
  const { owner, ttl, type, rdata } = record;
  const data = printRdata(type, rdata);
  return `${title} ${nameToText(owner)} ${ttl} ${typeToText(type)} ${data}`;
}

function printOpt({ edns }: Message): string[] {
  if (edns === undefined) return [];
  const dnssec = edns.isDnssecOk ? " do" : "";
  const options = edns.options.map((option) => `option ${optionToText(option)}`);
  return [`opt version ${edns.version} size ${edns.udpSize}${dnssec}`, ...options];
}

function flagsOf(message: Message): string[] {
  const flags: readonly [string, boolean][] = [
    ["qr", message.isResponse],
    ["aa", message.isAuthoritative],
    ["tc", message.isTruncated],
    ["rd", message.isRecursionDesired],
    ["ra", message.isRecursionAvailable],
    ["z", message.isReservedSet],
    ["ad", message.isAuthenticated],
    ["cd", message.isCheckingDisabled],
    [`opcode ${message.opcode}`, message.opcode !== 0],
  ];
  return flags.filter(([, isSet]) => isSet).map(([name]) => name);
}

function queryOf(words: readonly string[], flags: readonly string[]): Uint8Array {
  const [, name = "", type = "", klass = "IN"] = words;
  const edns = ["edns", "bufsize", "do", "version", "opt"].some((flag) => {
    return flags.some((one) => one === `+${flag}` || one.startsWith(`+${flag}=`));
  });
  return encodeQuery({
    id: 4660,
    name: nameFromText(name.endsWith(".") ? name : `${name}.`),
    type: typeFromText(type) ?? Number(type),
    class: classFromText(klass) ?? Number(klass),
    isRecursionDesired: flags.includes("+rd"),
    isCheckingDisabled: flags.includes("+cd"),
    ...(edns ? { edns: ednsOf(flags) } : {}),
  });
}

function ednsOf(flags: readonly string[]) {
  return {
    udpSize: Number(optionOf(flags, "bufsize") ?? 1232),
    version: Number(optionOf(flags, "version") ?? 0),
    isDnssecOk: flags.includes("+do"),
    flags: 0,
    options: flags
      .filter((flag) => flag.startsWith("+opt="))
      .map((flag) => {
        const [code = "", octets = ""] = flag.slice("+opt=".length).split(":");
        return { code: Number(code), octets: hex(octets) };
      }),
  };
}

function optionOf(flags: readonly string[], name: string): string | undefined {
  return flags.find((flag) => flag.startsWith(`+${name}=`))?.slice(name.length + 2);
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "hex"));
}
