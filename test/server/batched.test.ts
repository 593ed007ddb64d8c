import { describe, expect, it } from "vitest";
import { Counters, createCounters, readCounters } from "../../src/answer/counters.ts";
import { Exchange } from "../../src/answer/exchange.ts";
import { createPulse, Pulse } from "../../src/base/pulse.ts";
import type { AnswerContext } from "../../src/server/answerer.ts";
import { runBatched } from "../../src/server/batched.ts";
import { ERRNO } from "../../src/server/libc.ts";
import type { LentSocket } from "../../src/server/sockets.ts";
import { echoed, packet } from "./conformance.ts";
import { ACT, echoContext } from "./entries/echo.mjs";
import { type Datagram, type Receive, ScriptedLibc } from "./scripted-libc.ts";

const EPERM = 1;
const EMSGSIZE = 90;
const ANY4: LentSocket = { fd: 7, family: 4, isWildcard: true };
const ANY6: LentSocket = { fd: 8, family: 6, isWildcard: true };
const ONE4: LentSocket = { fd: 7, family: 4, isWildcard: false };

interface Play {
  readonly sockets?: readonly LentSocket[];
  readonly refusals?: Readonly<Record<number, number>>;
  readonly context?: AnswerContext;
  readonly prepare?: (libc: ScriptedLibc, pulse: Pulse) => void;
  readonly takeMail?: () => void;
}

/** Runs the loop until the script is played out. */
function play(receives: readonly Receive[], options: Play = {}): ScriptedLibc {
  const pulse = new Pulse(createPulse());
  const libc = new ScriptedLibc(receives, () => pulse.requestStop());
  for (const [id, errno] of Object.entries(options.refusals ?? {})) {
    libc.refusals.set(Number(id), errno);
  }
  options.prepare?.(libc, pulse);
  runBatched({
    libc,
    sockets: options.sockets ?? [ONE4],
    context: options.context ?? echoContext(new Exchange()),
    pulse,
    takeMail: options.takeMail ?? (() => undefined),
  });
  return libc;
}

function from(port: number, query: Uint8Array, more: Partial<Datagram> = {}): Datagram {
  return { packet: query, port, ...more };
}

function sentIds(libc: ScriptedLibc): number[] {
  return libc.sent.map((sent) => sent.packet.readUInt16BE());
}

/** struct cmsghdr with struct in_pktinfo: interface 3, destination and header address. */
function packetInfo4(...address: number[]): Uint8Array {
  const control = Buffer.alloc(32);
  control.writeUInt32LE(28, 0);
  control.writeUInt32LE(0, 8);
  control.writeUInt32LE(8, 12);
  control.writeUInt32LE(3, 16);
  control.set(address, 20);
  control.set(address, 24);
  return control;
}

/** struct cmsghdr with struct in6_pktinfo: address and interface 3. */
function packetInfo6(first: number, second: number): Uint8Array {
  const control = Buffer.alloc(40);
  control.writeUInt32LE(36, 0);
  control.writeUInt32LE(41, 8);
  control.writeUInt32LE(50, 12);
  control.set([first, second], 16);
  control[31] = 1;
  control.writeUInt32LE(3, 32);
  return control;
}

