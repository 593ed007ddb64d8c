// Broken packets by the million against a running server, with good questions in between: it must not
// die, must not hang, and must answer every good question.

import { createSocket, type Socket } from "node:dgram";
import { seededRandom } from "../../src/base/random.ts";
import { packetOf } from "../answer/asking.ts";
import { askTcp, askUdp } from "../support/ask.ts";
import { mutated } from "../support/mutations.ts";
import { ServerProcess, sandbox } from "../support/server-process.ts";

/** What the storm came to. */
export interface StormReport {
  readonly packets: number;
  readonly responses: number;
  readonly goodAsked: number;
  readonly goodAnswered: number;
  readonly isAlive: boolean;
  readonly seconds: number;
  /** Threads that died meanwhile; none is the goal. */
  readonly deaths: number;
}

const ZONE = `$TTL 60
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
@ MX 10 www
ns A 192.0.2.53
www A 192.0.2.10
alias CNAME www
*.wild TXT "wild"
sub NS ns.sub
ns.sub A 192.0.2.54
old DNAME new
`;

const CORPUS = [
  "? www.storm.example A",
  "? alias.storm.example AAAA +edns",
  "? a.b.old.storm.example MX +do",
  "? x.wild.storm.example TXT +bufsize=4096",
  "? host.sub.storm.example A +rd",
  "? storm.example ANY +opt=10:0102030405060708 +opt=3: +opt=8:00011800c00002",
  "? storm.example SOA +version=1",
].map(packetOf);

const BURST = 64;

/** Sends `cases` mutated packets; the same seed sends the same ones. */
export async function packetStorm(cases: number, seed: number): Promise<StormReport> {
  const box = sandbox();
  const file = box.write("storm.example.zone", ZONE);
  const server = new ServerProcess([
    ...["serve", "--zone", `storm.example=${file}`, "--listen", "127.0.0.1:0"],
  ]);
  const random = seededRandom(seed);
  const socket = createSocket({ type: "udp4", recvBufferSize: 4 << 20 });
  let responses = 0;
  let goodAsked = 0;
  let goodAnswered = 0;
  const startedMs = performance.now();
  try {
    const port = await server.port();
    socket.on("message", () => responses++);
    await new Promise<void>((resolve) => socket.connect(port, "127.0.0.1", resolve));
    for (let sent = 0; sent < cases; sent += BURST) {
      for (let i = 0; i < BURST; i++) socket.send(mutated(random, CORPUS));
      await settled(socket);
      if (sent % (BURST * 64) !== 0) continue;
      goodAsked += 2;
      const replies = await Promise.allSettled([
        askUdp(port, "www.storm.example"),
        askTcp(port, "www.storm.example"),
      ]);
      for (const reply of replies) {
        if (reply.status === "fulfilled" && reply.value.data[0] === "192.0.2.10") goodAnswered++;
      }
    }
    const deaths = server.lines.filter((line) => line.event === "thread.died").length;
    const isAlive = (await askUdp(port, "ns.storm.example")).data[0] === "192.0.2.53";
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    return { packets: cases, responses, goodAsked, goodAnswered, isAlive, seconds, deaths };
  } finally {
    socket.close();
    await server.stop();
    box.remove();
  }
}

/** Gives the sends and what comes back their turn. */
async function settled(socket: Socket): Promise<void> {
  do {
    await new Promise<void>((resolve) => setImmediate(resolve));
  } while (socket.getSendQueueCount() > 0);
}
