import type { Exchange } from "../../../src/answer/exchange.ts";
import type { AnswerContext, Answerer } from "../../../src/server/answerer.ts";

export const ACT: { readonly echo: number; readonly large: number; readonly silent: number };
export class EchoAnswerer implements Answerer {
  respond(exchange: Exchange): number;
}
export function echoContext(exchange: Exchange): AnswerContext;
