/** Probability that a standard normal variable exceeds `z`; relative accuracy about 1e-13 in both tails. */
export function normalTail(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  if (z < 0) return 1 - normalTail(-z);
  if (z < 3) return 0.5 - density(z) * centralSeries(z);
  return z > 40 ? 0 : density(z) / tailFraction(z);
}

/** Probability that a standard normal variable is at most `z`. */
export function normalCdf(z: number): number {
  return z < 0 ? normalTail(-z) : 1 - normalTail(z);
}

/** The `z` that a standard normal variable stays below with this probability: 0.975 gives 1.96. */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) return Number.NaN;
  if (probability === 0) return Number.NEGATIVE_INFINITY;
  if (probability === 1) return Number.POSITIVE_INFINITY;
  if (probability > 0.5) return -normalQuantile(1 - probability);
  let low = -40;
  let high = 0;
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (normalTail(-middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function density(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** z + z^3/3 + z^5/(3*5) + ...: the distribution function above one half, over the density (Marsaglia 2004). */
function centralSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let odd = 3; Math.abs(term) > 1e-18 * Math.abs(sum); odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return sum;
}

/** z + 1/(z + 2/(z + 3/(z + ...))): the density over the tail (Laplace's continued fraction). */
function tailFraction(z: number): number {
  let value = z;
  for (let level = 120; level >= 1; level--) value = z + level / value;
  return value;
}
