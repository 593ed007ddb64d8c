// The operator's choices about answers as the answer threads take them: with secrets, seeds and threads.

import { createCookieSecrets, setCookieSecrets } from "../answer/cookies.ts";
import {
  type AnswerSettings,
  DEFAULT_ANSWER_SETTINGS,
  DEFAULT_RATE_LIMIT,
  type RateLimitSettings,
} from "../answer/settings.ts";
import { AppError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import { type AnswerConfig, readCookieSecrets } from "../config/answering.ts";
import type { EventSink, FilesPort } from "../control/ports.ts";
import { event } from "../events/event.ts";
import { Files } from "../files/watch.ts";
import { realRandom, realTime } from "./real-time.ts";

/** The file of cookie secrets cannot be used; the message says why and what to do. */
class CookieSecretError extends AppError {
  override readonly code = "COOKIE_SECRETS";

  constructor(file: string, state: string) {
    super(`Cannot use cookie secrets "${file}": ${state}`);
  }
}

/** Settings for `threads` answering threads. `secrets` is shared with them and changes under them. */
export function answerSettings(
  config: AnswerConfig,
  given: {
    readonly threads: number;
    readonly random: Random;
    readonly secrets: SharedArrayBuffer | undefined;
  },
): AnswerSettings {
  const { nsid, version, identity, explainTo } = config;
  const rateLimit = rateLimitOf(config, given.threads, given.random);
  return {
    ...DEFAULT_ANSWER_SETTINGS,
    udpSizeMax: config.udpSizeMax,
    isRotating: config.isRotating,
    hasSessions: true,
    ...(explainTo.length > 0 && { explainTo }),
    chaos: {
      ...(version === undefined ? {} : { version }),
      ...(identity === undefined ? {} : { identity }),
    },
    ...(nsid === undefined ? {} : { nsid: new TextEncoder().encode(nsid) }),
    ...(given.secrets === undefined ? {} : { cookieSecrets: given.secrets }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  };
}

function rateLimitOf(
  config: AnswerConfig,
  threads: number,
  random: Random,
): RateLimitSettings | undefined {
  if (config.rateLimit === undefined) return undefined;
  return { ...DEFAULT_RATE_LIMIT, ...config.rateLimit, threads, seed: random.uint32() };
}

/** The secrets of a server that gives cookies, followed. @throws CookieSecretError as below. */
export function openSecrets(
  { isOn, secretFile }: AnswerConfig["cookies"],
  emit: EventSink,
): CookieSecrets | undefined {
  if (!isOn) return undefined;
  const world = { files: new Files({ time: realTime }), random: realRandom, emit };
  const secrets = new CookieSecrets(secretFile, world);
  secrets.follow();
  return secrets;
}

/** Cookie secrets in shared memory: from a file that servers share, or one of our own. */
export class CookieSecrets {
  readonly memory = createCookieSecrets();
  readonly #file: string | undefined;
  readonly #files: FilesPort;
  readonly #emit: EventSink;

  /** @throws CookieSecretError when the file cannot be used at the start. */
  constructor(
    file: string | undefined,
    world: { readonly files: FilesPort; readonly random: Random; readonly emit: EventSink },
  ) {
    this.#file = file;
    this.#files = world.files;
    this.#emit = world.emit;
    if (file === undefined) {
      const words = Uint32Array.from({ length: 4 }, () => world.random.uint32());
      setCookieSecrets(this.memory, new Uint8Array(words.buffer));
      return;
    }
    this.#load(file);
  }

  /** Follows the file: a good change is in force at once, a bad one changes nothing. */
  follow(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#files.watch([file], () => {
      try {
        this.#load(file);
        this.#emit(event("config.loaded", `Cookie secrets: ${file}`, { file }));
      } catch (error) {
        if (!(error instanceof CookieSecretError)) throw error;
        const msg = `${error.message}; the old ones stay in use`;
        this.#emit(event("config.rejected", msg, { file, errors: [error.message] }));
      }
    });
  }

  close(): void {
    this.#files.close();
  }

  #load(file: string): void {
    const read = this.#files.read(file);
    if (read.kind === "failed") throw new CookieSecretError(file, read.message);
    const reading = readCookieSecrets(new TextDecoder().decode(read.bytes));
    if (reading.kind === "bad") throw new CookieSecretError(file, reading.sentence);
    setCookieSecrets(this.memory, reading.value.active, reading.value.other);
  }
}
