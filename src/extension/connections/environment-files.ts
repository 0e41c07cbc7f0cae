import { parseEnv } from 'node:util';

/** The variables in which frameworks keep a database's URL, the most usual first. */
export const URL_VARIABLES = ['DATABASE_URL', 'POSTGRES_URL'] as const;

/** A URL and the name of the variable that holds it. */
export interface FoundUrl {
  variable: string;
  url: string;
}

/** The database URLs of an environment file (`.env`). The file is read, never run. */
export function urlsInEnvironmentFile(text: string): FoundUrl[] {
  let values: NodeJS.Dict<string>;
  try {
    values = parseEnv(text);
  } catch {
    return [];
  }
  return urlsInEnvironment(values);
}

/** The database URLs among variables. `${OTHER}` in a value stands for another of them, as in dotenv-expand. */
export function urlsInEnvironment(values: Readonly<NodeJS.Dict<string>>): FoundUrl[] {
  return URL_VARIABLES.flatMap((variable) => {
    const url = values[variable]?.replace(/\$\{(\w+)\}/g, (reference, name: string) => values[name] ?? reference);
    return url ? [{ variable, url }] : [];
  });
}
