/** Of what the calls of late were: mostly reads, or writes too. */

export interface Mix {
  read(): void;
  write(): void;
  /** Fewer than one write in eight calls. */
  isMostlyReads(): boolean;
}

/** Of so many calls; then those before count for half. */
const remembered = 512;
const readsPerWrite = 8;

export function createMix(): Mix {
  let calls = 0;
  let writes = 0;
  const add = (write: 0 | 1): void => {
    calls += 1;
    writes += write;
    if (calls < remembered) return;
    calls /= 2;
    writes /= 2;
  };
  return { read: () => add(0), write: () => add(1), isMostlyReads: () => writes * readsPerWrite < calls };
}
