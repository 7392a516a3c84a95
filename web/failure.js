/** An error with a code that the page has words for. */
export class SegueError extends Error {
  /**
   * @param {import("./protocol.d.ts").ErrorCode} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "SegueError";
    this.code = code;
  }
}

/**
 * Any failure as one with a code.
 * @param {unknown} cause
 * @returns {SegueError}
 */
export function asSegueError(cause) {
  if (cause instanceof SegueError) return cause;
  const { code, message } = /** @type {{code?: any, message?: string}} */ (cause ?? {});
  return new SegueError(code ?? "internal", message ?? String(cause));
}
