'use strict';
/**
 * Loads modules as Jest does: compiled by `node:vm` for a context of the test file, as an object with a function (until Jest 29) or as a
 * function (since). What is in front of a module's own text is taken away from the stack again, as a source map would.
 */
const { createRequire, isBuiltin } = require('node:module');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const PARAMETERS = ['module', 'exports', 'require', '__dirname', '__filename', 'jest'];
const TRANSFORMED = 'let moved;\n\n\n';
const MOVED = TRANSFORMED.split('\n').length - 1;

const mapsOf = (realm) => {
  realm.Error.prepareStackTrace = (error, calls) =>
    [error, ...calls.map((call) => `    at ${call.getFunctionName() ?? '<anonymous>'} (${call.getFileName()}:${call.getLineNumber() - (call.getFileName()?.includes('node_modules') ? 0 : MOVED)}:${call.getColumnNumber()})`)].join('\n');
};

class Runtime {
  constructor(kind) {
    this.kind = kind;
    this.modules = new Map();
    this.context = vm.createContext({ process, console, setTimeout, clearTimeout, setImmediate, clearImmediate, Buffer, queueMicrotask, URL, TextEncoder, TextDecoder, AbortController });
    vm.runInContext('globalThis.global = globalThis', this.context);
    mapsOf(globalThis);
    mapsOf(vm.runInContext('globalThis', this.context));
  }

  load(file) {
    const known = this.modules.get(file);
    if (known) return known.exports;
    const module = { exports: {}, filename: file, id: file, loaded: false };
    this.modules.set(file, module);
    const require = createRequire(file);
    const own = (request) => (isBuiltin(request) ? require(request) : this.load(require.resolve(request)));
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.json')) module.exports = JSON.parse(text);
    else this.compile(file.includes('node_modules') ? text : TRANSFORMED + text, file).call(module.exports, module, module.exports, own, path.dirname(file), file, {});
    module.loaded = true;
    return module.exports;
  }

  compile(text, filename) {
    if (this.kind === 'function') return vm.compileFunction(text, PARAMETERS, { filename, parsingContext: this.context });
    const script = new vm.Script(`({"Object.<anonymous>":function(${PARAMETERS.join()}){${text}\n}});`, { filename, displayErrors: true });
    return script.runInContext(this.context, { filename })['Object.<anonymous>'];
  }
}

module.exports = { Runtime };
