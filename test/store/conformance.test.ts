import { MessageChannel } from "node:worker_threads";
import { connectStore } from "../../src/store/client.ts";
import { openStore } from "../../src/store/open.ts";
import { runStoreThread } from "../../src/store/thread.ts";
import { type TestedStore, testStoreConformance } from "./conformance.ts";
import { inProcess } from "./fixtures.ts";

testStoreConformance("Store in memory", () => direct(":memory:"));
testStoreConformance("Store in a file", (folder) => direct(folder.file()));
testStoreConformance("connectStore() to runStoreThread()", (folder) => {
  const store = openStore(folder.file());
  const { port1, port2 } = new MessageChannel();
  const thread = runStoreThread(port1, { store });
  const client = connectStore(port2);
  const close = async (): Promise<void> => {
    await client.close();
    await thread.ended;
    await store.close();
  };
  return { port: client, close };
});

function direct(path: string): TestedStore {
  const port = inProcess(openStore(path));
  return { port, close: () => port.close() };
}
