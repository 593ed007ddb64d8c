import { once } from "node:events";
import { connect } from "node:net";
import koffi from "koffi";
import { expect, it } from "vitest";
import { keepAlive } from "../../src/probe/keepalive.ts";
import { serve } from "./servers.ts";

const getsockopt = koffi
  .load("libc.so.6")
  .func("int getsockopt(int fd, int level, int option, _Out_ int *value, _Inout_ uint *length)");

function option(fd: number, level: number, name: number): number {
  const value = [0];
  expect(getsockopt(fd, level, name, value, [4])).toBe(0);
  return value[0] ?? -1;
}

it("keepAlive() makes the kernel ask after 1 s, every 1 s, twice", async () => {
  const server = await serve(() => {}, { address: "127.0.0.24" });
  const socket = connect(server.port, server.address);
  await once(socket, "connect");
  keepAlive(socket);
  const handle: unknown = "_handle" in socket ? socket._handle : undefined;
  const fd = (handle as { fd: number }).fd;
  const seen = {
    isOn: option(fd, 1, 9),
    idle: option(fd, 6, 4),
    interval: option(fd, 6, 5),
    tries: option(fd, 6, 6),
  };
  socket.destroy();
  await server.close();
  expect(seen).toEqual({ isOn: 1, idle: 1, interval: 1, tries: 2 });
});
