/** Splits a stream of bytes into lines. A line longer than the limit is left out and counted; the next one is read again. */
export class LineSplitter {
  #parts: Buffer[] = [];
  #length = 0;
  #skipping = false;

  constructor(
    private readonly limit: number,
    private readonly onLine: (line: string) => void,
    private readonly onTooLong: () => void,
  ) {}

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.#take(chunk.subarray(from, end));
      this.#finish();
      from = end + 1;
    }
    this.#take(chunk.subarray(from));
  }

  #take(part: Buffer): void {
    if (this.#skipping || part.length === 0) return;
    this.#length += part.length;
    if (this.#length > this.limit) {
      this.#skipping = true;
      this.#parts = [];
      this.onTooLong();
    } else {
      this.#parts.push(part);
    }
  }

  #finish(): void {
    const line = this.#skipping ? '' : Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#length = 0;
    this.#skipping = false;
    if (line.trim() !== '') this.onLine(line);
  }
}
