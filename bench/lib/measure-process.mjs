/** Starts a measurement of this process: wall-clock and CPU time (user and system) from here on. */
export function measureProcess() {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return {
      seconds: (performance.now() - startedAt) / 1000,
      cpuSeconds: (user + system) / 1e6,
      maxRssMb: process.resourceUsage().maxRSS / 1024,
    };
  };
}
