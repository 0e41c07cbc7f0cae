/** Taken before the program can replace them: test runners fake the clock. */
export const now: () => number = performance.now.bind(performance);
export const later: typeof setTimeout = setTimeout;
