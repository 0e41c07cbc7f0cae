import type { DatabaseAddress } from '../address.js';

/** One line of a password file, in libpq's form `host:port:database:user:password`. `*` stands for anything. */
export interface PasswordEntry {
  host: string;
  port: string;
  database: string;
  user: string;
  password: string;
}

/** The lines of a `.pgpass` file that are complete. `\:` and `\\` stand for a colon and a backslash within a field. */
export function parsePasswordFile(text: string): PasswordEntry[] {
  return text.split(/\r?\n/).flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const fields = [''];
    for (let at = 0; at < line.length; at += 1) {
      const character = line[at]!;
      // libpq gives the whole rest of the line to the password.
      if (character === '\\' && at + 1 < line.length) fields[fields.length - 1] += line[++at]!;
      else if (character === ':' && fields.length < 5) fields.push('');
      else fields[fields.length - 1] += character;
    }
    const [host, port, database, user, password] = fields;
    return host && port && database && user && password ? [{ host, port, database, user, password }] : [];
  });
}

/** The password that libpq would take: of the first line that fits. */
export function passwordFor(entries: readonly PasswordEntry[], { host, port, database, user }: DatabaseAddress): string | undefined {
  const wanted = host.startsWith('/') ? 'localhost' : host;
  const fits = (pattern: string, value: string): boolean => pattern === '*' || pattern === value;
  return entries.find((entry) => fits(entry.host, wanted) && fits(entry.port, String(port)) && fits(entry.database, database) && fits(entry.user, user))?.password;
}
