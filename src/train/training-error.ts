import { CermError } from "../core/errors.ts";

/** Why training stopped by itself. */
export type TrainingFault =
  /** The server's numbers are not finite, or not as many as there should be. */
  | "bad-numbers"
  /** Sampler and trainer are further apart than allowed. */
  | "off-policy"
  /** The server does something with the losses that no known rule explains. */
  | "unknown-reduction";

/** Training stopped rather than take a step that could be wrong. The last checkpoint is whole. */
export class TrainingError extends CermError {
  override name = "TrainingError";
  readonly fault: TrainingFault;

  constructor(fault: TrainingFault, message: string) {
    super(`training-${fault}`, message);
    this.fault = fault;
  }
}
