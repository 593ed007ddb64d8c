// One thread's reader, responder and scratch, built from what the supervisor sent.

import { Counters } from "../answer/counters.ts";
import { Exchange } from "../answer/exchange.ts";
import { Ledger } from "../answer/ledger.ts";
import { Responder } from "../answer/responder.ts";
import type { AnswerSettings } from "../answer/settings.ts";
import type { Clock } from "../base/clock.ts";
import type { ImageSet } from "../image/memory.ts";
import { ImageReader } from "../image/reader.ts";
import type { AnswerContext, Answerer } from "./answerer.ts";
import type { ReaderThreadData } from "./thread-mail.ts";

/** A thread's means to answer, which follows the image and the settings. */
export class ReaderContext implements AnswerContext {
  readonly exchange = new Exchange();
  readonly epoch: ImageReader;
  readonly clock: Clock;
  readonly counters: Counters;
  answerer: Answerer;
  readonly #ledger: Ledger | undefined;

  constructor(data: ReaderThreadData, clock: Clock) {
    this.clock = clock;
    this.epoch = new ImageReader(data.memory, data.reader);
    this.counters = new Counters(data.counters, data.reader);
    this.#ledger = data.ledger && new Ledger(data.ledger, data.reader);
    this.answerer = this.#responder(data.settings);
  }

  /** Answers from another set from now on. Between batches only. */
  adopt(set: ImageSet): void {
    this.epoch.adopt(set);
  }

  /** Answers by other settings from now on. Between batches only. */
  applySettings(settings: AnswerSettings): void {
    this.answerer = this.#responder(settings);
  }

  #responder(settings: AnswerSettings): Responder {
    return new Responder(this.epoch, settings, this.counters, this.#ledger);
  }
}
