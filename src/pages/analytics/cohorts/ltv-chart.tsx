import {
  CategoryScale,
  Chart,
  type ChartConfiguration,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import { useEffect, useRef, useState } from 'preact/hooks';
import { colourOf, ink, useDarkness } from '../colours.js';
import { majorUnits, money, roughMoney } from '../format.js';
import type { LtvCohort } from './month-table.js';

Chart.register(CategoryScale, LinearScale, LineController, LineElement, PointElement, Tooltip);

interface LtvChartProps {
  cohorts: readonly LtvCohort[];
  currency: string;
}

/**
 * Curves of cumulative lifetime value per customer, one for each cohort. A curve ends at the latest month of its
 * cohort.
 */
export function LtvChart({ cohorts, currency }: LtvChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDark = useDarkness();
  const [month, setMonth] = useState<number | null>(null);
  const chart = useRef<Chart<'line', (number | null)[], number>>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const drawn = new Chart(canvas.current, configurationOf(cohorts, currency, isDark, setMonth));
    chart.current = drawn;
    return () => drawn.destroy();
  }, [cohorts, currency, isDark]);
  useEffect(() => {
    const points = cohorts.map((_, datasetIndex) => ({ datasetIndex, index: month ?? -1 }));
    chart.current?.setActiveElements(
      points.filter(({ datasetIndex, index }) => cohorts[datasetIndex]?.months[index]?.cumulativeLtv),
    );
    chart.current?.update('none');
  }, [cohorts, month]);

  const lived = livedBy(cohorts);
  return (
    <figure class="chart">
      <figcaption id="curves">Cumulative lifetime value per customer, by month since they were won</figcaption>
      <div class="canvas">
        <canvas
          ref={canvas}
          role="img"
          aria-labelledby="curves"
          aria-describedby="legend"
          data-testid="curves"
          onMouseLeave={() => setMonth(null)}
        />
      </div>
      <label class="cursor">
        <span>{month === null ? 'Latest figure of each' : `By the end of month ${month}`}</span>
        <input
          type="range"
          min={-1}
          max={lived - 1}
          value={month ?? -1}
          aria-valuetext={month === null ? 'Latest figure of each cohort' : `Month ${month}`}
          onInput={(event) => {
            const place = Number(event.currentTarget.value);
            setMonth(place < 0 ? null : place);
          }}
        />
      </label>
      <ul class="legend" id="legend">
        {cohorts.map(({ startsOn, label, months }, place) => {
          const at = month === null ? months.findLast(({ cumulativeLtv }) => cumulativeLtv) : months[month];
          return (
            <li key={startsOn}>
              <span class="swatch" style={{ background: colourOf(place, cohorts.length, isDark) }} />
              <span>{label}</span>
              <output>{at?.cumulativeLtv ? money(at.cumulativeLtv) : 'not yet'}</output>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}

/** How many months the oldest cohort has. */
const livedBy = (cohorts: readonly LtvCohort[]): number =>
  Math.max(...cohorts.map(({ months }) => months.filter(({ cumulativeLtv }) => cumulativeLtv).length));

function configurationOf(
  cohorts: readonly LtvCohort[],
  currency: string,
  isDark: boolean,
  onMonth: (month: number | null) => void,
): ChartConfiguration<'line', (number | null)[], number> {
  const { text, grid } = ink(isDark);
  return {
    type: 'line',
    data: {
      labels: Array.from({ length: livedBy(cohorts) }, (_, index) => index),
      datasets: cohorts.map(({ label, months }, place) => {
        const colour = colourOf(place, cohorts.length, isDark);
        return {
          label,
          data: months.map(({ cumulativeLtv }) => (cumulativeLtv ? majorUnits(cumulativeLtv) : null)),
          borderColor: colour,
          backgroundColor: colour,
          borderWidth: 2,
          pointRadius: 2.5,
          pointHoverRadius: 5,
          tension: 0,
          spanGaps: false,
          // The curves of newer cohorts are shorter, so they are drawn on top.
          order: cohorts.length - place,
        };
      }),
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      onHover: (_event, hit) => onMonth(hit[0]?.index ?? null),
      plugins: { tooltip: { enabled: false } },
      scales: {
        x: {
          title: { display: true, text: 'Months since', color: text },
          ticks: { color: text },
          grid: { color: grid },
        },
        y: {
          beginAtZero: true,
          ticks: { color: text, callback: (value) => roughMoney(Number(value), currency) },
          grid: { color: grid },
        },
      },
    },
  };
}
