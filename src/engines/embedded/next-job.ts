import { continuesSlot, type Donor, findDonor, type Job, type Slot } from "./slot.ts";

/**
 * The queued program that shares most with what is computed or being computed; among equals the oldest. One that
 * continues a free sequence goes first: otherwise that sequence's content would be overwritten while programs that need
 * it are waiting. Programs that need more than `capacity` tokens are passed by. The queue must not be empty.
 */
export function nextJob(
  queue: readonly Job[],
  slots: readonly Slot[],
  capacity: number,
): { job: Job; donor: Donor | undefined } {
  const oldest = queue[0]!;
  // Looking further than this costs more than a better match is worth.
  const horizon = 4 * slots.length;
  let best = { job: oldest, donor: findDonor(oldest, slots) };
  // A steady stream of better matches must not keep the oldest waiting for ever.
  if (oldest.passedOver >= horizon) return best;
  let worth = worthOf(best.donor, capacity);
  for (const job of queue.slice(1, horizon)) {
    if (job.tokensNeeded > capacity) continue;
    const donor = findDonor(job, slots);
    const candidate = worthOf(donor, capacity);
    if (candidate <= worth) continue;
    best = { job, donor };
    worth = candidate;
  }
  if (best.job !== oldest) oldest.passedOver++;
  return best;
}

function worthOf(donor: Donor | undefined, capacity: number): number {
  if (donor === undefined) return 0;
  return donor.length + (donor.slot.job === undefined && continuesSlot(donor) ? capacity : 0);
}
