export type { PassInput, SampleInput } from "./bodies.ts";
export { makeArchive } from "./make-archive.ts";
export {
  type Effect,
  type ServerFault,
  startTinkerServer,
  type TinkerServer,
  type TinkerServerOptions,
} from "./tinker-server.ts";
