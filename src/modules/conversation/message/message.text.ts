import { textWithoutQuote } from '../../../lib/mail/quote.js';
import { createSeries } from '../../../lib/process/series.js';

/** Up to so many characters it takes less than a millisecond. */
const shortLength = 2_000;
const inSeries = createSeries();

/** What the author of a text wrote, without quotes and signature. Long texts are read one at a time. */
export const ownText = (text: string): string | Promise<string> =>
  text.length <= shortLength ? textWithoutQuote(text) : inSeries(() => textWithoutQuote(text));
