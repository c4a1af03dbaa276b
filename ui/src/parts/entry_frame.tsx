// The frame of the pages before a login: one card.
import type { ComponentChildren } from "preact";
import { Head } from "./basics";
import { Brand } from "./brand";
import { Foot } from "./choices";

export function EntryFrame({ title, text, children, others }: { title: string; text?: ComponentChildren; children?: ComponentChildren; others?: ComponentChildren }) {
  return (
    <div class="entry">
      <header>
        <Brand to="/login" />
      </header>
      <main class="entry-card">
        <Head title={title}>{text}</Head>
        {children}
        {others && <div class="others">{others}</div>}
      </main>
      <Foot />
    </div>
  );
}
