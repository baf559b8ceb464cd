export { createPool, type PoolOptions } from "./create-pool.ts";
export { rankReplicas } from "./rendezvous.ts";
