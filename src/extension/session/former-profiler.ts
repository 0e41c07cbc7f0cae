/** The profiler of this window before it was reloaded, which may still be saving what the window showed. */

/** A profiler that saves a session when its window closes needs less. One that lives on belongs to another window. */
const FORMER_PROFILER_MS = 60_000;
const FORMER_PROFILER_POLL_MS = 100;

/** Whether a process of this number runs. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Whether a process has ended that is about to. */
export async function hasEnded(pid: number): Promise<boolean> {
  for (let waited = 0; isAlive(pid); waited += FORMER_PROFILER_POLL_MS) {
    if (waited >= FORMER_PROFILER_MS) return false;
    await new Promise((resolve) => setTimeout(resolve, FORMER_PROFILER_POLL_MS));
  }
  return true;
}
