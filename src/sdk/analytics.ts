import type {
  GetAnalyticsOverviewAnswer,
  GetAnalyticsTimeseriesAnswer,
  GetTopCountriesAnswer,
} from './generated/answers.js';
import type {
  GetAnalyticsOverviewQuery,
  GetAnalyticsTimeseriesQuery,
  GetTopCountriesQuery,
} from './generated/requests.js';
import { withQuery } from './paths.js';
import type { RequestOptions, Transport } from './transport.js';

/** The analytics of TidySupport: counts for a period. */

export interface Analytics {
  overview(options?: GetAnalyticsOverviewQuery & RequestOptions): Promise<GetAnalyticsOverviewAnswer>;
  /** The counts of each day. */
  timeseries(options?: GetAnalyticsTimeseriesQuery & RequestOptions): Promise<GetAnalyticsTimeseriesAnswer>;
  topCountries(options?: GetTopCountriesQuery & RequestOptions): Promise<GetTopCountriesAnswer>;
}

const root = '/v1/analytics';

export function analyticsOf(send: Transport): Analytics {
  const ask =
    <Answer>(path: string) =>
    ({ from, to, ...options }: GetAnalyticsOverviewQuery & RequestOptions = {}): Promise<Answer> =>
      send<Answer>({ ...options, method: 'GET', path: withQuery(`${root}/${path}`, { from, to }) });
  return {
    overview: ask<GetAnalyticsOverviewAnswer>('overview'),
    timeseries: ask<GetAnalyticsTimeseriesAnswer>('events/timeseries'),
    topCountries: ask<GetTopCountriesAnswer>('top-countries'),
  };
}
