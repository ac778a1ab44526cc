/**
 * The reason why a process cannot start, in one line for the operator. Any other error is a defect and is shown with a
 * stack.
 */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}
