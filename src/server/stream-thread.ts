// The stream thread: TCP, TLS, and UDP where it has to be portable, on Node's event loop.

import type { MessagePort } from "node:worker_threads";
import { unreachable } from "../base/assert.ts";
import type { Time } from "../base/clock.ts";
import { codeOf } from "../base/errors.ts";
import { beatRegularly, Pulse } from "../base/pulse.ts";
import { type Letter, LetterBox, senderOf } from "./letters.ts";
import { loadLibc } from "./libc.ts";
import type { ListenAddress } from "./listen.ts";
import { PortableUdp } from "./portable.ts";
import { ReaderContext } from "./reader-context.ts";
import { datagramWay } from "./session-request.ts";
import { Sessions } from "./sessions.ts";
import { StreamServer } from "./stream.ts";
import type { FromReaderThread, StreamThreadData, ThreadMail, ThreadReady } from "./thread-mail.ts";

const BEAT_MS = 250;

/** Tries to find a port that is free for UDP and for TCP, where the system chooses. */
const PORT_TRIES_MAX = 16;

/**
 * Listens, says so, and answers until it is told to stop.
 *
 * @throws ServerError when an address cannot be had or the certificate is bad.
 */
export async function runStreamThread(
  data: StreamThreadData,
  port: MessagePort,
  time: Time,
): Promise<void> {
  const context = new ReaderContext(data, time);
  const tell = (message: FromReaderThread): void => port.postMessage(message);
  const sessions = new Sessions(data.sessions, {
    ...{ context, time },
    emit: (happened) => tell({ kind: "event", event: happened }),
    ask: (ask) => tell({ kind: "ask", ask }),
  });
  const udp = new PortableUdp(context, sessions);
  const box = data.udp === "batched" ? await openLetterBox() : undefined;
  const streams = new StreamServer({ context, time, limits: data.limits, sessions });
  const tlsAddresses: ListenAddress[] = [];
  if (data.tls !== undefined) {
    streams.setIdentity(data.tls.identity);
    for (const listen of data.tls.listen) tlsAddresses.push(await streams.listenTls(listen));
  }
  const addresses: ListenAddress[] = [];
  for (const listen of data.listen) {
    if (data.udp === "batched") addresses.push(await streams.listenTcp(listen));
    else addresses.push(await listenBoth(udp, streams, listen));
  }
  const stopBeating = beatRegularly(new Pulse(data.pulse), time, BEAT_MS);
  port.on("message", (mail: ThreadMail) => {
    switch (mail.kind) {
      case "adopt":
        return context.adopt(mail.set);
      case "settings":
        return context.applySettings(mail.settings);
      case "identity":
        return streams.setIdentity(mail.identity);
      case "keys":
        return sessions.setKeys(mail.keys);
      case "reply":
        return sessions.replied(mail.reply.id, mail.reply.reply);
      case "letter":
        return takeLetter(mail.letter, sessions, box);
      case "stop":
        stopBeating();
        streams.close();
        udp.close();
        return port.close();
      default:
        return unreachable(mail);
    }
  });
  const ready: ThreadReady = { kind: "ready", addresses, tlsAddresses };
  port.postMessage(ready);
}

async function openLetterBox(): Promise<LetterBox | undefined> {
  const load = await loadLibc();
  return load.kind === "loaded" ? new LetterBox(load.libc) : undefined;
}

function takeLetter(letter: Letter, sessions: Sessions, box: LetterBox | undefined): void {
  const way = datagramWay((message) => box?.answer(letter, message));
  void sessions.take(letter.packet, senderOf(letter), way);
}

/** UDP and TCP on one port; where the system chooses it, TCP may find it taken. */
async function listenBoth(
  udp: PortableUdp,
  streams: StreamServer,
  listen: ListenAddress,
): Promise<ListenAddress> {
  for (let tries = 1; ; tries++) {
    const bound = await udp.listen(listen);
    try {
      return await streams.listenTcp(bound);
    } catch (error) {
      const isTaken = codeOf(error) === "SERVER_ADDRESS_IN_USE";
      if (listen.port !== 0 || !isTaken || tries >= PORT_TRIES_MAX) throw error;
      udp.release(bound);
    }
  }
}
