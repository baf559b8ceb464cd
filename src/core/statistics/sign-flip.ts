import { seededRandom } from "../random.ts";

/** Groups up to which all sign patterns are counted (2^18 of them). */
const exactLimit = 18;

/** Result of a sign-flip test; the p-value is two-sided. */
export interface SignFlipTest {
  /** Sum of the differences. */
  sum: number;
  p: number;
  /** Whether every sign pattern was counted; else `patterns` of them were drawn. */
  exact: boolean;
  patterns: number;
}

/**
 * Paired permutation test (Fisher 1935): under the hypothesis that neither side is better, every difference could as well
 * have had the other sign. The p-value is the share of sign patterns whose sum is at least as far from 0 as the one
 * seen: counted over all with up to 18 non-zero differences, else over `patterns` seeded draws plus the one seen. Where
 * cases are grouped, pass one sum per group.
 */
export function signFlipTest(
  differences: ArrayLike<number>,
  options: { seed: number; patterns?: number },
): SignFlipTest {
  const moving = Array.from(differences).filter((difference) => difference !== 0);
  const sum = moving.reduce((total, difference) => total + difference, 0);
  // Sums in another order differ by rounding; a pattern that repeats the sum seen must count.
  const bar = Math.abs(sum) - 1e-9 * moving.reduce((total, difference) => total + Math.abs(difference), 0);
  if (moving.length <= exactLimit) return { sum, ...countAll(moving, sum, bar) };
  return { sum, ...drawPatterns(moving, bar, options.patterns ?? 20_000, options.seed) };
}

function countAll(moving: number[], sum: number, bar: number): Omit<SignFlipTest, "sum"> {
  const patterns = 2 ** moving.length;
  const signs = moving.map(() => 1);
  let current = sum;
  let far = Math.abs(current) >= bar ? 1 : 0;
  for (let step = 1; step < patterns; step++) {
    // Gray code: from one pattern to the next a single sign changes.
    const flipped = 31 - Math.clz32(step & -step);
    current -= 2 * signs[flipped]! * moving[flipped]!;
    signs[flipped] = -signs[flipped]!;
    if (Math.abs(current) >= bar) far++;
  }
  return { p: far / patterns, exact: true, patterns };
}

function drawPatterns(moving: number[], bar: number, patterns: number, seed: number): Omit<SignFlipTest, "sum"> {
  const random = seededRandom(seed);
  const values = Float64Array.from(moving);
  let far = 0;
  for (let draw = 0; draw < patterns; draw++) {
    let current = 0;
    let bits = 0;
    for (let index = 0; index < values.length; index++) {
      // Sixteen signs from one draw.
      bits = index % 16 === 0 ? Math.floor(random() * 65_536) : bits >>> 1;
      current += (bits & 1) === 0 ? values[index]! : -values[index]!;
    }
    if (Math.abs(current) >= bar) far++;
  }
  return { p: (far + 1) / (patterns + 1), exact: false, patterns };
}
