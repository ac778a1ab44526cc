/**
 * Makes a clone ready to run: installs packages, generates and compiles, each only when what it depends on has
 * changed. Plain JavaScript without dependencies, because there may be none yet. Says what it does on standard
 * error, one line a step; a step's own output is shown only if it fails.
 */
import { accessSync, constants, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { path, run, SetupError, steps } from './steps.mjs';

const bin = (name) => path(`node_modules/.bin/${name}`);
/** What is run, and what a build makes last. */
const built = ['dist/src/main.js', 'dist/src/cli/main.js', 'dist/pages/analytics.js', 'dist/site/index.html'];
/** Of the site beside those of docs/. */
const siteDocuments = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md'];

/** Installs, and generates the sources that are not committed. Returns the titles of the steps that had to be done. */
export async function generate() {
  await requirePackages();
  return steps([
    {
      title: 'Generating the database client',
      inputs: ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'],
      outputs: ['src/generated/prisma/client.ts', 'src/generated/pothos.ts'],
      command: [bin('prisma'), 'generate'],
      // Prisma looks for an engine that it does not need to generate; any existing file keeps it from downloading one.
      env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
    },
    {
      title: 'Generating the typed documents',
      inputs: ['codegen.ts', 'schema.graphql', 'src/rest/documents', 'src/pages', 'test', 'package-lock.json'],
      read: readDocuments,
      outputs: [
        'src/generated/documents/graphql.ts',
        'src/generated/pages/graphql.ts',
        'test/generated/gql.ts',
        'packages/schema/dist/types.d.ts',
      ],
      command: [bin('graphql-codegen'), '--config', 'codegen.ts'],
    },
  ]);
}

/**
 * Makes what a gateway serves and runs on. Returns the titles of the steps that had to be done. A production install,
 * which has no development packages, is run as it is: nothing is installed, generated or compiled there.
 */
export async function prepare() {
  if (isProductionInstall()) {
    requireBuild();
    return [];
  }
  await requirePackages();
  // Beside the rest, since it takes as long and needs nothing of it.
  const describing = steps([
    {
      title: 'Building the documentation',
      inputs: ['docs', ...siteDocuments, 'examples', 'schema.graphql', 'package-lock.json'],
      read: (name) => (/\.(md|m?js|graphql|json)$/.test(name) ? readFileSync(path(name), 'utf8') : undefined),
      outputs: ['dist/site/index.html'],
      command: [bin('vitepress'), 'build', 'docs'],
    },
  ]);
  const [done, described] = await Promise.all([compile(), describing]);
  return [...done, ...described];
}

async function compile() {
  const done = await generate();
  const compiled = await steps([
    {
      title: 'Compiling',
      inputs: ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
      outputs: ['dist/src/main.js'],
      command: [bin('tsc'), '-p', 'tsconfig.build.json', '--noCheck'],
    },
    {
      title: 'Bundling the pages',
      inputs: ['src/pages', 'src/lib', 'src/generated/pages', 'rolldown.config.js', 'package-lock.json'],
      outputs: ['analytics.js', 'reference.js', 'scalar.js', 'graphiql.js'].map((file) => `dist/pages/${file}`),
      command: [bin('rolldown'), '--config', 'rolldown.config.js'],
    },
  ]);
  if (compiled.includes('Compiling')) removeOrphans();
  return [...done, ...compiled];
}

/** Makes what is published too. Returns the titles of the steps that had to be done. */
export async function build() {
  const done = await prepare();
  if (isProductionInstall()) return done;
  return [
    ...done,
    ...(await steps([
      {
        title: 'Declaring the types of the SDK',
        inputs: ['src/sdk', 'tsconfig.json', 'tsconfig.sdk.json', 'package-lock.json'],
        outputs: ['dist/src/sdk/index.d.ts'],
        command: [bin('tsc'), '-p', 'tsconfig.sdk.json'],
      },
      {
        title: 'Filling the packages',
        inputs: ['src/sdk', 'schema.graphql', 'scripts/packages.mjs', 'package-lock.json'],
        outputs: ['packages/sdk/dist/index.js', 'packages/schema/dist/index.js'],
        command: [process.execPath, path('scripts/packages.mjs')],
      },
    ])),
  ];
}

/** Of a test only its operations count, so that most changes of tests generate nothing. */
function readDocuments(name) {
  if (!/\.(ts|graphql|json)$/.test(name) || name.startsWith('test/generated/')) return undefined;
  const text = readFileSync(path(name), 'utf8');
  if (!name.startsWith('test/')) return text;
  const operations = text.match(/(?:\bgraphql\(|\/\* GraphQL \*\/)\s*`[^`]*`/g);
  return operations?.join('\n');
}

/** Removes what was compiled from sources that are gone, so that nothing imports it any more. */
function removeOrphans() {
  for (const name of readdirSync(path('dist/src'), { recursive: true })) {
    const [, module] = /^(.+?)(?:\.d\.ts|\.js)$/.exec(name) ?? [];
    if (module && !existsSync(path(`src/${module}.ts`))) rmSync(path(`dist/src/${name}`));
  }
}

function requireNode(major, minor) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  throw new SetupError(`Deskgraph needs Node ${major}.${minor} or newer; this is ${process.versions.node}.`);
}

async function requirePackages() {
  requireNode(20, 19);
  if (!isInstalled()) await install();
}

/** Whether node_modules holds what package-lock.json says. npm notes there what it installed, last of all. */
function isInstalled() {
  return missingPackages(() => true).length === 0;
}

/**
 * Whether node_modules holds packages, but none for development: what `npm ci --omit=dev` and `npm prune --omit=dev`
 * leave.
 */
function isProductionInstall() {
  const installed = packagesOf('node_modules/.package-lock.json');
  const packages = Object.values(installed ?? {});
  return packages.length > 0 && packages.every(({ dev }) => !dev);
}

/** Fails unless what is needed to run is there. */
function requireBuild() {
  requireNode(20, 19);
  const [missing] = missingPackages(({ dev, devOptional }) => !dev && !devOptional);
  if (missing) {
    throw new SetupError(`node_modules lacks ${missing}. Install again with: npm ci --omit=dev`);
  }
  const output = built.find((name) => !existsSync(path(name)));
  if (output) {
    throw new SetupError(
      `This install has no development packages, and ${output} is not built. Build with: npm ci && npm run build && npm prune --omit=dev`,
    );
  }
}

/** The names of the packages that package-lock.json asks for and node_modules does not hold in that version. */
function missingPackages(isNeeded) {
  const wanted = packagesOf('package-lock.json') ?? {};
  const installed = packagesOf('node_modules/.package-lock.json') ?? {};
  return Object.entries(wanted)
    .filter(([name, entry]) => {
      // The project itself and the packages of its own are no installed ones.
      if (!name.includes('node_modules/') || entry.link || !isNeeded(entry)) return false;
      const found = installed[name];
      // What is made for another system is left out, and what is optional may be.
      return found ? found.version !== entry.version : !entry.optional;
    })
    .map(([name]) => name.replace(/^.*node_modules\//, ''));
}

function packagesOf(lockFile) {
  if (!existsSync(path(lockFile))) return undefined;
  return JSON.parse(readFileSync(path(lockFile), 'utf8')).packages;
}

async function install() {
  if (process.env.NODE_ENV === 'production' && packagesOf('node_modules/.package-lock.json')) {
    const [missing] = missingPackages(() => true);
    throw new SetupError(
      `node_modules lacks ${missing}, and nothing is installed over it where NODE_ENV is production. Install with: npm ci --include=dev`,
    );
  }
  // Under npm run this names the npm that runs; another package manager would not read the lock file.
  const npm = process.env.npm_execpath;
  const program = npm && /npm-cli\.c?js$/.test(npm) ? [process.execPath, npm] : ['npm'];
  const cache = process.env.npm_config_cache;
  const env = cache && !isWritable(cache) ? { npm_config_cache: join(tmpdir(), `npm-cache-${userInfo().uid}`) } : {};
  // What builds is needed here, also where NODE_ENV=production would leave it out.
  await run('Installing packages', [...program, 'ci', '--include=dev'], env);
}

/** Whether a file can be made at `directory`, which may have to be created. */
function isWritable(directory) {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch (error) {
    return error.code === 'ENOENT' && dirname(directory) !== directory && isWritable(dirname(directory));
  }
}
