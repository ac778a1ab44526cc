import { z } from 'zod';

/** Times as the documents write them, in whole seconds: 2026-03-13T10:00:00Z. */
export const time = (value: string): string => `${value.slice(0, 19)}Z`;
export const timeOrNull = (value: string | null | undefined): string | null => (value == null ? null : time(value));

export const timeSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .meta({ format: 'date-time' });
