/** One message of a server-sent event stream. */
export interface SseMessage {
  event: string;
  /** The message's own; one without a number does not inherit that of the message before. */
  id: string | undefined;
  data: string;
}

// Our largest message is a snapshot of a few kilobytes; a stream that never ends a line is broken or hostile.
const BUFFER_CHARACTERS_MAX = 1024 * 1024;

/** Splits the text of an event stream into messages, whatever the chunk borders. Comments are dropped. */
export class SseParser {
  private buffer = "";
  private event = "";
  private id: string | undefined;
  private data: string[] = [];

  push(text: string): SseMessage[] {
    this.buffer += text;
    if (this.buffer.length > BUFFER_CHARACTERS_MAX) throw new Error("event stream line is too long");
    const messages: SseMessage[] = [];
    let match: RegExpExecArray | null;
    // A lone CR at the end of the buffer may be the first half of CRLF: wait for the next chunk.
    while ((match = /\r\n|\n|\r(?!$)/.exec(this.buffer))) {
      const line = this.buffer.slice(0, match.index);
      this.buffer = this.buffer.slice(match.index + match[0].length);
      const message = this.line(line);
      if (message) messages.push(message);
    }
    return messages;
  }

  private line(line: string): SseMessage | undefined {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.event = value;
    else if (field === "data") this.data.push(value);
    else if (field === "id" && !value.includes("\0")) this.id = value;
    return undefined;
  }

  private dispatch(): SseMessage | undefined {
    const { event, id, data } = this;
    this.event = "";
    this.id = undefined;
    this.data = [];
    if (data.length === 0) return undefined;
    return { event: event || "message", id, data: data.join("\n") };
  }
}
