export { judgeReply } from "./judge-reply.mjs";
export {
  type StubBody,
  type StubCall,
  type StubFaults,
  type StubOptions,
  type StubResponse,
  type StubServer,
  startStubServer,
} from "./stub-server.mjs";
