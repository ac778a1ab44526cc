/** Functions that each create something from the same parts. */
type Makers<Parts> = Readonly<Record<string, (parts: Parts) => unknown>>;

/** What these functions create, by their names. */
export type Made<All extends Makers<never>> = { readonly [Name in keyof All]: ReturnType<All[Name]> };

/**
 * Creates objects whose properties are computed on first access, from the parts that the object was given. The getters
 * are on a prototype shared by all these objects, because defining them for each object would cost more than it saves.
 */
export function lazily<Parts, All extends Makers<Parts>>(makers: All): (parts: Parts) => Made<All> {
  class Lazy {
    constructor(readonly parts: Parts) {}
  }
  for (const [name, make] of Object.entries(makers)) {
    Object.defineProperty(Lazy.prototype, name, {
      get(this: Lazy) {
        const value = make(this.parts);
        Object.defineProperty(this, name, { value });
        return value;
      },
    });
  }
  // The compiler does not see the getters.
  return (parts) => new Lazy(parts) as Lazy & Made<All>;
}
