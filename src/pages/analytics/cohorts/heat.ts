/** The depth of a figure's colour: a step from 0 to 8, for which the style sheet defines the colour. */

export const deepest = 8;

/** The step of each value; missing values have none. Negative values have step 0. */
export function heatOf(values: readonly (number | null)[], most = Math.max(0, ...values.map((value) => value ?? 0))) {
  return values.map((value) => {
    if (value === null) return undefined;
    return most <= 0 ? 0 : Math.round((Math.max(value, 0) / most) * deepest);
  });
}
