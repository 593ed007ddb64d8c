// A steady stream of questions while zone edits and target crashes go on: every one must be answered,
// and every answer must have been a decision of that moment.

import { createSocket } from "node:dgram";
import packet from "dns-packet";
import { ServerProcess, sandbox } from "../support/server-process.ts";
import { WebTarget } from "../support/web-target.ts";

const PORT = 18_082;
const ADDRESSES = ["127.0.3.11", "127.0.3.12"] as const;
/** Questions sent in one go; with a burst each millisecond a timer can keep the pace. */
const TICK_MS = 2;
/** Questions without an answer yet; their answers fit into the receive buffer. */
const ON_THE_WAY_MAX = 2000;

/** What the stream saw. */
export interface StreamReport {
  readonly asked: number;
  readonly answered: number;
  readonly perSecond: number;
  readonly servfail: number;
  /** Answers with an address that no decision of that moment served, or with more than one. */
  readonly mixed: number;
  readonly edits: number;
  readonly swaps: number;
}

/** Asks `perSecond` questions a second for `seconds`, each with its own id, over one socket. */
export async function steadyStream(perSecond: number, seconds: number): Promise<StreamReport> {
  const box = sandbox();
  const victim = new WebTarget(ADDRESSES[0], PORT);
  const targets = [victim, new WebTarget(ADDRESSES[1], PORT)];
  box.write("stream.example.zone", zoneText(0));
  box.write("stream.example.pools.yaml", POOLS);
  await Promise.all(targets.map((target) => target.start()));
  const server = new ServerProcess([
    ...["serve", "--zone", `stream.example=${box.file("stream.example.zone")}`],
    ...["--listen", "127.0.0.1:0", "--store", box.file("stream.db")],
  ]);
  try {
    const port = await server.port();
    await server.waitFor("target.up", (line) => line["target"] === `web@${ADDRESSES[1]}`);
    await server.waitFor("target.up", (line) => line["target"] === `web@${ADDRESSES[0]}`);
    const asker = new Asker(port);
    await asker.open();
    const endMs = performance.now() + seconds * 1000;
    let edits = 0;
    const editing = (async () => {
      while (performance.now() < endMs) {
        box.write("stream.example.zone", zoneText(++edits));
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
    })();
    const killing = (async () => {
      while (performance.now() < endMs) {
        await victim.kill();
        await new Promise((resolve) => setTimeout(resolve, 700));
        await victim.start();
        await new Promise((resolve) => setTimeout(resolve, 900));
      }
    })();
    await asker.run(perSecond, endMs);
    await Promise.all([editing, killing]);
    const swaps = server.lines.filter((line) => line.event === "pool.swapped").length;
    return { ...asker.report(seconds), edits, swaps };
  } finally {
    await server.stop();
    await Promise.all(targets.map((target) => target.kill()));
    box.remove();
  }
}

class Asker {
  readonly #port: number;
  readonly #socket = createSocket({ type: "udp4", recvBufferSize: 4 << 20 });
  readonly #question = packet.encode({
    type: "query",
    id: 0,
    questions: [{ name: "www.stream.example", type: "A", class: "IN" }],
  });
  #asked = 0;
  #answered = 0;
  #missed = 0;
  #lastAnswerMs = performance.now();
  #servfail = 0;
  #mixed = 0;

  constructor(port: number) {
    this.#port = port;
  }

  async open(): Promise<void> {
    this.#socket.on("message", (message) => this.#take(message));
    await new Promise<void>((resolve) => this.#socket.connect(this.#port, "127.0.0.1", resolve));
  }

  /**
   * Keeps the pace by the clock: what a late timer left out is caught up at the next, but never with
   * more on the way than this process can take in, whose own full queue would count as a loss.
   */
  async run(perSecond: number, endMs: number): Promise<void> {
    const startMs = performance.now();
    while (performance.now() < endMs) {
      const due = Math.floor(((performance.now() - startMs) / 1000) * perSecond);
      const most = Math.min(due, this.#answered + this.#missed + ON_THE_WAY_MAX);
      this.#missIfStuck();
      for (; this.#asked < most; this.#asked++) {
        const question = Buffer.from(this.#question);
        question.writeUInt16BE(this.#asked & 0xffff, 0);
        this.#socket.send(question);
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    for (let i = 0; i < 100 && this.#answered < this.#asked; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#socket.close();
  }

  /** Questions that stay unanswered must not hold up the rest for ever. */
  #missIfStuck(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastAnswerMs < 1000) return;
    this.#missed = this.#asked - this.#answered;
    this.#lastAnswerMs = nowMs;
  }

  report(seconds: number): Omit<StreamReport, "edits" | "swaps"> {
    return {
      asked: this.#asked,
      answered: this.#answered,
      perSecond: Math.round(this.#asked / seconds),
      servfail: this.#servfail,
      mixed: this.#mixed,
    };
  }

  /** An answer to this question has one A record at its end: the address is the last four octets. */
  #take(message: Buffer): void {
    this.#answered++;
    this.#lastAnswerMs = performance.now();
    const rcode = (message[3] ?? 0) & 15;
    if (rcode === 2) this.#servfail++;
    const isSingle = rcode === 0 && message.readUInt16BE(6) === 1;
    const address = message.subarray(-4).join(".");
    const isServed = address === ADDRESSES[0] || address === ADDRESSES[1];
    if (!isSingle || !isServed) this.#mixed++;
  }
}

/** The zone file holds a third address, which the pool never serves: it would show a mixed answer. */
function zoneText(edit: number): string {
  return `$TTL 60
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
www A 192.0.2.99
edit TXT "${edit}"
`;
}

const POOLS = `checks:
  web: { kind: http, port: ${PORT}, path: /healthz, interval: 500ms, timeout: 400ms, rise: 1 }
pools:
  www.stream.example:
    policy: priority
    targets: [${ADDRESSES.join(", ")}]
    checks: [web]
    failback: { mode: auto, hold: 100ms }
`;
