import type { PageViewerQuery } from '../../generated/pages/graphql.js';

/** The workspace that the key opens. */
export type Workspace = PageViewerQuery['viewer']['workspace'];
