import { availableParallelism, totalmem } from "node:os";
import { formatBytes } from "./format-bytes.ts";

/** What a machine can carry. */
export interface Machine {
  /** Memory of the machine, or of the container where that is less. */
  totalMemoryBytes: number;
  /** Cores this process may use. */
  cores: number;
  /** Free memory of the largest GPU, where there is one. */
  gpuFreeBytes?: number;
}

/** This machine; what is free on a GPU is known to the caller only. */
export function readMachine(gpuFreeBytes?: number): Machine {
  // 0, or more than there is, where no limit is set.
  const limit = process.constrainedMemory();
  const total = totalmem();
  return { totalMemoryBytes: limit > 0 && limit < total ? limit : total, cores: availableParallelism(), gpuFreeBytes };
}

/** Whether a model of that size can run here: its weights, a fifth more for the context, and room for the rest. */
export function canCarry(modelBytes: number, machine: Machine): boolean {
  return modelBytes * 1.2 + 1e9 <= machine.totalMemoryBytes || modelBytes * 1.2 <= (machine.gpuFreeBytes ?? 0);
}

/** `24.6 GB of memory, 2 cores`, for messages. */
export function describeMachine(machine: Machine): string {
  const gpu = machine.gpuFreeBytes === undefined ? "" : `, ${formatBytes(machine.gpuFreeBytes)} free on the GPU`;
  return `${formatBytes(machine.totalMemoryBytes)} of memory, ${machine.cores} ${machine.cores === 1 ? "core" : "cores"}${gpu}`;
}
