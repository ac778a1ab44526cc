#!/usr/bin/env node
/** What `npx deskgraph` runs: the gateway for `start`, else the command line. */
if (process.argv[2] === 'start') await import('./main.js');
else await import('./cli/main.js');
