/** Why a process cannot start, in one line for the person who starts it; anything else is a defect with a stack. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}
