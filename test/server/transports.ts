// The three transports behind the conformance suite's one interface.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Exchange, TRANSPORT } from "../../src/answer/exchange.ts";
import { realTime } from "../../src/app/real-time.ts";
import { createPulse, Pulse } from "../../src/base/pulse.ts";
import { type Libc, loadLibc } from "../../src/server/libc.ts";
import type { ListenAddress } from "../../src/server/listen.ts";
import { PortableUdp } from "../../src/server/portable.ts";
import { openUdpSockets } from "../../src/server/sockets.ts";
import { StreamServer } from "../../src/server/stream.ts";
import { tcpClient, tlsClient, udpClient } from "./clients.ts";
import type { Serving, Transport } from "./conformance.ts";
import { echoContext } from "./entries/echo.mjs";
import { TEST_IDENTITY } from "./identity.ts";

/** koffi is a development dependency too: where it is missing, these tests say so by failing. */
export async function libcForTests(): Promise<Libc> {
  const load = await loadLibc();
  if (load.kind === "missing") throw new Error(load.why);
  return load.libc;
}

export const batched: Transport = {
  name: "batched",
  number: TRANSPORT.udp,
  ask: udpClient,
  async serve(listen) {
    const libc = await libcForTests();
    const { addresses, workers, close } = openUdpSockets(libc, { listen, workers: 1 });
    const pulse = createPulse();
    const worker = new Worker(new URL("./entries/batched-echo.mjs", import.meta.url), {
      workerData: { sockets: workers[0], pulse },
    });
    await once(worker, "message");
    const stop = async (): Promise<void> => {
      new Pulse(pulse).requestStop();
      await once(worker, "exit");
      close();
    };
    return { addresses, stop };
  },
};

export const portable: Transport = {
  name: "portable",
  number: TRANSPORT.udp,
  ask: udpClient,
  async serve(listen) {
    const udp = new PortableUdp(echoContext(new Exchange()));
    return listening(
      listen,
      (address) => udp.listen(address),
      () => udp.close(),
    );
  },
};

export const tcp: Transport = {
  name: "tcp",
  number: TRANSPORT.tcp,
  ask: tcpClient,
  async serve(listen) {
    const server = new StreamServer({ context: echoContext(new Exchange()), time: realTime });
    return listening(
      listen,
      (address) => server.listenTcp(address),
      () => server.close(),
    );
  },
};

export const tls: Transport = {
  name: "tls",
  number: TRANSPORT.tls,
  ask: (to) => tlsClient(to, TEST_IDENTITY.certificatePem),
  async serve(listen) {
    const server = new StreamServer({ context: echoContext(new Exchange()), time: realTime });
    server.setIdentity(TEST_IDENTITY);
    return listening(
      listen,
      (address) => server.listenTls(address),
      () => server.close(),
    );
  },
};

async function listening(
  listen: readonly ListenAddress[],
  open: (address: ListenAddress) => Promise<ListenAddress>,
  close: () => void,
): Promise<Serving> {
  const addresses: ListenAddress[] = [];
  try {
    for (const address of listen) addresses.push(await open(address));
  } catch (error) {
    close();
    throw error;
  }
  return { addresses, stop: async () => close() };
}
