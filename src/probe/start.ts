/**
 * The preload that a program of the user runs with (`NODE_OPTIONS=--require …/probe.cjs`). Without {@link PROBE_OPTIONS_VARIABLE},
 * or when nobody listens any more, it does nothing. It never throws into the program, never prints, and never keeps it alive.
 */
import { wantedOptions } from './arming';
import { watchConstruction } from './construction';
import { watchLibraries } from './loading';
import { Recorder } from './recorder';
import { watchRequests } from './requests';
import { Transport } from './transport';

/** Key of the global that tells a second copy that one is at work, and takes what ES modules of libraries hand over. */
const MARK = 'roundtrip.probe';

function start(): void {
  const mark = Symbol.for(MARK);
  if (mark in globalThis) return;
  const options = wantedOptions();
  if (!options) return;
  const recorder = new Recorder(new Transport(options));
  Object.defineProperty(globalThis, mark, { value: watchLibraries(recorder, MARK), enumerable: false });
  watchRequests(recorder);
  watchConstruction(recorder);
}

try {
  start();
} catch {
  // A program must start as if there were no probe.
}
