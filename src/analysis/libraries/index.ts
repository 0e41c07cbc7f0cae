import { drizzle } from './drizzle';
import { knex } from './knex';
import { kysely } from './kysely';
import type { Library, LibraryId, Step } from './library';
import { mikroOrm } from './mikro-orm';
import { neon } from './neon';
import { pg } from './pg';
import { postgresJs } from './postgres-js';
import { prisma } from './prisma';
import { sequelize } from './sequelize';
import { isStatement } from './sql-template';
import { typeorm } from './typeorm';

export { isOnOther } from './other-databases';

/** Every database library that is understood. A new one is one file beside these and one line here. */
export const libraries: readonly Library[] = [pg, postgresJs, neon, drizzle, prisma, kysely, knex, sequelize, typeorm, mikroOrm];

export function libraryOf(id: LibraryId): Library {
  return libraries.find((library) => library.id === id)!;
}

/**
 * A tag that comes from a package's base class or from a caller, such as `this.sql`: when its template is a whole
 * statement, the tag sends it. Clients whose templates are only built import their tag from their package.
 */
export function librarySendingTemplate(template: Step): { library: Library; root: string; steps: Step[] } | undefined {
  return template.template !== undefined && isStatement(template.template, template.args ?? []) ? { library: postgresJs, root: 'tag', steps: [template] } : undefined;
}
