// A small web target to try failover with: `node scripts/sample-target.mjs ADDRESS PORT NAME`.
// `/healthz` answers 200, every other path the target's name. SIGTERM or Ctrl-C stops it at once,
// idle connections included, as a crash would.

import { createServer } from "node:http";

const [address, portText, name] = process.argv.slice(2);
const port = Number(portText);

if (address === undefined || name === undefined || !(port > 0 && port < 65_536)) {
  console.error("usage: sample-target.mjs ADDRESS PORT NAME");
  process.exit(2);
}

const server = createServer((request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end(request.url === "/healthz" ? "ok\n" : `${name}\n`);
});

server.on("error", (error) => {
  console.error(`Cannot listen on ${address}:${port}: ${error.message}`);
  process.exit(1);
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}

server.listen(port, address, () => console.log(`${name} listens on http://${address}:${port}`));
