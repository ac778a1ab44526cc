#!/usr/bin/env node
/** The entry point of `npx deskgraph`: `start` runs the gateway, anything else the command line. */
if (process.argv[2] === 'start') await import('./main.js');
else await import('./cli/main.js');
