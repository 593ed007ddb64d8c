// How one message reaches a receiver: as a signed POST, or on a program's standard input.

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { request } from "node:http";
import { request as requestTls } from "node:https";
import type { Clock } from "../base/clock.ts";
import type { NotifyReceiver } from "../control/ports-notify.ts";
import type { NotifyMessage } from "./notify-plan.ts";

const TIMEOUT_MS = 10_000;
const PROGRAM_TIMEOUT_MS = 30_000;

/** The body of a message: JSON that says what happened, to what, and whether it lasts. */
export function noticeBody({ id, state, notice }: NotifyMessage): string {
  const { key, severity, event, message, wallMs, fields } = notice;
  const time = new Date(wallMs).toISOString();
  return JSON.stringify({ id, state, severity, about: key, event, message, time, fields });
}

/**
 * The signature header of a body: `t=SECONDS,v1=HEX`, the HMAC-SHA-256 of `SECONDS.BODY`. The time is
 * signed along, so that an old message cannot be sent again.
 */
export function signature(secret: string, seconds: number, body: string): string {
  const digest = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return `t=${seconds},v1=${digest}`;
}

/** Sends a message. Rejects with why it was not taken. */
export function sendNotice(
  { to }: NotifyReceiver,
  message: NotifyMessage,
  clock: Pick<Clock, "wallMs">,
): Promise<void> {
  const body = noticeBody(message);
  if (to.kind === "exec") return run(to.program, body);
  const seconds = Math.floor(clock.wallMs() / 1000);
  return post(to.url, body, {
    "content-type": "application/json",
    "user-agent": "livezone (notifications)",
    "idempotency-key": message.id,
    ...(to.secret !== undefined && { "livezone-signature": signature(to.secret, seconds, body) }),
  });
}

function post(url: string, body: string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const ask = url.startsWith("https:") ? requestTls : request;
    const length = String(Buffer.byteLength(body));
    const options = { method: "POST", headers: { ...headers, "content-length": length } };
    const sent = ask(url, { ...options, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      clearTimeout(limit);
      // What it says is of no interest, and may be endless.
      response.destroy();
      if (status >= 200 && status <= 299) resolve();
      else reject(new Error(`it answered with status ${status}`));
    });
    const limit = setTimeout(() => {
      sent.destroy(new Error(`it did not answer within ${TIMEOUT_MS / 1000} s`));
    }, TIMEOUT_MS);
    sent.once("error", (error) => {
      clearTimeout(limit);
      reject(error);
    });
    sent.end(body);
  });
}

function run(program: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // A process group of its own: what the program starts ends with it.
    const child = spawn(program, [], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    const limit = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, PROGRAM_TIMEOUT_MS);
    child.once("error", (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.once("close", (status, signal) => {
      clearTimeout(limit);
      if (status === 0) resolve();
      else
        reject(new Error(signal === null ? `it ended with status ${status}` : `it got ${signal}`));
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(`${body}\n`);
  });
}
