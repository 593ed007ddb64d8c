// Repeated POSTs with the same `Idempotency-Key` are carried out once: whoever asks again is told
// what the first one was told. Bounded; kept in memory, so that a restart forgets.

import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "../base/clock.ts";
import { Refusal } from "../base/refusal.ts";

const ENTRIES_MAX = 1000;
const PAYLOAD_OCTETS_MAX = 256 * 1024;
const KEPT_MS = 24 * 3_600_000;
const KEY_LENGTH_MAX = 128;

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly payload: string;
}

interface Entry {
  readonly fingerprint: string;
  readonly sinceMs: number;
  /** Absent while the first request is being carried out. */
  answered?: Answered;
}

/** What was answered to which key, the oldest first. */
export class IdempotencyMemory {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Pick<Clock, "nowMs">;

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  /**
   * @returns what was answered before, or `undefined`: the request is to be carried out.
   * @throws Refusal when the key was used for something else, or the first is not answered yet.
   */
  begin(key: string, fingerprint: string): Answered | undefined {
    const nowMs = this.#clock.nowMs();
    const known = this.#entries.get(key);
    if (known !== undefined && nowMs < known.sinceMs + KEPT_MS) {
      if (known.fingerprint !== fingerprint) {
        const state = "it was sent with another request before; take a new one";
        throw new Refusal("unfit", "KEY_REUSED", `Cannot use this Idempotency-Key: ${state}`);
      }
      if (known.answered !== undefined) return known.answered;
      const state = "the first request with its Idempotency-Key is not answered yet; ask again";
      throw new Refusal("conflict", "KEY_BUSY", `Cannot answer this request: ${state}`);
    }
    this.#entries.delete(key);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size < ENTRIES_MAX) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { fingerprint, sinceMs: nowMs });
    return undefined;
  }

  /** Keeps an answer. What failed on our side, or is too large to keep, may be tried again. */
  end(key: string, answered: Answered): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const isKept = answered.status < 500 && answered.payload.length <= PAYLOAD_OCTETS_MAX;
    if (isKept) entry.answered = answered;
    else this.#entries.delete(key);
  }
}

/** Adds the header's meaning to every POST of a server. */
export function addIdempotency(server: FastifyInstance, memory: IdempotencyMemory): void {
  const begun = new WeakMap<FastifyRequest, string>();
  server.addHook("preHandler", async (request, reply) => {
    const header = request.headers["idempotency-key"];
    if (request.method !== "POST" || header === undefined) return;
    const name = String(header);
    if (name === "" || name.length > KEY_LENGTH_MAX) {
      const state = `it must have 1 to ${KEY_LENGTH_MAX} characters`;
      throw new Refusal("unfit", "BAD_REQUEST", `Cannot use this Idempotency-Key: ${state}`);
    }
    // One client's keys are none of another's business.
    const key = `${request.client.via} ${name}`;
    const answered = memory.begin(key, fingerprintOf(request));
    if (answered === undefined) {
      begun.set(request, key);
      return;
    }
    return reply
      .code(answered.status)
      .header("idempotency-replayed", "true")
      .type(answered.type)
      .send(answered.payload);
  });
  server.addHook("onSend", async (request, reply, payload) => {
    const key = begun.get(request);
    if (key === undefined) return;
    begun.delete(request);
    const type = String(reply.getHeader("content-type") ?? "application/json");
    memory.end(key, { status: reply.statusCode, type, payload: String(payload ?? "") });
  });
}

function fingerprintOf({ method, url, body, headers }: FastifyRequest): string {
  const meant = JSON.stringify([method, url, headers["if-match"] ?? "", body ?? null]);
  return createHash("sha256").update(meant).digest("base64");
}
