/** Opens the store on the engine it is given, at the shape this program knows. */
import type { Database } from './database.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';

export type Where = { readonly url: string } | { readonly folder: string } | { readonly memory: true };

/**
 * @param connections to a server, at most; what a desk and its workers need when absent.
 * @throws StoreInUseError for a folder that another process has; PostgresUnusableError for a server that
 *   cannot be used; StoreNewerError, MigrationHistoryError, MigrationFailedError as `migrate` does.
 */
export async function openDatabase(where: Where, connections?: number): Promise<Database> {
  if ('url' in where) return openPostgres(where.url, connections);
  return openPglite('folder' in where ? where.folder : null);
}
