const maxPreviewLength = 140;

/** The beginning of a message on one line: at most 140 characters, "..." where it was cut. */
export function previewOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const characters = Array.from(line);
  if (characters.length <= maxPreviewLength) return line;
  const cut = characters.slice(0, maxPreviewLength - 3).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return `${lastSpace > maxPreviewLength / 2 ? cut.slice(0, lastSpace) : cut}...`;
}
