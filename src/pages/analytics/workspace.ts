import type { PageViewerQuery } from '../../generated/pages/graphql.js';

/** The workspace of the key. */
export type Workspace = PageViewerQuery['viewer']['workspace'];
