import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";

/** A proxy on 127.0.0.1 that passes everything on. `afterAnswer` is told the path of every call whose answer was passed on. */
export async function startWatchingProxy(target: string, afterAnswer: (path: string) => void) {
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url: path = "" } = incoming;
    const passed = httpRequest(`${target}${path}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
      answer.on("end", () => afterAnswer(path));
    });
    passed.on("error", () => incoming.socket.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
