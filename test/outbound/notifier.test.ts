import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noticeOf } from "../../src/control/notices.ts";
import type { Notice, NotifyReceiver } from "../../src/control/ports-notify.ts";
import { event, type LivezoneEvent } from "../../src/events/event.ts";
import { Notifier } from "../../src/outbound/notifier.ts";
import { noticeBody, sendNotice, signature } from "../../src/outbound/send-notice.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

const OPS: NotifyReceiver = {
  name: "ops",
  to: { kind: "webhook", url: "http://127.0.0.1:9/", secret: "s" },
  ...{ severity: "warning", delayMs: 0, repeatMs: undefined },
};

function notice(id: number, kind: Notice["kind"] = "once"): Notice {
  return {
    ...{ id: `run-${id}`, key: "store", kind, severity: "critical", event: "store.failing" },
    ...{ message: "Cannot write", wallMs: 0, fields: {} },
  };
}

function world(takes: () => boolean) {
  const time = new SimulatedTime();
  const sent: string[] = [];
  const said: string[] = [];
  const notifier = new Notifier({
    receivers: [OPS],
    time,
    send: async (_receiver, message) => {
      sent.push(message.id);
      if (!takes()) throw new Error("nobody is there");
    },
    reports: {
      failing: (name, detail, waiting) => said.push(`${name} fails: ${detail}, ${waiting} waiting`),
      recovered: (name, afterMs) => said.push(`${name} recovered after ${afterMs} ms`),
    },
  });
  return { time, sent, said, notifier };
}

describe("Notifier", () => {
  it("tries again, ever more slowly, with the same id, and says once that a receiver fails", async () => {
    let isThere = false;
    const { time, sent, said, notifier } = world(() => isThere);
    notifier.notice(notice(1));
    await time.advance(8000);
    expect(sent).toEqual(["run-1", "run-1", "run-1", "run-1"]);
    expect(said).toEqual(["ops fails: nobody is there, 1 waiting"]);
    isThere = true;
    await time.advance(60_000);
    expect(sent).toHaveLength(5);
    expect(said.at(-1)).toBe("ops recovered after 12000 ms");
    notifier.close();
  });

  it("keeps the order, and no more than it may", async () => {
    let isThere = false;
    const { time, sent, notifier } = world(() => isThere);
    for (let id = 1; id <= 1500; id++) notifier.notice(notice(id));
    isThere = true;
    await time.advance(5000);
    const taken = sent.slice(1);
    expect(taken[0]).toBe("run-1");
    expect(taken.slice(1, 3)).toEqual(["run-502", "run-503"]);
    expect(taken).toHaveLength(1000);
    notifier.close();
  });

  it("gives a message up after a day", async () => {
    const { time, sent, notifier } = world(() => false);
    notifier.notice(notice(1));
    await time.advance(26 * 3_600_000);
    const tries = sent.length;
    await time.advance(3_600_000);
    expect(sent).toHaveLength(tries);
    notifier.close();
  });

  it("knows troubles of before a restart: they are not told again, but their end is", async () => {
    const { time, sent, notifier } = world(() => true);
    notifier.notice(notice(1, "opened"), true);
    await time.advance(1000);
    notifier.notice(notice(2, "closed"));
    await time.advance(1000);
    expect(sent).toEqual(["run-2"]);
    notifier.close();
  });
});

describe("sendNotice()", () => {
  const message = { id: "run-7", state: "once", notice: notice(7) } as const;

  it("posts a signed body that a receiver can verify", async () => {
    const got: { headers: Record<string, unknown>; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      request.on("end", () => {
        got.push({ headers: request.headers, body });
        response.writeHead(got.length === 1 ? 500 : 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const receiver = { ...OPS, to: { kind: "webhook", url, secret: "s3" } } as const;
    const clock = { wallMs: () => 1_700_000_000_000 };
    await expect(sendNotice(receiver, message, clock)).rejects.toThrow("status 500");
    await sendNotice(receiver, message, clock);
    server.close();
    const [, last] = got;
    expect(last?.headers["idempotency-key"]).toBe("run-7");
    const digest = createHmac("sha256", "s3").update(`1700000000.${last?.body}`).digest("hex");
    expect(last?.headers["livezone-signature"]).toBe(`t=1700000000,v1=${digest}`);
    expect(signature("s3", 1_700_000_000, last?.body ?? "")).toContain(digest);
    expect(JSON.parse(last?.body ?? "")).toMatchObject({
      ...{ id: "run-7", state: "once", severity: "critical", about: "store" },
    });
  });

  it("hands the body to a program, and takes its exit status for an answer", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lz-"));
    const program = join(folder, "tell");
    const told = join(folder, "told");
    writeFileSync(program, `#!/bin/sh\ncat > ${told}\nexit $(cat ${folder}/status)\n`, {
      mode: 0o755,
    });
    const receiver = { ...OPS, to: { kind: "exec", program } } as const;
    writeFileSync(join(folder, "status"), "3");
    await expect(sendNotice(receiver, message, new SimulatedTime())).rejects.toThrow("status 3");
    writeFileSync(join(folder, "status"), "0");
    await sendNotice(receiver, message, new SimulatedTime());
    expect(readFileSync(told, "utf8")).toBe(`${noticeBody(message)}\n`);
    rmSync(folder, { recursive: true });
  });
});

describe("noticeOf()", () => {
  const of = (happened: LivezoneEvent) =>
    noticeOf({ run: 5, number: 9, wallMs: 1, event: happened });
  it("knows what opens a trouble and what closes it", () => {
    const fields = { pool: "www.example.org", type: "A", reason: "" };
    const open = of(event("pool.failed-open", "It fails open", { ...fields, serving: [] }));
    const close = of(event("pool.recovered", "It is well", fields));
    expect(open).toMatchObject({ id: "5-9", kind: "opened", severity: "critical" });
    expect(close).toMatchObject({ kind: "closed", key: open?.key });
  });

  it("says nothing of what is nobody's concern", () => {
    expect(of(event("server.stopping", "", { cause: "" }))).toBeUndefined();
  });
});
