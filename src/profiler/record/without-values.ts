/** Classes of SQLSTATE whose messages quote a value of the statement: data exceptions, and whatever PL/pgSQL raises. */
const QUOTING = /^(?:22|P0)/;

/** A message as it may be kept: names of tables and constraints stay, values and passwords go. */
export function withoutValues(code: string, message: string): string {
  const kept = message.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1…@');
  return QUOTING.test(code) ? kept.replace(/"[^"]*"|'[^']*'|(?<![\w.])\d[\d.,:/-]*/g, '…') : kept;
}

/** A command line up to its first option or value: any of them may be a secret. */
export function withoutArguments(command: string): string {
  const words = command.split(' ');
  const first = words.findIndex((word) => word.startsWith('-') || /[=@]|:\/\//.test(word));
  return first < 0 ? command : [...words.slice(0, first), '…'].join(' ');
}
