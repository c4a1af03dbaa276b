// The smallest parts of the pages.
import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../api/client";
import { date_time, problem_text, relative, sentence, t } from "../i18n/words";

type Children = { children?: ComponentChildren };

// The heading of a page. It names the document, and takes the focus when the page appears, so that a
// screen reader begins there; but for a page whose first field is all that matters.
export function Head({ title, children, action }: Children & { title: string; action?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · PodPlay`;
  }, [title]);
  useEffect(() => {
    const field = document.querySelector<HTMLElement>("main [autofocus]");
    (field ?? heading.current)?.focus({ preventScroll: true });
  }, []);
  return (
    <div class="head">
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children && <p>{children}</p>}
      </div>
      {action}
    </div>
  );
}

export function Card({ title, help, action, danger, children }: Children & { title?: string; help?: ComponentChildren; action?: ComponentChildren; danger?: boolean }) {
  return (
    <section class={danger ? "card danger" : "card"}>
      {title && (
        <header>
          <div class="grow">
            <h2>{title}</h2>
            {help && <p class="soft small">{help}</p>}
          </div>
          {action}
        </header>
      )}
      {children}
    </section>
  );
}

export type Tone = "" | "ok" | "warn" | "danger";

export function Notice({ tone = "", children }: Children & { tone?: Tone }) {
  return <div class={`notice ${tone}`}>{children}</div>;
}

export function Badge({ tone = "", children }: Children & { tone?: Tone }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

// What went wrong, and what to do. A screen reader says it at once.
export function Trouble({ error }: { error: unknown }) {
  if (error === undefined || error === null) {
    return null;
  }
  const problem = error instanceof Problem ? error : new Problem(0, { code: "defect", detail: String(error) });
  const wait = problem.retry_after;
  return (
    <div class="notice danger" role="alert">
      <p>{sentence(problem_text(problem))}</p>
      {wait > 0 && <p class="small">{t("problem.retry", { when: relative(new Date(Date.now() + wait * 1000).toISOString()) })}</p>}
      {problem.remedy && wait === 0 && <p class="small">{sentence(problem.remedy)}</p>}
    </div>
  );
}

export function Time({ at, otherwise = "" }: { at: string | undefined | null; otherwise?: string }) {
  if (!at || at.startsWith("1970-")) {
    return <>{otherwise}</>;
  }
  return (
    <time dateTime={at} title={date_time(at)} class="nowrap">
      {relative(at)}
    </time>
  );
}

// A button whose work takes time: it cannot be pressed twice, and keeps the focus meanwhile.
export function Button({ work, children, ...more }: Children & { work: () => Promise<unknown> | undefined } & Omit<ButtonHTMLAttributes<HTMLButtonElement>, "onClick">) {
  const [busy, set_busy] = useState(false);
  async function press() {
    if (busy) {
      return;
    }
    set_busy(true);
    try {
      await work();
    } finally {
      set_busy(false);
    }
  }
  return (
    <button type="button" {...more} aria-disabled={busy} onClick={press}>
      {busy && <span class="spin" />}
      {children}
    </button>
  );
}

export function Copy({ text, label }: { text: string; label?: string }) {
  const [done, set_done] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(text);
    set_done(true);
    setTimeout(() => set_done(false), 2000);
  }
  return (
    <button type="button" class="small" onClick={copy}>
      <span aria-live="polite">{done ? t("copied") : (label ?? t("copy"))}</span>
    </button>
  );
}

// An address, which breaks before its @ where it must.
export function Address({ of }: { of: string | undefined }) {
  const [name = "", ...domain] = (of ?? "").split("@");
  return (
    <>
      {name}
      {domain.length > 0 && (
        <>
          <wbr />@{domain.join("@")}
        </>
      )}
    </>
  );
}

// Something that is shown once.
export function Secret({ text, name }: { text: string; name: string }) {
  return (
    <div class="secret">
      <span class="unseen">{name}: </span>
      <code>{text}</code>
      <Copy text={text} />
    </div>
  );
}

// A QR code as the server drew it: the path of its dark modules. Always dark on white, since cameras
// want that.
export function Qr({ path, size, label }: { path: string; size: number; label: string }) {
  return (
    <figure class="qr">
      <svg viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges" role="img" aria-label={label}>
        <path d={path} />
      </svg>
    </figure>
  );
}

export function Meter({ value, tone = "", label }: { value: number; tone?: Tone; label: string }) {
  const percent = Math.min(100, Math.max(0, Math.round(value * 100)));
  return (
    // biome-ignore lint/a11y/useSemanticElements: browsers draw <meter> each in their own way
    <div class={`meter ${tone}`} role="meter" aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} aria-label={label}>
      <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect width={percent} height="1" />
      </svg>
    </div>
  );
}

export const Waiting = () => <div class="waiting" role="status">{t("loading")}</div>;

// Offers a text as a file.
export function save_file(name: string, content: Blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
