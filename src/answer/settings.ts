// What an operator may choose about answers, as the responder takes it. Structured-clonable: the
// supervisor sends it to every thread.

/** Settings of a responder; take `DEFAULT_ANSWER_SETTINGS` and change what differs. */
export interface AnswerSettings {
  /** The largest answer over UDP, octets, 512 to 4096, however much the asker offers. */
  readonly udpSizeMax: number;
  /** Whether records of one RRset take turns in being the first. */
  readonly isRotating: boolean;
}

/** 1232 octets avoid fragments on every path (DNS flag day 2020). */
export const DEFAULT_ANSWER_SETTINGS: AnswerSettings = {
  udpSizeMax: 1232,
  isRotating: true,
};
