import type { Connection } from '../../src/db/connection/connection.js';
import { noExternals, schemaFiles, withSchemaEngine } from '../../src/db/migrations/schema-engine.js';
import { packageRoot } from '../../src/lib/process/root.js';

/** The statements that would turn the live database into what schema.prisma says; '' when there are none. */
export async function schemaDrift(connection: Connection): Promise<string> {
  const { stdout } = await withSchemaEngine(connection, (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', files: schemaFiles(), configDir: packageRoot },
      to: { tag: 'schemaDatamodel', files: schemaFiles() },
      script: true,
      exitCode: null,
      filters: noExternals,
    }),
  );
  return stdout?.replace(/^-- This is an empty migration\.\s*$/, '').trim() ?? '';
}
