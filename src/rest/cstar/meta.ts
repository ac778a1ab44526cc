import { z } from 'zod';
import { currentRequest } from '../../lib/observe/request.js';
import { time, timeSchema } from '../time.js';

/** The metadata of one cStar response. */
export interface Meta {
  requestId: string;
  timestamp: string;
}

export const metaNow = (): Meta => ({
  requestId: currentRequest()?.id ?? '',
  timestamp: time(new Date().toISOString()),
});

export const requestId = z.string().describe('The same as the header X-Request-ID.');
export const metaShape = { requestId, timestamp: timeSchema.describe('When the response was sent.') };
export const metaSchema = z.strictObject(metaShape).meta({ id: 'CstarMeta' });

export const metaExample: Meta = { requestId: 'req_abc123', timestamp: '2026-03-13T10:00:00Z' };
