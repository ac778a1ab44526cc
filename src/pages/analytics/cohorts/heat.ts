/** How deep the colour of a figure is among others: a step from 0 to 8, which the style sheet gives its colour. */

export const deepest = 8;

/** The step of each value, those that are not there having none. Negative values are as pale as 0. */
export function heatOf(values: readonly (number | null)[], most = Math.max(0, ...values.map((value) => value ?? 0))) {
  return values.map((value) => {
    if (value === null) return undefined;
    return most <= 0 ? 0 : Math.round((Math.max(value, 0) / most) * deepest);
  });
}
