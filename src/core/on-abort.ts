const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `action` once when the signal is aborted; returns how to take it back. All actions of one signal share one event
 * listener: hundreds of requests under one signal would otherwise search a list of hundreds each time one ends.
 */
export function onAbort(signal: AbortSignal | undefined, action: () => void): () => void {
  if (signal === undefined) return () => {};
  let actions = listeners.get(signal);
  if (actions === undefined) {
    const created = new Set<() => void>();
    actions = created;
    listeners.set(signal, created);
    signal.addEventListener(
      "abort",
      () => {
        for (const each of [...created]) each();
        created.clear();
      },
      { once: true },
    );
  }
  actions.add(action);
  return () => actions.delete(action);
}
