import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { LIBRARIES } from './libraries';
import type { Recorder } from './recorder';

/** What each event emitter goes through when it is made. Node's own `domain` takes hold of it in the same way. */
type Init = (this: object & { query?: unknown }, options?: unknown) => void;

/**
 * Hands objects of drivers to what knows the library, before anybody has them. It is the way to drivers that no module hands over: those
 * inside the program's own bundle, and those that a test runner has loaded in its own way.
 */
export function watchConstruction(recorder: Recorder): void {
  const emitters = EventEmitter as unknown as { init: Init };
  const original = emitters.init;
  emitters.init = function (options) {
    // One look, for programs make many emitters, and only drivers have such a method.
    if (typeof this.query === 'function') recorder.guard(() => take(this, recorder));
    original.call(this, options);
  };
  const script = mainScript();
  if (script) for (const { bundled } of LIBRARIES) recorder.guard(() => bundled?.(script, recorder));
}

function mainScript(): Buffer | undefined {
  try {
    return process.argv[1] ? readFileSync(process.argv[1]) : undefined;
  } catch {
    // A folder, or a name without its ending.
    return undefined;
  }
}

function take(emitter: object, recorder: Recorder): void {
  for (const { name, made } of LIBRARIES) if (made?.(emitter, recorder)) recorder.found(name);
}
