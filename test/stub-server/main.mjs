// Runs the stub as a process: node test/stub-server/main.mjs '{"latencyMs":20}'. Prints its URL; ends with its stdin's
// end, SIGTERM or SIGINT, and then prints what it counted.
import { startStubServer } from "./stub-server.mjs";

const server = await startStubServer(JSON.parse(process.argv[2] ?? "{}"));
console.log(server.url);
const stop = async () => {
  await server.close();
  console.log(JSON.stringify(server.counts));
  process.exit(0);
};
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
process.stdin.once("end", stop).resume();
