import { once } from "node:events";
import { createServer, type Server, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { writeFrames } from "../../src/server/stream-frames.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

/** Both ends of a connection over loopback. */
async function connection(): Promise<{ ours: Socket; theirs: Socket }> {
  const server: Server = createServer({ pauseOnConnect: true });
  closing.push(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const theirs = new Socket().connect(address.port, "127.0.0.1");
  const [ours] = (await once(server, "connection")) as [Socket];
  closing.push(
    () => ours.destroy(),
    () => theirs.destroy(),
  );
  return { ours, theirs };
}

/** Messages in one piece of memory, each of its own length and octets; and the frames they make. */
function messages(lengths: readonly number[]): { next: () => Uint8Array | undefined; all: Buffer } {
  const memory = new Uint8Array(0xffff);
  const filled = (length: number, i: number): Uint8Array => memory.fill(i).subarray(0, length);
  const all = Buffer.concat(
    lengths.flatMap((length, i) => [
      Buffer.of(length >> 8, length & 255),
      Buffer.from(filled(length, i)),
    ]),
  );
  let made = 0;
  const next = (): Uint8Array | undefined => {
    const length = lengths[made];
    return length === undefined ? undefined : filled(length, made++);
  };
  return { next, all };
}

async function read(socket: Socket, octets: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let taken = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    taken += chunk.length;
    if (taken >= octets) break;
  }
  return Buffer.concat(chunks);
}

describe("writeFrames()", () => {
  it.each([
    ["nothing", []],
    ["one message", [40]],
    ["a short one and the longest", [12, 0xffff, 0xffff, 0xffff]],
    ["hundreds of usual ones", Array.from({ length: 300 }, (_, i) => 16_384 - i)],
  ])("sends %s in order, from memory that is used again", async (_case, lengths) => {
    const { ours, theirs } = await connection();
    const { next, all } = messages(lengths);
    let told = 0;
    const sent = writeFrames(ours, next, () => told++);
    const got = all.length === 0 ? Buffer.of() : await read(theirs, all.length);
    expect(await sent).toBe(true);
    expect(got.equals(all)).toBe(true);
    expect(told % 2).toBe(0);
  });

  it("lets others have their turn every 128 KiB, though the peer takes all at once", async () => {
    const { ours, theirs } = await connection();
    theirs.resume();
    const { next } = messages(Array(65).fill(16_384 - 2));
    const turns: number[] = [];
    let made = 0;
    const takeTurns = (): void => {
      if (turns.at(-1) !== made) turns.push(made);
      if (made <= 65) setImmediate(takeTurns);
    };
    takeTurns();
    const counted = (): Uint8Array | undefined => {
      made++;
      return next();
    };
    await writeFrames(ours, counted, () => undefined);
    // The first message goes alone; one more is always made and waits for the next write.
    expect(turns.filter((at) => at <= 65)).toEqual([0, 2, 10, 18, 26, 34, 42, 50, 58]);
  });

  it("stops making messages while the peer takes none", async () => {
    const { ours } = await connection();
    let made = 0;
    const endless = (): Uint8Array => {
      made++;
      return new Uint8Array(0xffff);
    };
    const sent = writeFrames(ours, endless, () => undefined);
    while (!ours.writableNeedDrain || ours.writableLength === 0) await turn();
    const before = made;
    for (let i = 0; i < 100; i++) await turn();
    expect(made).toBe(before);
    ours.destroy();
    expect(await sent).toBe(false);
  });

  it("says so when the peer hangs up, or has", async () => {
    const { ours, theirs } = await connection();
    ours.on("error", () => undefined);
    theirs.destroy();
    expect(
      await writeFrames(
        ours,
        () => new Uint8Array(0xffff),
        () => undefined,
      ),
    ).toBe(false);
    expect(
      await writeFrames(
        ours,
        () => new Uint8Array(12),
        () => undefined,
      ),
    ).toBe(false);
  });

  it("hands on what goes wrong where messages are made", async () => {
    const { ours } = await connection();
    const bad = (): Uint8Array => {
      throw new RangeError("Cannot transfer a record: it fits no message");
    };
    await expect(writeFrames(ours, bad, () => undefined)).rejects.toThrow("fits no message");
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