describe("runBatched() answering", () => {
  it("answers a whole batch with one send, each to its asker", () => {
    const queries = [packet(1), packet(2), packet(3)];
    const datagrams = queries.map((query, i) => from(5000 + i, query, { host: 10 + i }));
    const libc = play([{ fd: 7, datagrams }]);
    expect(libc.journal).toEqual(["receive 3", "send 3"]);
    expect(libc.sent.map((sent) => sent.packet)).toEqual(
      queries.map((query, i) => echoed(query, 0, `192.0.2.${10 + i}`, 5000 + i)),
    );
    const names = libc.sent.map(({ name }) => [name.readUInt16BE(2), ...name.subarray(4, 8)]);
    expect(names).toEqual([0, 1, 2].map((i) => [5000 + i, 192, 0, 2, 10 + i]));
  });

  it("keeps the others in order when some get silence", () => {
    const response = packet(9);
    response[2] = 0x84;
    const libc = play([
      {
        fd: 7,
        datagrams: [
          ...[from(1, packet(1, ACT.silent)), from(2, packet(2)), from(3, response)],
          ...[from(0, packet(4)), from(5, Buffer.alloc(3)), from(6, packet(6))],
        ],
      },
    ]);
    expect(sentIds(libc)).toEqual([2, 6]);
  });

  it("answers over the packets of those that get silence, each asker from where it asked", () => {
    const askers = [1, 2, 3, 4, 5].map((host) => {
      const act = host % 2 === 0 ? ACT.echo : ACT.silent;
      const control = packetInfo4(127, 0, 0, host);
      return from(5000 + host, packet(host, act, 20 + host), { host, control });
    });
    const all = [6, 7, 8, 9, 10].map((host) => {
      const control = packetInfo4(127, 0, 0, host);
      return from(5000 + host, packet(host, ACT.echo, 20 + host), { host, control });
    });
    const receives = [askers, all, askers, all].map((datagrams) => ({ fd: 7, datagrams }));
    const libc = play(receives, { sockets: [ANY4] });
    const answered = [2, 4, 6, 7, 8, 9, 10];
    expect(sentIds(libc)).toEqual([...answered, ...answered]);
    expect(libc.journal.filter((entry) => entry.startsWith("send"))).toEqual([
      ...["send 2", "send 5", "send 2", "send 5"],
    ]);
    for (const { packet: sent, name, control } of libc.sent) {
      const host = sent.readUInt16BE();
      const query = packet(host, ACT.echo, 20 + host);
      expect(sent).toEqual(echoed(query, 0, `192.0.2.${host}`, 5000 + host));
      expect([name.readUInt16BE(2), name[7], control[23]]).toEqual([5000 + host, host, host]);
    }
  });

  it("tells the second, late by 5 ms at most", () => {
    const clock = { now: 100, wall: 7900 };
    const context = {
      ...echoContext(new Exchange()),
      clock: { nowMs: () => clock.now, wallMs: () => clock.wall },
    };
    const steps = [0, 3, 1.9, 0.2, 4.9].map((ms) => ({
      ms,
      fd: 7,
      datagrams: [from(1, packet(1))],
    }));
    const libc = play(steps, {
      context,
      prepare: (scripted) => {
        scripted.beforeReceive = (turn) => {
          clock.now += steps[turn]?.ms ?? 0;
          clock.wall += turn === 0 ? 0 : 1000;
        };
      },
    });
    expect(libc.sent.map((sent) => sent.packet.at(-1))).toEqual([7, 7, 7, 10, 10]);
  });

  it("says FORMERR to a query that its buffer cut, and nothing to a response that it cut", () => {
    const long = packet(0x0102, ACT.echo, 4097);
    long.set([0x29, 0x10], 2);
    const response = Buffer.from(long);
    response[2] = 0x80;
    const whole = packet(3, ACT.echo, 2000);
    const libc = play([{ fd: 7, datagrams: [from(1, long), from(2, response), from(3, whole)] }]);
    expect(libc.sent[0]?.packet).toEqual(Buffer.from("0102a9010000000000000000", "hex"));
    expect(sentIds(libc)).toEqual([0x0102, 3]);
  });

  it("takes at most 64 datagrams a batch and leaves no trace of one in the next", () => {
    const first = Array.from({ length: 70 }, (_, i) => from(100 + i, packet(i, ACT.echo, 500)));
    const libc = play([
      { fd: 7, datagrams: first },
      { fd: 7, datagrams: [from(9, packet(99, ACT.echo, 2000))] },
    ]);
    expect(libc.journal).toEqual(["receive 64", "send 64", "receive 1", "send 1"]);
    expect(libc.sent[64]?.packet).toEqual(echoed(packet(99, ACT.echo, 2000), 0, "192.0.2.1", 9));
  });
});

describe("runBatched() counting", () => {
  it("counts batches and their packets, and times every sixteenth from received to sent", () => {
    const memory = createCounters(1);
    let nowMs = 0;
    const context = {
      ...echoContext(new Exchange()),
      clock: { nowMs: () => nowMs, wallMs: () => 7000 },
      counters: new Counters(memory, 0),
    };
    const datagrams = [from(1, packet(1)), from(2, packet(2, ACT.silent))];
    play(
      Array.from({ length: 33 }, () => ({ fd: 7, datagrams })),
      {
        context,
        prepare: (libc) => {
          libc.beforeSend = () => {
            nowMs += 0.2;
          };
        },
      },
    );
    expect(readCounters(memory)).toMatchObject({
      ...{ batches: 33, batchQueries: 66, timedBatches: 2, within100us: 0, within250us: 2 },
      timedMs: expect.closeTo(0.4),
    });
  });
});

