// A web target that a fault can befall: `node target.mjs ADDRESS PORT`. SIGUSR2 makes it answer 500
// from then on, SIGHUP 200 again; SIGUSR1 restarts it in place: gone for 300 ms, connections reset.

import { createServer } from "node:http";

const RESTART_MS = 300;
const [address, portText] = process.argv.slice(2);
const port = Number(portText);
let status = 200;

const server = createServer((_request, response) => {
  response.statusCode = status;
  response.end("ok\n");
});
process.on("SIGUSR2", () => {
  status = 500;
});
process.on("SIGHUP", () => {
  status = 200;
});
process.on("SIGUSR1", () => {
  server.close();
  server.closeAllConnections();
  setTimeout(() => server.listen(port, address), RESTART_MS);
});
server.listen(port, address, () => console.log("ready"));
