// As much IMAP (RFC 9051) as the tests need: log in, and read all messages of the inbox.
import { connect, type TLSSocket } from "node:tls";

export class Imap {
  private text = "";
  private number = 0;
  private waiting: (() => void) | undefined;

  private constructor(private readonly socket: TLSSocket) {
    socket.setEncoding("latin1");
    socket.on("data", (data: string) => {
      this.text += data;
      this.waiting?.();
    });
    socket.on("error", () => this.waiting?.());
    socket.on("close", () => this.waiting?.());
  }

  static connect(port: number): Promise<Imap> {
    return new Promise((resolve, reject) => {
      // The certificate is the concern of other tests.
      const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => resolve(new Imap(socket)));
      socket.setTimeout(20_000, () => socket.destroy());
      socket.once("error", reject);
    });
  }

  // Everything up to the answer with the command's tag.
  private async command(words: string): Promise<{ ok: boolean; text: string }> {
    this.number += 1;
    const tag = `t${this.number}`;
    this.text = "";
    this.socket.write(`${tag} ${words}\r\n`);
    const end = new RegExp(`^${tag} (\\w+)[^\\r\\n]*\\r\\n`, "m");
    for (;;) {
      const found = end.exec(this.text);
      if (found) {
        return { ok: found[1] === "OK", text: this.text };
      }
      if (this.socket.destroyed) {
        throw new Error(`IMAP ended after ${words.split(" ")[0]}: ${this.text}`);
      }
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
  }

  async login(email: string, password: string): Promise<boolean> {
    const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
    return (await this.command(`LOGIN ${quoted(email)} ${quoted(password)}`)).ok;
  }

  async messages(): Promise<string[]> {
    await this.command("SELECT INBOX");
    const { text } = await this.command("FETCH 1:* (BODY.PEEK[])");
    return text.split(/^\* \d+ FETCH /m).slice(1);
  }

  end() {
    this.socket.end("t0 LOGOUT\r\n");
    this.socket.destroySoon();
  }
}