describe("runBatched() sending", () => {
  const datagrams = [1, 2, 3, 4].map((id) => from(id, packet(id)));

  it("skips a reply that the kernel refuses, never the rest of its batch", () => {
    const libc = play([{ fd: 7, datagrams }], { refusals: { 1: EPERM, 3: EMSGSIZE } });
    expect(sentIds(libc)).toEqual([2, 4]);
    expect(libc.journal.slice(0, 5)).toEqual([
      ...["receive 4", "refused 1", "send 1", "refused 3", "send 1"],
    ]);
  });

  it("tries again when a signal came between", () => {
    const libc = play([{ fd: 7, datagrams }], { refusals: { 2: ERRNO.EINTR } });
    expect(sentIds(libc)).toEqual([1, 2, 3, 4]);
  });

  it("gives up a batch when the socket takes nothing more", () => {
    const next = { fd: 7, datagrams: [from(5, packet(5))] };
    const libc = play([{ fd: 7, datagrams }, next], { refusals: { 2: ERRNO.EAGAIN } });
    expect(sentIds(libc)).toEqual([1, 5]);
  });
});

describe("runBatched() on a wildcard socket", () => {
  it("replies from the address that was asked, by the route that the kernel chooses", () => {
    const control = packetInfo4(127, 0, 0, 5);
    const libc = play([{ fd: 7, datagrams: [from(1, packet(1), { control })] }], {
      sockets: [ANY4],
    });
    const expected = Buffer.from(control);
    expected.writeUInt32LE(0, 16);
    expect(libc.sent[0]?.control).toEqual(expected);
  });

  it("names the interface of a link-local address alone", () => {
    const controls = [packetInfo6(0x20, 0x01), packetInfo6(0xfe, 0x80), packetInfo6(0xfe, 0xc0)];
    const datagrams = controls.map((control, i) => from(i + 1, packet(i), { control }));
    const libc = play([{ fd: 8, family: 6, datagrams }], { sockets: [ANY6] });
    expect(libc.sent.map((sent) => sent.control.readUInt32LE(32))).toEqual([0, 3, 0]);
    expect(libc.sent.map((sent) => sent.name.length)).toEqual([28, 28, 28]);
  });

  it("lets the kernel choose where it did not say which address was asked", () => {
    const control = packetInfo4(127, 0, 0, 5);
    const datagrams = [from(1, packet(1), { control }), from(2, packet(2))];
    const libc = play(
      [
        { fd: 7, datagrams },
        { fd: 7, datagrams: [...datagrams].reverse() },
      ],
      {
        sockets: [ANY4],
      },
    );
    expect(libc.sent.map((sent) => sent.control.length)).toEqual([32, 0, 0, 32]);
  });
});

/** A receive of so many datagrams from one socket. */
function batchOf(count: number, fd = 7): Receive {
  return { fd, datagrams: Array.from({ length: count }, (_, i) => from(i + 1, packet(i))) };
}

/** What the loop does about a batch, in the words of the script's journal. */
const RESTS = [
  // One question, or a few that came together: whoever asks waits for nothing.
  ...[[1, ""] as const, [3, ""] as const],
  // A stream of them: the next ones come in together.
  ...[[4, "rest 60"] as const, [31, "rest 60"] as const],
  // So many that the next batch is there already.
  ...[[32, ""] as const, [64, ""] as const],
];

describe("runBatched() under load", () => {
  it.each(RESTS)("after a batch of %i: %s", (count, rest) => {
    const libc = play([batchOf(count)]);
    const expected = [`receive ${count}`, `send ${count}`, ...(rest === "" ? [] : [rest])];
    expect(libc.journal).toEqual(expected);
  });

  it("counts what all its sockets received", () => {
    const sockets = [3, 4].map((fd) => ({ fd, family: 4, isWildcard: false }) as const);
    const libc = play([batchOf(2, 3), batchOf(2, 4), batchOf(1, 4), batchOf(2, 3)], { sockets });
    expect(libc.journal.filter((entry) => entry === "poll" || entry === "rest 60")).toEqual([
      ...["poll", "rest 60", "poll"],
    ]);
  });

  it("rests after no error", () => {
    const idle: Receive = { errno: ERRNO.EAGAIN };
    expect(play([idle, idle]).journal).toEqual([]);
  });
});

