/**
 * An e-mail address as people have them: any characters but those that part addresses from each other and from the rest
 * of a header, and a domain with a dot. Quoted local parts, which nobody has, are none.
 */
const form =
  /^[^\s@<>()[\]\\,;:"\p{Cc}]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])$/u;

const maxLength = 320;

export const isEmail = (address: string): boolean =>
  address.length <= maxLength && form.test(address) && !/^\.|\.\.|\.@/.test(address);