describe("runBatched() between batches", () => {
  it("is never inside the image while it waits or sends, and always while it answers", () => {
    const context = echoContext(new Exchange());
    const steps: string[] = [];
    const spied: AnswerContext = {
      ...context,
      epoch: { enter: () => steps.push("enter"), leave: () => steps.push("leave") },
      answerer: {
        respond: (exchange) => {
          steps.push("answer");
          return context.answerer.respond(exchange);
        },
        settle: () => steps.push("settle"),
      },
    };
    const receives = [{ fd: 7, datagrams: [from(1, packet(1)), from(2, packet(2))] }];
    play([...receives, { errno: ERRNO.EAGAIN }], {
      context: spied,
      prepare: (libc) => {
        libc.beforeReceive = () => steps.push("receive");
        libc.beforeSend = () => steps.push("send");
      },
    });
    const batch = ["receive", "enter", "answer", "answer", "leave", "settle", "send"];
    expect(steps).toEqual([...batch, "receive"]);
  });

  it("lets the packets of a batch be looked at, then answers each by its place", () => {
    const exchange = new Exchange();
    const context = echoContext(exchange);
    const steps: string[] = [];
    const idOf = (): number => ((exchange.packet[exchange.start] ?? 0) << 8) | idLow();
    const idLow = (): number => exchange.packet[exchange.start + 1] ?? 0;
    const foreseen: AnswerContext = {
      ...context,
      answerer: {
        foresight: {
          isWorthIt: (queries) => queries > 1,
          read: ({ length }, place) => steps.push(`read ${idOf()} of ${length} at ${place}`),
          fetch: () => steps.push("fetch"),
        },
        respond: (one) => {
          steps.push(`answer ${idOf()}, ${one.foreseen}`);
          return context.answerer.respond(one);
        },
        settle: () => undefined,
      },
    };
    const pair = [from(1, packet(1)), from(2, packet(2, ACT.echo, 40))];
    play(
      [
        { fd: 7, datagrams: pair },
        { fd: 7, datagrams: [from(3, packet(3))] },
      ],
      {
        context: foreseen,
      },
    );
    const [first, second] = [packet(1).length, packet(2, ACT.echo, 40).length];
    expect(steps).toEqual([
      ...[`read 1 of ${first} at 0`, `read 2 of ${second} at 1`, "fetch"],
      ...["answer 1, 0", "answer 2, 1", "answer 3, -1"],
    ]);
  });

  it("takes its mail once at the start and whenever some was announced", () => {
    const taken: number[] = [];
    let turns = 0;
    const idle: Receive = { errno: ERRNO.EAGAIN };
    play([idle, idle, idle, idle, idle], {
      prepare: (libc, pulse) => {
        libc.beforeReceive = (turn) => {
          turns = turn + 1;
          if (turn === 1) pulse.announceMail();
        };
      },
      takeMail: () => taken.push(turns),
    });
    expect(taken).toEqual([0, 2]);
  });

  it("beats once a turn, idle or not", () => {
    let pulse = new Pulse(createPulse());
    const idle: Receive = { errno: ERRNO.EAGAIN };
    const before = pulse.beats();
    play([idle, { fd: 7, datagrams: [from(1, packet(1))] }, { errno: ERRNO.EINTR }], {
      prepare: (_, its) => {
        pulse = its;
      },
    });
    expect(pulse.beats() - before).toBe(3);
  });

  it("gives each of several ready sockets a batch in turn, beginning with another each time", () => {
    const sockets = [3, 4, 5].map((fd) => ({ fd, family: 4, isWildcard: false }) as const);
    const order: number[] = [];
    const script = [3, 4, 5, 4, 5, 3, 5, 3, 4].map((fd) => ({
      fd,
      datagrams: [from(1, packet(fd))],
    }));
    const libc = play(script, { sockets });
    for (const { fd } of libc.sent) order.push(fd);
    expect(order).toEqual([3, 4, 5, 4, 5, 3, 5, 3, 4]);
    expect(libc.journal.filter((entry) => entry === "poll")).toHaveLength(3);
  });

  it("throws on a descriptor that is none, instead of spinning on it", () => {
    expect(() => play([{ errno: ERRNO.EBADF }])).toThrow("Cannot receive from descriptor 7: EBADF");
  });
});
